"""Which pieces of a picture are tried, and what they say of the whole.

Tiles for JPEG and WebP. Strips for a palette, which is the whole picture's and deflated row by row; all of a drawing,
where no piece stands for the rest. In workers only.
"""

from __future__ import annotations

import math
from typing import Any

from plume_app.domain.compression.codecs import Codec
from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.tiles import fewer, montage, strips

_TILES = {"jpeg": 36, "webp": 36}  # 11 and 14 ms
_FEW_TILES, _FEW_OF_CALM = 4, 9  # 2 to 3 ms; four tell the slope of a photograph within 2 % (median)
_STRIP_PIXELS = 36_000  # of a palette, 12 ms: as good a guide as 25 tiles with a palette of their own, in half the time
_LOSSLESS_TILES = 9  # lossless encoders cost four to seven times as much a pixel
_WHOLE_PIXELS = {"jpeg": 150_000, "webp": 150_000, "png": 80_000}  # about 25 ms
_CALM_PIXELS = 2_100_000  # of drawings as PNG, 60 ms a megapixel: a screen of 1920 x 1080; no piece stands for the rest
_FEW_CALM_PIXELS = 60_000  # of drawings at the other qualities
_WHOLE_LOSSLESS_PIXELS = 40_000
_HEAD_BYTES = {"jpeg": 500, "webp": 30}  # what a file of tiles has but once: tables, chunks; of a PNG also a palette
_PNG_PIXELS = b"IDAT"


def sample_of(codec: Codec, image: Any, found: Probe, activity: list[float]) -> tuple[Any, bool]:
    """What to try of `image` (libvips, 8 bits, in memory), and whether it is a small picture, to be tried as it is."""
    if image.width * image.height <= _WHOLE_PIXELS.get(codec.name, 0):
        return image, True
    if codec.name == "png":
        return strips(image, _CALM_PIXELS if found.is_calm else _STRIP_PIXELS), False
    return montage(image, _TILES.get(codec.name, 0), activity), False


def fewer_of(codec: Codec, image: Any, sample: Any, found: Probe, activity: list[float]) -> Any:
    """What to try at the other qualities, of the `sample` of `image`; perhaps the sample itself."""
    if codec.name == "png":
        return strips(sample, _FEW_CALM_PIXELS) if found.is_calm else sample
    count = _FEW_OF_CALM if found.is_calm else _FEW_TILES
    return montage(image, count, activity) if found.whole else fewer(sample, count)


def lossless_sample_of(image: Any, activity: list[float]) -> tuple[Any, bool]:
    """As `sample_of`, for a trial without loss."""
    if image.width * image.height <= _WHOLE_LOSSLESS_PIXELS:
        return image, True
    return montage(image, _LOSSLESS_TILES, activity), False


def log_size(
    codec: Codec, piece: Any, features: Features, settings: Settings, switch: int, ground: Any
) -> float | None:
    """The logarithm of the bytes that the whole picture would take, if all of it were as `piece` is.

    `ground`: the picture that it is of; None where it is all of it.
    """
    if codec.encode_piece is None:
        return None
    data = codec.encode_piece(piece, settings, settings.quality < switch, ground)
    if data is None:
        return None
    head = data.find(_PNG_PIXELS) + 8 if codec.name == "png" else _HEAD_BYTES.get(codec.name, 0)
    head = min(head, len(data) // 2)
    scale = features.width * features.height / (piece.width * piece.height)
    return math.log(head + (len(data) - head) * max(1.0, scale))
