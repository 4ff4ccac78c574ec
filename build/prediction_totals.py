"""How good totals are: their error, cold and after own results, and how often their interval holds what came."""

from __future__ import annotations

import random
from statistics import fmean, median

from fit_batches import SIZES, batches_of, coverage, foretold, foretold_by_halves, results_of
from prediction_rows import Row

from plume_app.domain.compression.estimate import estimate, total
from plume_app.domain.compression.learning import learn
from plume_app.domain.compression.model import shipped

_BATCH, _ROUNDS = 100, 60


def print_totals(rows: list[Row], own_rows: int) -> None:
    """Of batches of photographs to one format; `own_rows` of other files are the user's own."""
    photos = [row for row in rows if not row.graphic]
    print("Totals of batches of 100 photographs: median |error| of the sum")
    for target in ("jpeg", "webp", "png"):
        of_target = [row for row in photos if row.target == target]
        for tried in (False, True):
            cells = [
                f"{name} {_error(of_target, count, tried=tried):6.1%}"
                for name, count in (("cold", 0), ("warm", own_rows))
            ]
            print(f"  to {target:5} by {'tiles ' if tried else 'header'}  {'   '.join(cells)}")
    print()


def _error(rows: list[Row], own_rows: int, *, tried: bool) -> float:
    chance = random.Random(11)  # noqa: S311 - a fixed order, no secret
    files = sorted({row.file for row in rows})
    errors = []
    for _ in range(_ROUNDS):
        own_files = set(chance.sample(files, len(files) // 2))
        own = [row for row in rows if row.file in own_files]
        batch = [row for row in rows if row.file not in own_files]
        own = chance.sample(own, min(own_rows, len(own)))
        batch = chance.sample(batch, min(_BATCH, len(batch)))
        learned = learn(result for row in own for result in results_of(row, shipped()))
        guess = total(estimate(row.features, row.settings, row.probe if tried else None, learned) for row in batch)
        errors.append(abs(guess.compressed_size / sum(row.size for row in batch) - 1))
    return median(errors)


def print_coverage(rows: list[Row]) -> None:
    """How often the interval of a total holds the sum: of batches from one to three folders, to one format.

    How wide it is was fitted on such totals; the sizes were not.
    """
    print("Totals inside their interval (80 % is promised, and fitted on such totals), by files in a batch")
    model = shipped()
    for name, tried in (("header", False), ("tiles", True)):
        cold, warm = foretold(rows, model, tried=tried), foretold_by_halves(rows, model, tried=tried)
        for state, several in (("cold", cold), ("warm", warm)):
            shares = [coverage(batches_of(several, size, seed=17)) for size in SIZES]
            cells = "   ".join(f"{size}: {share:4.0%}" for size, share in zip(SIZES, shares, strict=True))
            print(f"  {name:6} {state}  {cells}   mean {fmean(shares):4.0%}")
    print()
