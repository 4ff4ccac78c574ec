"""How good predictions are: `python3 build/dev.py predictions [FOLDER]`.

Only on pictures of folders that the model was not fitted on (`TEST_FOLDERS`). For each way: the mean ratio per
pair of formats, as a baseline, then the header, the trial on tiles, and the same after own results. Every figure is
median / 90th percentile of the absolute percentage error, and the error of the sum. Own results are the user's rows
of other files; twenty random splits.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from fit_batches import results_of
from fitting import quantile
from prediction_data import cache_of, draw
from prediction_rows import TEST_FOLDERS, Row, rows_of
from prediction_table import curve_svg, print_costs, print_curve, print_markdown, print_table
from prediction_totals import print_coverage, print_totals
from prediction_trial import print_trial

from plume_app.domain.compression.estimate import Estimate, estimate
from plume_app.domain.compression.learning import Learned, learn
from plume_app.domain.compression.model import shipped

_SPLITS = 20
_OWN_ROWS = 50
_CURVE = (0, 2, 5, 10, 20, 50, 100)
_LEAST = 10


@dataclass(frozen=True, slots=True)
class Told:
    """A prediction and what came: `low` to `high` is the interval; times are milliseconds."""

    size: float
    low: float
    high: float
    actual: int
    ms: float
    actual_ms: float

    @property
    def off(self) -> float:
        """Absolute error of the size, a share."""
        return abs(self.size / self.actual - 1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares (0.03 is 3 %) of one way of predicting over some rows."""

    median: float
    p90: float
    total: float
    coverage: float
    width: float
    time: float


