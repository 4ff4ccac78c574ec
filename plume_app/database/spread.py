"""The histograms that aggregates.py keeps, as people read them: medians and wider buckets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SAVINGS_STEP = 10  # percent
ERROR_EDGES = tuple(range(-21, 22, 2))  # percent; the middle bucket is what was right within 1 %
_ALL_LEFT, _FINE_FROM, _FINE_UNTIL, _DOUBLE = 200, 900, 1100, 2000


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many files lie between `from_percent` and `to_percent`; None is without bound."""

    from_percent: int | None
    to_percent: int | None
    files: int


def median_savings(left: Mapping[int, int]) -> float | None:
    """The middle file's saving in percent, to a quarter of one; below zero when it grew. None without files."""
    found = _middle([(100 - (bucket + 1) / 2, 100 - bucket / 2, files) for bucket, files in left.items()])
    return None if found is None else round(found, 1)


def savings_distribution(left: Mapping[int, int]) -> list[Bucket]:
    """First what grew or stayed as it was, then ten buckets, each without its lower bound and with its upper."""
    grew = sum(files for bucket, files in left.items() if bucket >= _ALL_LEFT)
    told = [Bucket(None, 0, grew)]
    for low in range(0, 100, SAVINGS_STEP):
        inside = range(2 * (100 - low - SAVINGS_STEP), 2 * (100 - low))
        told.append(Bucket(low, low + SAVINGS_STEP, sum(left.get(bucket, 0) for bucket in inside)))
    return told


def median_error(forecast: Mapping[int, int]) -> float | None:
    """The middle of |predicted - real| in percent of the real size, to a tenth within 10 %; 100 is "or more"."""
    spans = []
    for bucket, files in forecast.items():
        if bucket >= _DOUBLE:
            spans.append((100.0, 100.0, files))
            continue
        width = 1 if _FINE_FROM <= bucket < _FINE_UNTIL else 10
        ends = ((bucket - 1000) / 10, (bucket + width - 1000) / 10)
        spans.append((min(map(abs, ends)), max(map(abs, ends)), files))
    found = _middle(spans)
    return None if found is None else round(found, 1)


def error_distribution(forecast: Mapping[int, int]) -> list[Bucket]:
    """Signed errors in percent: below zero was predicted too small. The outer buckets have no bound."""
    bounds = (None, *ERROR_EDGES, None)
    counts = [0] * (len(bounds) - 1)
    for bucket, files in forecast.items():
        counts[sum(bucket >= 1000 + 10 * edge for edge in ERROR_EDGES)] += files
    return [Bucket(bounds[at], bounds[at + 1], files) for at, files in enumerate(counts)]


def _middle(spans: list[tuple[float, float, int]]) -> float | None:
    """The value of the middle one, taking the files of a span as evenly spread in it."""
    total = sum(files for _, _, files in spans)
    before = 0
    for low, high, files in sorted(spans):
        if files > 0 and 2 * (before + files) >= total:
            return low + (high - low) * min(1.0, max(0.0, (total / 2 - before) / files))
        before += files
    return None
