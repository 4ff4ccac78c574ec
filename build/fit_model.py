"""Fit `plume_app/domain/compression/model.json`: `python3 build/dev.py fit [FOLDER]`.

FOLDER holds a folder for each kind of picture; those of `TEST_FOLDERS` are left out, for build/predictions.py.
Intervals come from fits that left the folder in question out. A second run takes the pictures drawn by the first
(`--cache`), so that trying another formula costs seconds.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import platform
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

from fitting import quantile, ridge
from prediction_data import cache_of, draw
from prediction_rows import IDENTITY, TEST_FOLDERS, Row, guess_of, is_own_way, rows_of

from plume_app.domain.compression import model as shipped_model
from plume_app.domain.compression.estimate import Estimate, total
from plume_app.domain.compression.model import Model, name_of
from plume_app.domain.compression.routes import LOG_BITS_OF_A_MEGAPIXEL, inputs_of, is_drawn, is_whole

MODEL = Path(shipped_model.__file__).with_name("model.json")
_KNOTS = (40, 45, 50, 55, 60, 65, 70, 75, 78, 80, 82, 84, 86, 88, 89, 90, 91, 92, 93, 94, 95)
_OUTSIDE = (1, 5, 10, 20, 30, 98, 100)
_LEAST_ROWS = 8
_ENOUGH_FOLDERS, _FOLDS = 4, 5
_OPTIMISM = 2.0  # how much smaller errors look on the rows that were fitted
_FAR = 0.02  # of the curve's unit: nearer qualities are as good as tried
_UNTRIED = 0.1  # the width of what tiles say where too few pictures tell
_ABSURD = 1.2  # a fit without a folder can lose its footing; no interval is wider than this
_FILE_MS = 2.0
_LOWEST, _HIGHEST = 0.1, 0.9
_PACKAGES = ("Pillow", "pyvips-binary", "mozjpeg-lossless-optimization", "oxipng-pybind", "imagequant")

Columns = Callable[[Row], list[float]]


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
    rows = [row for row in rows_of(records) if row.folder not in TEST_FOLDERS and _is_usual(row)]
    told = fitted(rows, json.loads(MODEL.read_text(encoding="utf-8")))
    chosen.output.write_text(_as_text(told), encoding="utf-8")
    print(f"{len(rows)} results of {len({row.source for row in rows})} files; wrote {chosen.output}")
    return 0


def _is_usual(row: Row) -> bool:
    """A photograph, or a graphic in a lossless format; of graphics as JPEG and lossy WebP, the rarer thing, a third."""
    drawn_lossily = row.graphic and row.features.source_quality is not None
    return not drawn_lossily or sum(row.source.encode()) % 3 == 0


def fitted(rows: list[Row], before: dict[str, Any]) -> dict[str, Any]:
    """The model as JSON; what is not fitted is taken from `before`."""
    curves, jump = _curves(rows)
    told = before | {"curves": curves, "colour_jump": round(jump, 4), "provenance": _provenance(rows)}
    several: dict[shipped_model.DrawnPair, list[Row]] = defaultdict(list)
    bare = shipped_model.from_json(told | {"pairs": {}, "colour_jump_bias": 0.0})
    trial = replace(bare, pairs=dict.fromkeys(_pairs(rows), IDENTITY))
    bias = _jump_bias(rows, trial)
    told |= {"colour_jump_bias": round(bias, 4), "colour_jump": round(max(0.0, jump - bias), 4)}
    trial = replace(trial, colour_jump=told["colour_jump"], colour_jump_bias=told["colour_jump_bias"])
    for row in rows:
        found = guess_of(row, trial, tried=True)
        if not found.unchanged:
            several[*row.formats, found.lossless, is_drawn(row.features, row.probe)].append(row)
    pairs = {}
    for pair, members in sorted(several.items()):
        if len(members) >= _LEAST_ROWS:
            pairs[name_of(pair)] = _pair(pair, members, trial)
    told["pairs"] = pairs
    told["shared_error"] = _shared(rows, shipped_model.from_json(told), before["shared_error"])
    return told


def _pairs(rows: Sequence[Row]) -> set[shipped_model.DrawnPair]:
    return {(*row.formats, lossless, False) for row in rows for lossless in (True, False)}


def _jump_bias(rows: list[Row], trial: Model) -> float:
    """How much too large the jump of colour comes out, of photographs that were tried on its other side."""
    offs = []
    for row in rows:
        probe, quality = row.probe, row.settings.quality
        if row.target != "jpeg" or row.settings.lossless or probe is None or probe.is_calm or not probe.points:
            continue
        switch = probe.full_colour_from
        if 1 < switch <= 100 and (probe.asked < switch) != (quality < switch):
            off = guess_of(row, trial, tried=True).log - row.log_image
            offs.append(off if quality >= switch else -off)
    return median(offs) if len(offs) >= _LEAST_ROWS else 0.0


# The curves


def _curves(rows: list[Row]) -> tuple[dict[str, dict[str, float]], float]:
    """The mean of the logarithms by quality, each picture free to be as large as it is; and the jump of colour."""
    curves, jump = {}, 0.0
    for target in ("jpeg", "webp", "png"):
        tries: dict[str, dict[int, float]] = defaultdict(dict)
        switching: set[str] = set()
        for row in rows:
            if row.target != target or row.settings.lossless or row.probe is None or not row.probe.points:
                continue
            key = f"{row.source} {row.probe.asked}"
            if target == "png":  # the trial knows one quality only
                tries[key][row.settings.quality] = row.log_image
            else:
                tries[key] |= dict(row.probe.points)
            if target == "jpeg" and 1 < row.probe.full_colour_from <= 100:
                switching.add(key)
        curves[target], steps = _mean_curve(tries, switching)
        jump = steps if target == "jpeg" else jump
    return curves, jump


def _mean_curve(tries: dict[str, dict[int, float]], switching: set[str]) -> tuple[dict[str, float], float]:
    """By differences from each picture's own mean; the last weight is the jump of those in `switching`."""
    columns, targets = [], []
    for key, points in tries.items():
        if len(points) < 2:
            continue
        shapes = [[*_shape(quality), float(key in switching and quality >= 90)] for quality in points]
        means = [sum(column) / len(shapes) for column in zip(*shapes, strict=True)]
        level = sum(points.values()) / len(points)
        for shape, log in zip(shapes, points.values(), strict=True):
            columns.append([1.0, *(value - mean for value, mean in zip(shape, means, strict=True))])
            targets.append(log - level)
    _, *weights = ridge(columns, targets, strength=0.1)
    knots = {quality: _dot(weights[:-1], _shape(quality)) for quality in _KNOTS}
    low, high = _KNOTS[0], _KNOTS[-1]
    per_log = (knots[high] - knots[low]) / math.log(_scale(low) / _scale(high))
    for quality in _OUTSIDE:
        near = low if quality < low else high
        knots[quality] = knots[near] + per_log * math.log(_scale(near) / _scale(quality))
    return {str(quality): round(knots[quality] - knots[80], 4) for quality in sorted(knots)}, weights[-1]


