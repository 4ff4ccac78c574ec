"""Least squares for a handful of numbers, in plain Python: small weights are preferred, outliers count less."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

_ROUNDS = 6
_HUBER = 1.345  # of the residuals' scale: beyond it a residual counts by its size, not by its square


def ridge(rows: Sequence[Sequence[float]], targets: Sequence[float], strength: float = 1.0) -> list[float]:
    """The weights of the columns of `rows` that tell `targets` best; the first column (ones) is not held small.

    `strength` is in rows: how many rows of a standard deviation it takes to move a weight half way.
    """
    width = len(rows[0])
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    spreads = [
        math.sqrt(sum((value - mean) ** 2 for value in column) / len(rows)) or 0.0
        for column, mean in zip(zip(*rows, strict=True), means, strict=True)
    ]
    used = [at for at in range(1, width) if spreads[at] > 1e-9]
    scaled = [[1.0, *((row[at] - means[at]) / spreads[at] for at in used)] for row in rows]
    weights, counts = [0.0] * (len(used) + 1), [1.0] * len(rows)
    for _ in range(_ROUNDS):
        weights = _solved(scaled, targets, counts, strength)
        residuals = [target - dot(weights, row) for row, target in zip(scaled, targets, strict=True)]
        scale = max(1e-6, 1.4826 * median(map(abs, residuals)))
        counts = [min(1.0, _HUBER * scale / max(1e-9, abs(residual))) for residual in residuals]
    found = [0.0] * width
    for weight, at in zip(weights[1:], used, strict=True):
        found[at] = weight / spreads[at]
    found[0] = weights[0] - sum(found[at] * means[at] for at in used)
    return found


def _solved(rows: list[list[float]], targets: Sequence[float], counts: list[float], strength: float) -> list[float]:
    width = len(rows[0])
    matrix = [[0.0] * (width + 1) for _ in range(width)]
    for row, target, count in zip(rows, targets, counts, strict=True):
        for at, value in enumerate(row):
            weighted = value * count
            line = matrix[at]
            for other in range(at, width):
                line[other] += weighted * row[other]
            line[width] += weighted * target
    for at in range(width):
        for other in range(at):
            matrix[at][other] = matrix[other][at]
        matrix[at][at] += strength if at else 1e-9
    return _eliminated(matrix)


def _eliminated(matrix: list[list[float]]) -> list[float]:
    """Gauss, with the largest pivot; the last column is the right-hand side."""
    size = len(matrix)
    for at in range(size):
        best = max(range(at, size), key=lambda line: abs(matrix[line][at]))
        matrix[at], matrix[best] = matrix[best], matrix[at]
        pivot = matrix[at][at]
        for line in range(at + 1, size):
            factor = matrix[line][at] / pivot
            if factor:
                matrix[line] = [value - factor * top for value, top in zip(matrix[line], matrix[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        known = sum(matrix[at][other] * found[other] for other in range(at + 1, size))
        found[at] = (matrix[at][size] - known) / matrix[at][at]
    return found


def dot(weights: Sequence[float], row: Sequence[float]) -> float:
    """The weighted sum."""
    return sum(weight * value for weight, value in zip(weights, row, strict=True))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0-1) of them lie; straight between two."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])
