"""How size answers to quality on average: the curves of `model.json`, and the jump where a JPEG keeps all colour."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from statistics import median

from fitting import dot, ridge
from prediction_rows import Row, guess_of

from plume_app.domain.compression.model import Model

_KNOTS = (40, 45, 50, 55, 60, 65, 70, 75, 78, 80, 82, 84, 86, 88, 89, 90, 91, 92, 93, 94, 95)
_OUTSIDE = (1, 5, 10, 20, 30, 98, 100)
_LEAST_ROWS = 8


def curves_of(rows: list[Row]) -> tuple[dict[str, dict[str, float]], float]:
    """The mean of the logarithms by quality, each picture free to be as large as it is; and the jump of colour."""
    curves: dict[str, dict[str, float]] = {}
    jump = 0.0
    for target in ("jpeg", "webp", "png"):
        tries: dict[str, dict[int, float]] = defaultdict(dict)
        switching: set[str] = set()
        for row in rows:
            if row.target != target or row.settings.lossless or row.probe is None or not row.probe.points:
                continue
            key = f"{row.source} {row.probe.asked}"
            tries[key] |= dict(row.probe.points)
            if target == "png":  # a few strips know less of a palette than what was made
                tries[f"{key} made"][row.settings.quality] = row.log_image
            if target == "jpeg" and 1 < row.probe.full_colour_from <= 100:
                switching.add(key)
        curves[target], steps = _mean_curve(tries, switching, _palette_shape if target == "png" else _shape)
        jump = steps if target == "jpeg" else jump
    return curves, jump


def _mean_curve(
    tries: dict[str, dict[int, float]], switching: set[str], shape_of: Callable[[int], list[float]]
) -> tuple[dict[str, float], float]:
    """By differences from each picture's own mean; the last weight is the jump of those in `switching`."""
    columns, targets = [], []
    for key, points in tries.items():
        if len(points) < 2:
            continue
        shapes = [[*shape_of(quality), float(key in switching and quality >= 90)] for quality in points]
        means = [sum(column) / len(shapes) for column in zip(*shapes, strict=True)]
        level = sum(points.values()) / len(points)
        for shape, log in zip(shapes, points.values(), strict=True):
            columns.append([1.0, *(value - mean for value, mean in zip(shape, means, strict=True))])
            targets.append(log - level)
    _, *weights = ridge(columns, targets, strength=0.1)
    knots = {quality: dot(weights[:-1], shape_of(quality)) for quality in _KNOTS}
    low, high = _KNOTS[0], _KNOTS[-1]
    per_log = (knots[high] - knots[low]) / math.log(_scale(low) / _scale(high))
    for quality in _OUTSIDE:
        near = low if quality < low else high
        beyond = per_log * math.log(_scale(near) / _scale(quality))
        knots[quality] = knots[near] + (0.0 if shape_of is _palette_shape and quality > high else beyond)
    return {str(quality): round(knots[quality] - knots[80], 4) for quality in sorted(knots)}, weights[-1]


def _scale(quality: int) -> float:
    """libjpeg's: percent of the tables' steps."""
    return 5000 / quality if quality < 50 else max(200 - 2 * quality, 2)


def _shape(quality: int) -> list[float]:
    """What the curve is a sum of; libwebp's strength has a corner at 75."""
    at = math.log(_scale(80) / _scale(quality))
    return [at, at * at, at**3, max(0.0, at - math.log(_scale(80) / _scale(75)))]


def _palette_shape(quality: int) -> list[float]:
    """Of a palette: libimagequant's scale goes with the quality itself, and from 95 on nothing changes."""
    at = (quality - 80) / 40
    return [at, at * at, at**3]


def jump_bias(rows: list[Row], trial: Model) -> float:
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