def _scale(quality: int) -> float:
    """libjpeg's: percent of the tables' steps."""
    return 5000 / quality if quality < 50 else max(200 - 2 * quality, 2)


def _shape(quality: int) -> list[float]:
    """What the curve is a sum of; libwebp's strength has a corner at 75."""
    at = math.log(_scale(80) / _scale(quality))
    return [at, at * at, at**3, max(0.0, at - math.log(_scale(80) / _scale(75)))]


# One pair


def _pair(pair: shipped_model.DrawnPair, rows: list[Row], trial: Model) -> dict[str, Any]:
    curve = trial.curves.get(pair[1])
    at: Callable[[Row], float] = lambda row: 0.0 if pair[2] or curve is None else curve[row.settings.quality]  # noqa: E731
    tried = {id(row): guess_of(row, trial, tried=True) for row in rows}
    own = [row for row in rows if is_own_way(row, tried[id(row)].log if tried[id(row)].measured else None)]
    own = own if len(own) >= _LEAST_ROWS else rows
    told: dict[str, Any] = {"rows": len(own)}

    clips = [_clip([row.features.log_bpp for row in own]), _clip([row.features.log_megapixels for row in own])]

    def header_columns(row: Row) -> list[float]:
        known = row.features.source_quality
        source = 0.0 if known is None or curve is None else curve[known]
        inputs = inputs_of(row.features, source, (clips[0], clips[1]))
        quality = at(row)
        beyond = max(0.0, quality - source) if known is not None and not pair[2] else 0.0
        below = quality - beyond
        return [*map(float, inputs), below, below * inputs[1], beyond]

    def bits_out(row: Row) -> float:
        jump = 0.0
        if pair[1] == "jpeg" and not pair[2] and row.settings.quality >= 90 and row.features.channels >= 3:
            jump = trial.colour_jump if row.features.subsampling in (None, "4:4:4") else 0.0
        return row.log_image + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels - jump

    weights = ridge([header_columns(row) for row in own], [bits_out(row) for row in own])
    count = len(weights) - 3
    told["header"] = {
        "inputs": [round(weight, 4) for weight in weights[:count]],
        "slopes": [round(weight, 4) for weight in weights[count:]],
        "clips": [[round(value, 3) for value in clip] for clip in clips],
    }
    header_errors = _left_out(own, header_columns, bits_out)
    told["header_range"] = _range(header_errors)

    def trial_columns(row: Row) -> list[float]:
        log = tried[id(row)].log
        return [1.0, log + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels, at(row)]

    def off(row: Row) -> float:
        return row.log_image - tried[id(row)].log

    measured = [row for row in own if tried[id(row)].measured]
    near = [row for row in measured if tried[id(row)].high == 0.0]
    tiles = [row for row in near if not _is_whole(row, pair[2])]
    whole = [row for row in near if _is_whole(row, pair[2])]
    told["tiles"], told["tiles_range"] = _correction(tiles, trial_columns, off)
    told["whole"], told["whole_range"] = [0.0, 0.0, 0.0], [-0.01, 0.01]
    if whole:
        told["whole_range"] = _range([off(row) for row in whole], least=0.004)
    width = max(map(abs, told["tiles_range"]))
    drifted = []
    for row in measured:
        distance = tried[id(row)].high
        if distance > _FAR:
            correction = told["whole"] if _is_whole(row, pair[2]) else told["tiles"]
            beyond = abs(off(row) - _dot(correction, trial_columns(row))) - width
            drifted.append(max(0.0, beyond) / distance)
    told["drift"] = round(quantile(drifted, 0.8), 3) if len(drifted) >= _LEAST_ROWS else 0.15
    told |= _time(rows, at)
    return told


