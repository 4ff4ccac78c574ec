"""Fit `plume_app/domain/compression/model.json`: `python3 build/dev.py fit [FOLDER]`.

FOLDER holds a folder for each kind of picture; those of `TEST_FOLDERS` are left out, for build/predictions.py.
Intervals come from fits that left the folder in question out. A second run takes the pictures drawn by the first
(`--cache`), so that trying another formula costs seconds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import sys
from collections import defaultdict
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from fit_batches import shared_errors
from fit_curves import curves_of, jump_bias
from fit_pair import LEAST_ROWS, pair_of
from prediction_data import cache_of, draw
from prediction_rows import IDENTITY, TEST_FOLDERS, Row, guess_of, rows_of

from plume_app.domain.compression import model as shipped_model
from plume_app.domain.compression.model import DrawnPair, name_of
from plume_app.domain.compression.routes import is_drawn

MODEL = Path(shipped_model.__file__).with_name("model.json")
_PACKAGES = ("Pillow", "pyvips-binary", "mozjpeg-lossless-optimization", "oxipng-pybind", "imagequant")


def main(arguments: list[str]) -> int:
    """Fit and write; the exit status."""
    parser = argparse.ArgumentParser(prog="dev.py fit", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=os.environ.get("PLUME_CORPUS"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seconds", type=float, default=900, help="CPU time for drawing what is missing")
    parser.add_argument("--output", type=Path, default=MODEL)
    parser.add_argument("--again", action="store_true", help="look at the pictures anew: features or trials changed")
    chosen = parser.parse_args(arguments)
    if chosen.folder is None:
        print("Name a folder of pictures, or set PLUME_CORPUS.", file=sys.stderr)
        return 2
    folder = Path(chosen.folder)
    records = draw(folder, chosen.cache or cache_of(folder), chosen.seconds, again=chosen.again)
    everything = rows_of(records)
    rows = [row for row in everything if row.folder not in TEST_FOLDERS and (_is_usual(row) or row.target == "png")]
    left_out = [row for row in everything if row.folder in TEST_FOLDERS]
    told = fitted(rows, left_out, json.loads(MODEL.read_text(encoding="utf-8")))
    chosen.output.write_text(_as_text(told), encoding="utf-8")
    print(f"{len(rows)} results of {len({row.source for row in rows})} files; wrote {chosen.output}")
    return 0


def _is_usual(row: Row) -> bool:
    """A photograph, or a graphic in a lossless format; of graphics as JPEG and lossy WebP, the rarer thing, a third.

    A header does not tell such graphics well, so more of them would bend what it says of photographs. Trials do:
    those of PNG, with ways of its own for drawings, are fitted on all.
    """
    drawn_lossily = row.graphic and row.features.source_quality is not None
    return not drawn_lossily or sum(row.source.encode()) % 3 == 0


def fitted(rows: list[Row], left_out: list[Row], before: dict[str, Any]) -> dict[str, Any]:
    """The model as JSON; what is not fitted is taken from `before`.

    The intervals of totals alone come from `left_out`, where there is any: what a batch shares is its folder.
    """
    told = _without_batches(rows, before)
    if not left_out:
        return told
    return told | {"shared_error": shared_errors(left_out, shipped_model.from_json(told))}


def _without_batches(rows: list[Row], before: dict[str, Any]) -> dict[str, Any]:
    usual = [row for row in rows if _is_usual(row)]
    curves, jump = curves_of(usual)
    told = before | {"curves": curves, "colour_jump": round(jump, 4), "provenance": _provenance(rows)}
    bare = shipped_model.from_json(told | {"pairs": {}, "colour_jump_bias": 0.0})
    trial = replace(bare, pairs={(*row.formats, way, False): IDENTITY for row in rows for way in (True, False)})
    bias = jump_bias(usual, trial)
    told |= {"colour_jump_bias": round(bias, 4), "colour_jump": round(max(0.0, jump - bias), 4)}
    trial = replace(trial, colour_jump=told["colour_jump"], colour_jump_bias=told["colour_jump_bias"])
    by_header: dict[DrawnPair, list[Row]] = defaultdict(list)
    by_trial: dict[DrawnPair, list[Row]] = defaultdict(list)
    for row in rows:
        found = guess_of(row, trial, tried=True)
        if not found.unchanged:
            if _is_usual(row):
                by_header[*row.formats, found.lossless, is_drawn(trial, row.features, None)].append(row)
            by_trial[*row.formats, found.lossless, is_drawn(trial, row.features, row.probe)].append(row)
    pairs = {}
    for pair in sorted({*by_header, *by_trial}):
        several, tried = (found.get(pair, []) for found in (by_header, by_trial))
        if max(len(several), len(tried)) < LEAST_ROWS:
            continue
        everything = [row for drawn in (False, True) for row in by_trial.get((*pair[:3], drawn), [])]
        enough = [found if len(found) >= LEAST_ROWS else everything for found in (several, tried)]
        pairs[name_of(pair)] = pair_of(pair, enough[0], enough[1], trial)
    return told | {"pairs": pairs}


def _provenance(rows: list[Row]) -> dict[str, Any]:
    return {
        "made_by": "python3 build/dev.py fit",
        "on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "rows": len(rows),
        "files": len({row.source for row in rows}),
        "folders": sorted({row.folder for row in rows}),
        "left_out": list(TEST_FOLDERS),
        "shared_error": "totals of files of the folders left out, which nothing else was fitted on",
        "effort": "balanced",
        "machine": f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}",
        "packages": {name: metadata.version(name) for name in _PACKAGES},
        "typical_plain_efforts": "from earlier measurements of the encoders; not fitted here",
    }


def _as_text(told: dict[str, Any]) -> str:
    """JSON with one short list on one line."""
    import re

    text = json.dumps(told, indent=1)
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
