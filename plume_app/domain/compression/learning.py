"""What the user's own results say about our guesses: a bias per pair of formats, and how fast the machine is.

Measured: own rows remove bias (the total of a batch), not the scatter from picture to picture; fifty do what
two hundred do, and a slope in quality adds nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

LAST_ROWS = 50  # of each pair
_SHRINK = 5  # rows that the shipped model is worth
_ABSURD = math.log(3)  # a guess three times off says something about the file, not about the model
_LEAST_MS = 3  # below, a time is mostly rounding


class Row(NamedTuple):
    """A finished picture. `predicted_*` are the model's own (`Estimate.model_size`, `.model_ms`).

    Not the corrected ones: a correction that learned from what it corrected would chase itself. `measured`: the
    guess rested on tiles.
    """

    input_format: str
    output_format: str
    lossless: bool
    codec_version: str
    predicted_size: int
    compressed_size: int
    predicted_ms: int
    compression_time_ms: int
    measured: bool = False


Key = tuple[str, str, bool, bool]  # input format, output format, lossless, measured


@dataclass(frozen=True, slots=True)
class Learned:
    """`bias`: what to add to the logarithm of a size, and from how many rows. `speed`: what to multiply times with."""

    bias: Mapping[Key, tuple[float, int]] = field(default_factory=dict)
    speed: float = 1.0
    pair_speed: Mapping[Key, float] = field(default_factory=dict)
    speed_rows: int = 0


NOTHING_LEARNED = Learned()


def learn(rows: Iterable[Row], versions: Mapping[str, str] | None = None) -> Learned:
    """From results, the newest first; pure.

    `versions` names today's codec version per output format: rows of another one are passed over (None: all count).
    Kept pictures do not belong here unless their size was predicted; rows without a prediction do not either.
    """
    sizes: dict[Key, list[float]] = defaultdict(list)
    times: list[float] = []
    pair_times: dict[Key, list[float]] = defaultdict(list)
    for row in rows:
        if versions is not None and versions.get(row.output_format) != row.codec_version:
            continue
        key = (row.input_format, row.output_format, row.lossless, row.measured)
        if row.predicted_size > 0 and row.compressed_size > 0 and len(sizes[key]) < LAST_ROWS:
            off = math.log(row.compressed_size / row.predicted_size)
            if abs(off) <= _ABSURD:
                sizes[key].append(off)
        if row.predicted_ms >= _LEAST_MS and row.compression_time_ms >= _LEAST_MS:
            off = math.log(row.compression_time_ms / row.predicted_ms)
            if len(times) < LAST_ROWS:
                times.append(off)
            if len(pair_times[key]) < LAST_ROWS:
                pair_times[key].append(off)
    machine = _shrunk(times)
    return Learned(
        {key: (_shrunk(offs), len(offs)) for key, offs in sizes.items() if offs},
        math.exp(machine),
        {key: math.exp(machine + _shrunk([off - machine for off in offs])) for key, offs in pair_times.items()},
        len(times),
    )


def _shrunk(offs: list[float]) -> float:
    return median(offs) * len(offs) / (len(offs) + _SHRINK) if offs else 0.0