def _is_whole(row: Row, lossless: bool) -> bool:
    return row.probe is not None and is_whole(row.probe, lossless=lossless)


def _correction(rows: list[Row], columns: Columns, target: Callable[[Row], float]) -> tuple[list[float], list[float]]:
    if len(rows) < _LEAST_ROWS:
        return [0.0, 0.0, 0.0], [-_UNTRIED, _UNTRIED]
    weights = ridge([columns(row) for row in rows], [target(row) for row in rows], strength=4.0)
    if weights[2] < 0:  # a size could fall where quality rises
        with_curve, columns = columns, lambda row: [*with_curve(row)[:2], 0.0]
        weights = ridge([columns(row) for row in rows], [target(row) for row in rows], strength=4.0)
    return [round(weight, 4) for weight in weights], _range(_left_out(rows, columns, target, strength=4.0), least=0.01)


def _left_out(rows: list[Row], columns: Columns, target: Callable[[Row], float], strength: float = 1.0) -> list[float]:
    """The errors of each folder's rows, by a fit on the others; by fifths of the files where there are few."""
    folders = {row.folder for row in rows}

    def group(row: Row) -> str:
        return row.folder if len(folders) >= _ENOUGH_FOLDERS else str(sum(row.source.split()[0].encode()) % _FOLDS)

    errors = []
    for left in sorted({group(row) for row in rows}):
        others = [row for row in rows if group(row) != left]
        if len(others) < _LEAST_ROWS:
            continue
        weights = ridge([columns(row) for row in others], [target(row) for row in others], strength)
        errors += [target(row) - _dot(weights, columns(row)) for row in rows if group(row) == left]
    if errors:
        return errors
    weights = ridge([columns(row) for row in rows], [target(row) for row in rows], strength)
    return [_OPTIMISM * (target(row) - _dot(weights, columns(row))) for row in rows]  # too few to leave any out


