"""WebP: lossy and truly lossless by libwebp (in Pillow), still and animated.

Measured at quality 80 on a 3-megapixel photograph, libwebp's methods 2, 4, 6: 110, 249, 442 ms and 188, 182,
172 kB. Lossless on a 512-pixel graphic, methods 0, 2, 4, 6: 29, 111, 147, 532 ms and 341, 310, 308, 308 kB.
"""

from __future__ import annotations

import io
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs import Codec, Encoded
from plume_app.domain.image.header import is_webp
from plume_app.domain.image.traits import ALPHA, ANIMATION

if TYPE_CHECKING:
    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.pixels import Picture, Source

NAME = "webp"
MAX_SIDE_PX = 16_383  # the format's limit: 14 bits
_METHODS = {"fast": 2, "balanced": 4, "max": 6}
_LOSSLESS_METHODS = {"fast": 1, "balanced": 4, "max": 6}
_LOSSLESS_EFFORT = 75  # libwebp's own; 100 takes five times as long for 0.2 %
_LOSSLESS_FORMATS = ("png", "gif", NAME)
_GRAPHICS_RATIO = 1.6  # a lossless WebP is about 0.7 of the PNG: worth a try where the PNG is not much larger


def encode(source: Source, settings: Settings) -> Encoded:
    """The picture, or the whole animation, as a WebP file.

    A lossy WebP whose quality is not above the target's, or that is to be kept without loss, gives its own bytes:
    they are the smallest file of these pixels. A lossy wish may be answered without loss where that is
    smaller, as it is for drawings and screenshots. Raises CorruptImage and UnsupportedFormat.
    """
    from plume_app.domain.compression.codecs import webp_animation

    if ANIMATION in source.traits.names:
        return webp_animation.encode(source, settings)
    if source.header.format == NAME:
        known = source.traits.source_quality
        if known is not None and (settings.lossless or known <= settings.quality):
            return Encoded(source.data, carries_metadata=True, same_pixels=True)
        return _encoded(source, settings, upright=False)
    return _encoded(source, settings, upright=True)


def _encoded(source: Source, settings: Settings, *, upright: bool) -> Encoded:
    from plume_app.domain.image.decode import reading

    deep = source.picture(upright)
    picture = deep.eight_bits()
    icc = _profile(picture)
    if settings.lossless:
        with reading():
            data = lossless_bytes(picture.image, settings.effort)
        same = deep.image.format == "uchar" and picture.icc is None
        return Encoded(data, upright=upright, icc=icc, same_pixels=same)
    was_lossless = source.header.format in _LOSSLESS_FORMATS and source.traits.source_quality is None
    with reading():
        image = picture.image.copy_memory() if was_lossless else picture.image
        data = lossy_bytes(image, settings.quality, settings.effort)
        if was_lossless and len(source.data) < _GRAPHICS_RATIO * len(data):
            data = min(data, lossless_bytes(image, settings.effort), key=len)
    return Encoded(data, upright=upright, icc=icc)


def _profile(picture: Picture) -> bytes | None:
    """`Encoded.icc`: WebP stores grey as RGB, so a grey profile needs its twin for RGB."""
    from plume_app.domain.image import colour

    if picture.icc is None and picture.is_grey and picture.image.get_typeof("icc-profile-data"):
        return colour.rgb_twin(picture.image.get("icc-profile-data"))
    return picture.icc


def lossy_bytes(image: Any, quality: int, effort: str) -> bytes:
    """The libvips image of 8 bits a channel as a lossy WebP file without metadata; alpha is kept exactly."""
    return _saved(image, quality=quality, method=_METHODS[effort])


def lossless_bytes(image: Any, effort: str) -> bytes:
    """The same as a lossless file; the colours of transparent pixels are kept too."""
    return _saved(image, lossless=True, exact=True, quality=_LOSSLESS_EFFORT, method=_LOSSLESS_METHODS[effort])


def _saved(image: Any, **options: Any) -> bytes:
    """Through Pillow: its build of libwebp makes the same bytes as the one in libvips in 13 % less time."""
    from PIL import Image as PillowImage

    mode = ("L", "LA", "RGB", "RGBA")[image.bands - 1]
    pillow = PillowImage.frombytes(mode, (image.width, image.height), image.write_to_memory())
    file = io.BytesIO()
    pillow.save(file, "WEBP", **options)
    return file.getvalue()


def preload() -> None:
    """Load all that `encode` needs, before a worker gives up its files."""
    from plume_app.domain.compression.codecs import webp_animation  # noqa: F401
    from plume_app.domain.image import pixels

    pixels.preload()


@cache  # read from files, which a worker gives up
def version() -> str:
    """The encoder behind this format."""
    return f"Pillow/{metadata.version('Pillow')}"


CODEC = Codec(
    name=NAME,
    label="WebP",
    extensions=("webp",),
    mime_type="image/webp",
    matches=is_webp,
    max_side_px=MAX_SIDE_PX,
    keeps=frozenset({ALPHA, ANIMATION}),
    keeps_from_itself=frozenset({ALPHA, ANIMATION}),
    encode=encode,
    preload=preload,
    version=version,
)
