"""Which quality a JPEG was encoded at, told from its quantisation tables.

Two families of tables are known exactly: those of libjpeg (Annex K of ITU-T T.81), which most programs
and half of the cameras use, and the third set of mozjpeg (N. Robidoux, 2010), which Plume encodes with.
A file of either has exactly one quality, save for the qualities 1 to 3 of the second, whose tables are
the same: they are told as 1. Any other table is told as the libjpeg quality whose tables have the
nearest sum, so that it is about as coarse.

Source: the scaling is `jpeg_quality_scaling` and `jpeg_add_quant_table` of libjpeg.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache

Table = tuple[int, ...]  # 64 steps, in the zigzag order of the file
Tables = tuple[Table, ...]  # luma; then chroma, where there is any

_ANNEX_K_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61,
    12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77,
    24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_ANNEX_K_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99,
    18, 21, 26, 66, 99, 99, 99, 99,
    24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99,
    *[99] * 32,
)  # fmt: skip
_ROBIDOUX = (
    16, 16, 16, 18, 25, 37, 56, 85,
    16, 17, 20, 27, 34, 40, 53, 75,
    16, 20, 24, 31, 43, 62, 91, 135,
    18, 27, 31, 40, 53, 74, 106, 156,
    25, 34, 43, 53, 69, 94, 131, 189,
    37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311,
    85, 75, 135, 156, 189, 238, 311, 418,
)  # fmt: skip
_LIBJPEG: Tables = (_ANNEX_K_LUMA, _ANNEX_K_CHROMA)
_MOZJPEG: Tables = (_ROBIDOUX, _ROBIDOUX)


def quality_of(luma: Table, chroma: Table | None) -> int | None:
    """The estimated quality, 1 to 100; None where the luma table is not 64 steps long."""
    tables = (luma,) if chroma is None else (luma, chroma)
    if any(len(table) != 64 for table in tables):
        return None
    exact = _exact(len(tables)).get(tables)
    return _nearest(sum(map(sum, tables)), len(tables)) if exact is None else exact


def mozjpeg_tables(quality: int) -> Tables:
    """The luma and the chroma table that mozjpeg's third set has at `quality`, 1 to 100."""
    return _scaled(_MOZJPEG, quality)


@cache
def _exact(count: int) -> dict[Tables, int]:
    """The lowest quality of all known pairs of tables (`count` 2) or luma tables (1)."""
    found: dict[Tables, int] = {}
    for family in (_LIBJPEG, _MOZJPEG):
        for quality in range(100, 0, -1):
            found[_scaled(family[:count], quality)] = quality
    return found


def _nearest(total: int, count: int) -> int:
    """The libjpeg quality whose tables have the sum nearest to `total`."""
    sums = _sums(count)  # ascending, so the quality falls
    at = bisect_left(sums, total)
    if at == len(sums) or (at > 0 and total - sums[at - 1] < sums[at] - total):
        at -= 1
    return 100 - at


@cache
def _sums(count: int) -> list[int]:
    return [sum(map(sum, _scaled(_LIBJPEG[:count], quality))) for quality in range(100, 0, -1)]


def _scaled(family: Tables, quality: int) -> Tables:
    """The tables of a family at a quality, in the order of the file."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return tuple(tuple(min(255, max(1, (table[place] * percent + 50) // 100)) for place in _ZIGZAG) for table in family)


def _zigzag() -> tuple[int, ...]:
    """Where the steps of the file stand in a table of eight rows: along the diagonals, turning at the rims."""
    places = [(row, column) for row in range(8) for column in range(8)]
    places.sort(key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1]))
    return tuple(8 * row + column for row, column in places)


_ZIGZAG = _zigzag()