def _dot(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


def _clip(values: list[float]) -> tuple[float, float]:
    return round(quantile(values, 0.01), 3), round(quantile(values, 0.99), 3)


def _range(errors: list[float], least: float = 0.003) -> list[float]:
    low, high = quantile(errors, _LOWEST), quantile(errors, _HIGHEST)
    return [round(max(-_ABSURD, min(-least, low)), 4), round(min(_ABSURD, max(least, high)), 4)]


def _time(rows: list[Row], at: Callable[[Row], float]) -> dict[str, Any]:
    def columns(row: Row) -> list[float]:
        bits = row.log_image + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels
        return [1.0, row.features.log_megapixels, at(row), row.features.log_bpp, bits]

    def log_ms(row: Row) -> float:
        return math.log(max(0.3, row.ms - _FILE_MS))

    weights = ridge([columns(row) for row in rows], [log_ms(row) for row in rows])
    return {
        "time": [round(weight, 4) for weight in weights],
        "time_range": _range(_left_out(rows, columns, log_ms), least=0.05),
    }


# The batch


def _shared(rows: list[Row], model: Model, before: dict[str, float]) -> dict[str, float]:
    """How much of its error a batch shares: as much as makes eight of ten totals of one folder's files right."""
    found = dict(before)
    for basis, tried in (("typical", False), ("measured", True)):
        batches = _batches(rows, model, tried=tried)
        best = min((share / 50 for share in range(51)), key=lambda share: abs(_coverage(batches, share) - 0.8))
        found[basis] = round(best, 3)
    found["learned"] = round(found["typical"] / 2, 3)
    return found


def _batches(rows: list[Row], model: Model, *, tried: bool) -> list[list[tuple[Estimate, int]]]:
    from plume_app.domain.compression import estimate as estimating

    chance = random.Random(3)  # noqa: S311
    by_kind: dict[tuple[str, str, bool], list[tuple[Estimate, int]]] = defaultdict(list)
    for row in rows:
        guess = estimating.estimate_with(model, row.features, row.settings, row.probe if tried else None)
        by_kind[row.folder, row.target, row.settings.lossless].append((guess, row.size))
    kinds = [members for members in by_kind.values() if len(members) >= _LEAST_ROWS]
    return [chance.sample(members, min(len(members), chance.randint(8, 40))) for members in kinds for _ in range(6)]


def _coverage(batches: list[list[tuple[Estimate, int]]], share: float) -> float:
    inside = 0
    for batch in batches:
        told = total([guess for guess, _ in batch], shared=share)
        inside += told.low <= sum(size for _, size in batch) <= told.high
    return inside / max(1, len(batches))


# The file


def _provenance(rows: list[Row]) -> dict[str, Any]:
    return {
        "made_by": "python3 build/dev.py fit",
        "on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "rows": len(rows),
        "files": len({row.source for row in rows}),
        "folders": sorted({row.folder for row in rows}),
        "left_out": list(TEST_FOLDERS),
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
