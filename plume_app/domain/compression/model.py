"""The numbers behind the guesses: `model.json`, fitted by `build/fit_model.py`, read once.

To fit it again: `python3 build/dev.py fit FOLDER`. What each number was fitted on, when, and with which encoders
stands in the file's own `provenance`; `typical` are rougher ones for pairs that were not measured picture by picture.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from plume_app.domain.compression.curves import Curve
from plume_app.domain.compression.features import HALF_COLOUR, Features

Pair = tuple[str, str, bool]  # input format, output format, lossless
DrawnPair = tuple[str, str, bool, bool]  # and whether it is for graphics
_NO_CHANGE = (1.0, 1.0)
Range = tuple[float, float]  # what to add to a logarithm for the lower and the upper end, 8 of 10 in between


@dataclass(frozen=True, slots=True)
class HeaderModel:
    """The logarithm of bits per pixel out, from the header alone.

    `inputs` multiply: 1, log bits per pixel in, log megapixels, the curve at the source's quality, and yes or no:
    quality known, half the colour, progressive, alpha, grey, palette. `slopes`: how steeply the curve is followed
    up to the source's quality, what a unit of log bits per pixel adds to that, and how steeply beyond. `clips`
    are the ranges of the first two inputs that were seen.
    """

    inputs: tuple[float, ...]
    slopes: tuple[float, float, float]
    clips: tuple[Range, Range]


@dataclass(frozen=True, slots=True)
class PairModel:
    """One pair of formats. What is None was not fitted.

    `tiles` corrects what tiles say: what to add to the logarithm, per log bit per pixel, and per unit of the curve.
    `whole` the same for a picture that was tried whole. Ranges: of the three bases. `drift`: how much wider a
    range becomes per unit of the curve between the quality tried and the one asked for. `time`: the
    logarithm of milliseconds, from 1, log megapixels, the curve, log bits per pixel in and out; `time_range` its range.
    `header_share`: how much the header says beside tiles (0-1): a palette of tiles is not the picture's.
    """

    header: HeaderModel | None
    header_range: Range
    tiles: tuple[float, float, float]
    tiles_range: Range
    whole: tuple[float, float, float]
    whole_range: Range
    drift: float
    time: tuple[float, ...] | None
    time_range: Range
    header_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Typical:
    """Bytes out per byte in at quality 80 (`per_pixel`: per decoded byte), the factor up and down, ms per megapixel."""

    ratio: float
    spread: float
    ms_per_megapixel: float


@dataclass(frozen=True, slots=True)
class Model:
    """`curves` by output format; `efforts` by output format (" lossless" behind it) and effort: size, time.

    `colour_jump` is what all of the colour adds to the logarithm of a JPEG's size, `colour_jump_bias` how much more
    the few tiles of the anchors say. `shared_error` is the part of an error that the pictures of one batch
    share (0-1), by basis.
    """

    curves: dict[str, Curve]
    colour_jump: float
    colour_jump_bias: float
    pairs: dict[DrawnPair, PairModel]
    typical: dict[Pair, Typical]
    plain: dict[str, Typical]
    efforts: dict[str, dict[str, tuple[float, float]]]
    shared_error: dict[str, float]
    provenance: dict[str, Any]

    def effort(self, target: str, effort: str, *, lossless: bool) -> tuple[float, float]:
        """What this effort multiplies size and time with; that of the fitted pictures is 1."""
        row = self.efforts.get(f"{target} lossless" if lossless else target)
        return _NO_CHANGE if row is None else row.get(effort, _NO_CHANGE)


@cache
def shipped() -> Model:
    """The model of this version."""
    text = resources.files("plume_app.domain.compression").joinpath("model.json").read_text(encoding="utf-8")
    return from_json(json.loads(text))


def from_json(told: dict[str, Any]) -> Model:
    """A model from what `build/fit_model.py` writes. Raises KeyError, TypeError or ValueError for anything else."""
    return Model(
        curves={name: Curve({int(q): value for q, value in knots.items()}) for name, knots in told["curves"].items()},
        colour_jump=told["colour_jump"],
        colour_jump_bias=told.get("colour_jump_bias", 0.0),
        pairs={drawn_pair_of(name): _pair(one) for name, one in told["pairs"].items()},
        typical={pair_of(name): Typical(*one) for name, one in told["typical"].items()},
        plain={name: Typical(*one) for name, one in told["plain"].items()},
        efforts={name: {key: (one[0], one[1]) for key, one in row.items()} for name, row in told["efforts"].items()},
        shared_error=told["shared_error"],
        provenance=told["provenance"],
    )


def inputs_of(features: Features, source: float, clips: tuple[Range, Range]) -> tuple[float, ...]:
    """What `HeaderModel.inputs` multiply, in their order; `source` is the curve at the source's quality."""
    (bpp_low, bpp_high), (size_low, size_high) = clips
    return (
        1.0,
        min(bpp_high, max(bpp_low, features.log_bpp)),
        min(size_high, max(size_low, features.log_megapixels)),
        source,
        features.source_quality is not None,
        features.subsampling in HALF_COLOUR,
        features.progressive,
        features.standard_tables,
        features.channels in (2, 4),
        features.channels < 3,
        features.palette,
    )


def pair_of(name: str) -> Pair:
    """From the file's spelling: "jpeg > webp", "png > png lossless"."""
    formats, _, word = name.partition(" lossless")
    source, target = formats.split(" > ")
    return source, target, name.endswith(" lossless") and word == ""


def drawn_pair_of(name: str) -> DrawnPair:
    """The same with " drawn" at the end, where it is for graphics."""
    plain = name.removesuffix(" drawn")
    return *pair_of(plain), plain != name


def name_of(pair: DrawnPair) -> str:
    """The file's spelling."""
    source, target, lossless, drawn = pair
    return f"{source} > {target}{' lossless' if lossless else ''}{' drawn' if drawn else ''}"


def _pair(told: dict[str, Any]) -> PairModel:
    header, time = told.get("header"), told.get("time")
    return PairModel(
        header=None if header is None else _header(header),
        header_range=_range(told["header_range"]),
        tiles=_three(told["tiles"]),
        tiles_range=_range(told["tiles_range"]),
        whole=_three(told["whole"]),
        whole_range=_range(told["whole_range"]),
        drift=told["drift"],
        time=None if time is None else tuple(time),
        time_range=_range(told["time_range"]),
        header_share=told.get("header_share", 0.0),
    )


def _header(told: dict[str, Any]) -> HeaderModel:
    bpp, megapixels = told["clips"]
    return HeaderModel(tuple(told["inputs"]), _three(told["slopes"]), (_range(bpp), _range(megapixels)))


def _range(told: list[float]) -> Range:
    low, high = told
    return min(0.0, low), max(0.0, high)


def _three(told: list[float]) -> tuple[float, float, float]:
    first, second, third = told
    return first, second, third
