"""WebP: lossy and truly lossless by libwebp (in Pillow), still and animated.

Measured at quality 80 on a 3-megapixel photograph, libwebp's methods 2, 4, 6: 110, 249, 442 ms and 188, 182,
172 kB. Lossless on a 512-pixel graphic, methods 0, 2, 4, 6: 29, 111, 147, 532 ms and 341, 310, 308, 308 kB.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs import Codec, Encoded
from plume_app.domain.compression.codecs.lossless_guess import may_be_smaller
from plume_app.domain.image.header import is_webp
from plume_app.domain.image.traits import ALPHA, ANIMATION

if TYPE_CHECKING:
    from PIL import Image as PillowImage

    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.pixels import Picture, Source

NAME = "webp"
MAX_SIDE_PX = 16_383  # the format's limit: 14 bits
_METHODS = {"fast": 2, "balanced": 4, "max": 6}
_LOSSLESS_METHODS = {"fast": 1, "balanced": 4, "max": 6}
_LOSSLESS_EFFORT = 75  # libwebp's own; 100 takes five times as long for 0.2 %
_GUESS_MARGIN = 2.5  # where lossless wins the guess is under 1.9 times the lossy file; over 3.2 on photographs
_FEW_COLOURS = 256  # libwebp stores a palette then, of which the guess knows nothing
_NEARLY = 1.2  # what the quick lossless method wastes at most


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
    from_jpeg_or_lossy = source.header.format == "jpeg" or source.traits.source_quality is not None
    with reading():
        make = lossy_bytes if from_jpeg_or_lossy else smallest_bytes  # what was lossy holds noise that costs the most
        data = make(picture.image, settings.quality, settings.effort)
    return Encoded(data, upright=upright, icc=icc)


def _profile(picture: Picture) -> bytes | None:
    """`Encoded.icc`: WebP stores grey as RGB, so a grey profile needs its twin for RGB."""
    from plume_app.domain.image import colour

    if picture.icc is None and picture.is_grey and picture.image.get_typeof("icc-profile-data"):
        return colour.rgb_twin(picture.image.get("icc-profile-data"))
    return picture.icc


def encode_piece(image: Any, settings: Settings, _halved: bool, _ground: Any) -> bytes:
    """Of `Codec.encode_piece`."""
    if settings.lossless:
        return lossless_bytes(image, settings.effort)
    return lossy_bytes(image, settings.quality, settings.effort)


def lossy_bytes(image: Any, quality: int, effort: str) -> bytes:
    """The libvips image of 8 bits a channel as a lossy WebP file without metadata; alpha is kept exactly."""
    return _Pixels.of(image).lossy(quality, effort)


def lossless_bytes(image: Any, effort: str) -> bytes:
    """The same as a lossless file; the colours of transparent pixels are kept too."""
    return _Pixels.of(image).lossless(effort)


def smallest_bytes(image: Any, quality: int, effort: str) -> bytes:
    """The lossy file, or the lossless one where that is no larger, as it is for drawings and screenshots.

    A photograph pays a thousandth of its time for the question.
    """
    pixels = _Pixels.of(image)
    lossy = pixels.lossy(quality, effort)
    if not pixels.may_be_smaller_without_loss(len(lossy)):
        return lossy
    quick = pixels.lossless("fast")
    if len(quick) > len(lossy) * _NEARLY:
        return lossy
    return min(quick, pixels.lossless(effort), lossy, key=len)


@dataclass(frozen=True, slots=True)
class _Pixels:
    """A decoded picture of 8 bits a channel, row by row, and its mode in Pillow's words."""

    data: memoryview
    size: tuple[int, int]
    mode: str

    @classmethod
    def of(cls, image: Any) -> _Pixels:
        """Decoded here, once, whatever is made of it."""
        mode = ("L", "LA", "RGB", "RGBA")[image.bands - 1]
        return cls(memoryview(image.write_to_memory()), (image.width, image.height), mode)

    def lossy(self, quality: int, effort: str) -> bytes:
        return self._saved(quality=quality, method=_METHODS[effort])

    def lossless(self, effort: str) -> bytes:
        return self._saved(lossless=True, exact=True, quality=_LOSSLESS_EFFORT, method=_LOSSLESS_METHODS[effort])

    def may_be_smaller_without_loss(self, lossy_size: int) -> bool:
        if self._pillow().getcolors(_FEW_COLOURS) is not None:
            return True
        return may_be_smaller(self.data, self.size, lossy_size, _GUESS_MARGIN)

    def _pillow(self) -> PillowImage.Image:
        from PIL import Image

        data: Any = self.data  # Pillow takes any buffer, its types know bytes only
        return Image.frombuffer(self.mode, self.size, data, "raw", self.mode, 0, 1)

    def _saved(self, **options: Any) -> bytes:
        """Through Pillow: its build of libwebp makes the same bytes as the one in libvips in 13 % less time."""
        file = io.BytesIO()
        self._pillow().save(file, "WEBP", **options)
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
    encode_piece=encode_piece,
    preload=preload,
    version=version,
)
