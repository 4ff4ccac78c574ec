"""What a file will weigh and how long it will take, guessed from its header before anything is decoded.

The guess is what pictures of the format pair typically give, and says so (`basis` "typical"). The numbers
come from measurements on a folder of mixed photographs and screenshots (means of output over input at
quality 80, effort "balanced", one core of the two); the interval is as wide as nine of ten of those files
needed. It knows nothing of the picture itself: that is for a better basis.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from plume_app.domain.compression.settings import KEEP, Settings
from plume_app.domain.image.header import Header

TYPICAL = "typical"


@dataclass(frozen=True, slots=True)
class Estimate:
    """Sizes are bytes, with nine of ten files between `low` and `high`; `time_ms` is of one worker.

    `basis` says what it rests on, `sample_count` how many results of this user stand behind it.
    """

    compressed_size: int
    low: int
    high: int
    time_ms: int
    basis: str = TYPICAL
    sample_count: int = 0


@dataclass(frozen=True, slots=True)
class _Pair:
    """Bytes out per byte in, the factor up and down that covers nine of ten files, and milliseconds per megapixel."""

    ratio: float
    spread: float
    ms_per_megapixel: float


# The measured rows; those marked with ~ are no more than plausible, and have a wide interval for it.
_LOSSY = {
    ("jpeg", "jpeg"): _Pair(0.44, 2.2, 87),
    ("jpeg", "webp"): _Pair(0.36, 2.4, 85),
    ("jpeg", "png"): _Pair(2.20, 3.0, 370),  # ~
    ("png", "png"): _Pair(0.29, 1.5, 380),
    ("png", "jpeg"): _Pair(0.12, 3.0, 100),  # ~
    ("png", "webp"): _Pair(0.075, 3.0, 98),
    ("webp", "webp"): _Pair(0.45, 1.8, 93),
    ("webp", "jpeg"): _Pair(0.70, 2.5, 95),  # ~
    ("webp", "png"): _Pair(3.00, 3.0, 375),  # ~
    ("gif", "webp"): _Pair(0.50, 2.5, 90),  # ~
}
_LOSSLESS = {
    ("jpeg", "jpeg"): _Pair(0.925, 1.08, 66),
    ("png", "png"): _Pair(0.966, 1.08, 710),
    ("png", "webp"): _Pair(0.75, 1.5, 500),  # ~
    ("webp", "webp"): _Pair(0.95, 1.6, 500),  # ~
    ("jpeg", "webp"): _Pair(2.50, 2.0, 500),  # ~
    ("jpeg", "png"): _Pair(5.00, 2.0, 710),  # ~
    ("webp", "png"): _Pair(6.00, 2.5, 710),  # ~
    ("gif", "webp"): _Pair(0.70, 2.0, 300),  # ~
    ("gif", "png"): _Pair(0.95, 1.5, 300),  # ~
}
# Formats that hardly compress say nothing by their size: bytes out per decoded byte.
_FROM_PIXELS = {"jpeg": _Pair(0.026, 3.0, 90), "webp": _Pair(0.022, 3.0, 88), "png": _Pair(0.40, 2.5, 710)}
_PLAIN_FORMATS = frozenset({"bmp", "tiff"})
_UNKNOWN = _Pair(1.0, 4.0, 300)  # a format of another package
_WEBP_QUALITY = _PNG_QUALITY = 0.35  # WebP and palettes answer to quality more gently than JPEG does
_JPEG_QUALITY = 0.62  # 1.266 MB at 85 against 1.059 MB at 80, over the quotient of the two table scales
_QUALITY_WEIGHT = {"jpeg": _JPEG_QUALITY, "webp": _WEBP_QUALITY, "png": _PNG_QUALITY}
_EFFORT_TIME = {"fast": 0.6, "balanced": 1.0, "max": 2.0}  # oxipng's levels and WebP's methods, roughly
_FILE_MS = 4  # reading, sending, checking, writing
_SHARED_ERROR = 0.5  # pictures of one folder resemble each other, so their errors do as well


def estimate(header: Header, file_size: int, settings: Settings, input_format: str) -> Estimate:
    """What `file_size` bytes of `input_format` with this header become.

    Within a format the result is never larger than the file (it would be kept); in a conversion it may
    be. For `keep` in a format without an encoder see the caller: nothing is made of it.
    """
    output_format = input_format if settings.output_format == KEEP else settings.output_format
    pair, base = _basis(header, file_size, settings, input_format, output_format)
    size = base * pair.ratio
    if not settings.lossless:
        size *= _quality_factor(settings.quality, output_format)
    low, high = size / pair.spread, size * pair.spread
    if input_format == output_format:
        size, low, high = (min(value, file_size) for value in (size, low, high))
    megapixels = header.pixels * max(1, header.frames or 1) / 1e6
    time_ms = _FILE_MS + megapixels * pair.ms_per_megapixel * _EFFORT_TIME[settings.effort]
    return Estimate(max(1, round(size)), max(1, math.floor(low)), max(1, math.ceil(high)), max(1, round(time_ms)))


def _basis(
    header: Header, file_size: int, settings: Settings, input_format: str, output_format: str
) -> tuple[_Pair, float]:
    """The pair, and the bytes that its ratio multiplies."""
    if input_format in _PLAIN_FORMATS and output_format in _FROM_PIXELS and not settings.lossless:
        return _FROM_PIXELS[output_format], header.decoded_bytes
    pairs = _LOSSLESS if settings.lossless else _LOSSY
    return pairs.get((input_format, output_format), _UNKNOWN), file_size


def _quality_factor(quality: int, output_format: str) -> float:
    """Bytes at `quality` over bytes at 80, by the scale that libjpeg's quality stands for."""
    return float((_table_scale(80) / _table_scale(quality)) ** _QUALITY_WEIGHT.get(output_format, 0.0))


def _table_scale(quality: int) -> float:
    return 5000 / quality if quality < 50 else max(200 - 2 * quality, 2)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum, with an interval of its own: half of each error is chance and evens out, half is shared.

    `time_ms` is the work of all, for one worker. The basis is the common one, or "mixed".
    """
    several = list(estimates)
    size = sum(one.compressed_size for one in several)
    basis = {one.basis for one in several}
    return Estimate(
        compressed_size=size,
        low=max(0, math.floor(size - _width([one.compressed_size - one.low for one in several]))),
        high=math.ceil(size + _width([one.high - one.compressed_size for one in several])),
        time_ms=sum(one.time_ms for one in several),
        basis=TYPICAL if not basis else basis.pop() if len(basis) == 1 else "mixed",
        sample_count=min((one.sample_count for one in several), default=0),
    )


def _width(widths: list[int]) -> float:
    alone = sum(width * width for width in widths)
    together = sum(widths) ** 2
    return math.sqrt((1 - _SHARED_ERROR) * alone + _SHARED_ERROR * together)