def main(arguments: list[str]) -> int:
    """Judge and print; the exit status."""
    parser = argparse.ArgumentParser(prog="dev.py predictions", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=os.environ.get("PLUME_CORPUS"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--seconds", type=float, default=900, help="CPU time for drawing what is missing")
    parser.add_argument("--svg", type=Path, help="where to draw the learning curve")
    parser.add_argument("--again", action="store_true", help="look at the pictures anew: features or trials changed")
    parser.add_argument("--trial", action="store_true", help="only what a user sees, by the command line: a minute")
    chosen = parser.parse_args(arguments)
    if chosen.folder is None:
        print("Name a folder of pictures, or set PLUME_CORPUS.", file=sys.stderr)
        return 2
    folder = Path(chosen.folder)
    if chosen.trial:
        return print_trial(folder)
    rows = rows_of(draw(folder, chosen.cache or cache_of(folder), chosen.seconds, again=chosen.again))
    seen = [row for row in rows if row.folder not in TEST_FOLDERS]
    if not (unseen := [row for row in rows if row.folder in TEST_FOLDERS]):
        print(f"None of these folders is there: {', '.join(TEST_FOLDERS)}.", file=sys.stderr)
        return 1
    report(seen, unseen, chosen.svg)
    return 0


def report(seen: list[Row], unseen: list[Row], svg: Path | None) -> None:
    """Print all of it."""
    folders = sorted({row.folder for row in unseen})
    files = len({row.source for row in unseen})
    print(f"{len(unseen)} predictions for {files} files of the folders {', '.join(folders)}\n")
    ratios = _ratios(seen)
    print_table([(name, len(members), _cells(members, ratios)) for name, members in _groups(unseen).items()])
    print_markdown([(name, len(members), _cells(members, ratios)) for name, members in _by_target(unseen).items()])
    _by_distance(unseen)
    print_totals(unseen, _OWN_ROWS)
    print_coverage(unseen)
    print_costs([row.costs for row in unseen], [(row.target, row.settings.lossless) for row in unseen])
    curve = [(count, *_at(unseen, count)) for count in _CURVE]
    print_curve(curve)
    if svg is not None:
        svg.write_text(curve_svg(curve), encoding="utf-8")
        print(f"drawn to {svg}")


def _cells(rows: list[Row], ratios: _Ratios) -> dict[str, Figures | None]:
    return {
        "mean ratio": figures([_by_ratio(row, ratios) for row in rows]),
        "header": figures([_told(row, tried=False) for row in rows]),
        "tiles": figures([_told(row, tried=True) for row in rows]),
        "header, own": _split(rows, lambda row, own: _told(row, tried=False, own=own), _OWN_ROWS),
        "tiles, own": _split(rows, lambda row, own: _told(row, tried=True, own=own), _OWN_ROWS),
    }


def _by_distance(rows: list[Row]) -> None:
    """Is another quality than the one tried told as well? That is what moving the slider asks."""
    print("Photographs by tiles: at the quality tried, and at another; median / 90th percentile APE, in %")
    for target in ("jpeg", "webp", "png"):
        for at_it in (True, False):
            told = [
                _told(row, tried=True).off
                for row in rows
                if row.target == target and not row.graphic and row.probe is not None and row.probe.points
                if not row.settings.lossless and (row.probe.asked == row.settings.quality) == at_it
            ]
            if told:
                where = "tried" if at_it else "another"
                shares = f"{100 * median(told):5.1f}/{100 * quantile(told, 0.9):5.1f}"
                print(f"  to {target:5} {where:8} n {len(told):4}  {shares}")
    print()


def figures(told: Sequence[Told]) -> Figures:
    """The figures of some predictions."""
    offs = [one.off for one in told]
    return Figures(
        median(offs),
        quantile(offs, 0.9),
        sum(one.size for one in told) / sum(one.actual for one in told) - 1,
        fmean(one.low <= one.actual <= one.high for one in told),
        median((one.high - one.low) / one.size for one in told),
        median(abs(one.ms / one.actual_ms - 1) for one in told),
    )


def _groups(rows: list[Row]) -> dict[str, list[Row]]:
    several: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        kind = "graphics" if row.graphic else "photos"
        way = " lossless" if row.settings.lossless else ""
        several[f"{row.features.format} > {row.target}{way}, {kind}"].append(row)
    found = {name: members for name, members in sorted(several.items()) if len(members) >= _LEAST}
    for kind in ("photos", "graphics"):
        found[f"all, {kind}"] = [row for name, members in found.items() if name.endswith(kind) for row in members]
    return {name: members for name, members in found.items() if members}


def _by_target(rows: list[Row]) -> dict[str, list[Row]]:
    several: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        way = " without loss" if row.settings.lossless else ""
        several[f"{'graphics' if row.graphic else 'photographs'} to {row.target}{way}"].append(row)
    return {name: members for name, members in sorted(several.items(), reverse=True) if len(members) >= _LEAST}


def _told(row: Row, *, tried: bool, own: Learned | None = None) -> Told:
    return _as_told(row, estimate(row.features, row.settings, row.probe if tried else None, own))


def _as_told(row: Row, guess: Estimate) -> Told:
    return Told(guess.compressed_size, guess.low, guess.high, row.size, guess.time_ms, row.ms)


# The baseline: what the format pair gives on average, and an interval of constant width

_Ratios = dict[tuple[str, str, bool], tuple[float, float, float, float]]


def _ratios(rows: list[Row]) -> _Ratios:
    logs: dict[tuple[str, str, bool], list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        ms_per_pixel = math.log(max(0.1, row.ms) / row.features.pixels)
        logs[*row.formats, row.settings.lossless].append((math.log(row.size / row.features.file_size), ms_per_pixel))
    found = {}
    for key, several in logs.items():
        offs = [one for one, _ in several]
        mean = math.log(fmean(map(math.exp, offs)))
        found[key] = (mean, quantile(offs, 0.1), quantile(offs, 0.9), fmean(one for _, one in several))
    return found


def _by_ratio(row: Row, ratios: _Ratios) -> Told:
    mean, low, high, per_pixel = ratios.get((*row.formats, row.settings.lossless), (0.0, 0.0, 0.0, 0.0))
    size = row.features.file_size
    ends = size * math.exp(mean), size * math.exp(low), size * math.exp(high)
    return Told(*ends, row.size, row.features.pixels * math.exp(per_pixel), row.ms)


# Own results


def _split(rows: list[Row], tell: Callable[[Row, Learned], Told], count: int, seed: int = 5) -> Figures | None:
    """Means over random splits by file: `count` rows are the user's own, the others are told."""
    chance = random.Random(seed)  # noqa: S311
    several = []
    results = {id(row): results_of(row, shipped()) for row in rows}
    files = sorted({row.file for row in rows})
    for _ in range(_SPLITS if count else 1):
        chance.shuffle(files)
        own: list[Row] = []
        rest = list(files)
        while rest and len(own) < min(count, len(rows) // 2):
            name = rest.pop()
            own += [row for row in rows if row.file == name]
        told_rows = [row for row in rows if row.file in set(rest)]
        if not told_rows:
            return None
        learned = learn(result for row in own[:count] for result in results[id(row)])
        several.append(figures([tell(row, learned) for row in told_rows]))
    return Figures(*(fmean(abs(getattr(one, name)) for one in several) for name in Figures.__slots__))


def _at(rows: list[Row], count: int) -> tuple[float, float, float, float]:
    """Median error and error of the sum, after `count` own rows of each way: by header, by tiles."""
    found: list[list[Figures]] = [[], []]
    for name, members in _groups(rows).items():
        if name.startswith("all"):
            continue
        for at, tried in enumerate((False, True)):
            one = _split(members, lambda row, own, tried=tried: _told(row, tried=tried, own=own), count)  # type: ignore[misc]
            found[at] += [one] if one else []
    header, tiles = found
    return (
        fmean(one.median for one in header),
        fmean(abs(one.total) for one in header),
        fmean(one.median for one in tiles),
        fmean(abs(one.total) for one in tiles),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
