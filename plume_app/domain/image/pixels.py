"""`Source`: the bytes of one picture, what they are, and its pixels on demand.

Nothing is decoded when a source is opened. Runs where decoders may run: in a worker, or in the process of a
library user who trusts the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plume_app.domain.image import animation, colour, decode
from plume_app.domain.image.header import Header, OtherReader, header_of
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.traits import Traits, find_traits

MAX_REMEMBERED_BYTES = 200_000_000  # a checked picture above it is decoded again rather than held

_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class OtherFormats:
    """Formats that came with a package: how to read their headers, and by name how to decode them."""

    readers: tuple[OtherReader, ...] = ()
    decoders: Mapping[str, Callable[[bytes], Any]] = field(default_factory=dict)

    def open_image(self, data: bytes, header: Header) -> Any:
        """As `decode.open_image`, for these formats and our own."""
        decoder = self.decoders.get(header.format)
        if decoder is None:
            return decode.open_image(data, header)
        with decode.reading():
            return decoder(data)


_NO_OTHERS = OtherFormats()


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels as an encoder wants them.

    `image` is a libvips image of grey or RGB, 8 or 16 bits, with or without alpha, to be read once from the top
    down (`in_memory` makes it readable in any order). Pull its pixels inside `with decode.reading():`.
    `icc` has the meaning of `Encoded.icc`: None when the source's own profile, if any, describes the pixels,
    empty when they were converted to sRGB.
    """

    image: Any
    icc: bytes | None = None

    @property
    def is_grey(self) -> bool:
        """Has it one colour channel?"""
        return bool(self.image.bands < 3)

    @property
    def has_alpha(self) -> bool:
        """Has it an alpha channel?"""
        return self.image.bands in (2, 4)

    def in_memory(self) -> Picture:
        """The same picture wholly decoded. Raises CorruptImage."""
        with decode.reading():
            return Picture(self.image.copy_memory(), self.icc)

    def eight_bits(self) -> Picture:
        """The same picture with 8 bits a channel."""
        return Picture(colour.eight_bits(self.image), self.icc)


@dataclass(frozen=True, slots=True)
class Source:
    """One image file in memory: its bytes, its header, what it has that could be lost.

    `remembered` holds the decoded picture of a source that was checked, so that a later comparison does not
    decode it once more.
    """

    data: bytes
    header: Header
    traits: Traits
    others: OtherFormats = field(default=_NO_OTHERS, compare=False, repr=False)
    remembered: list[Any] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def open(cls, data: bytes, limits: Limits = _DEFAULT_LIMITS, others: OtherFormats = _NO_OTHERS) -> Source:
        """The picture in `data`, not yet decoded.

        Raises UnsupportedFormat, CorruptImage, and ImageTooLarge before any decoder could run.
        """
        limits.check_file(len(data))
        header = header_of(data, others.readers)
        limits.check_header(header)
        return cls(data, header, find_traits(data, header), others)

    def picture(self, upright: bool) -> Picture:
        """The still picture, or the first frame; turned by its orientation tag when `upright`.

        Raises CorruptImage and UnsupportedFormat, here or where the pixels are pulled.
        """
        image = self.image()
        with decode.reading():
            image, icc = colour.normalised(image)
            if icc is None and colour.is_misplaced(image):
                icc = colour.NO_PROFILE
            if upright:
                image = colour.turned(image, self.traits.orientation)
        return Picture(image, icc)

    def image(self) -> Any:
        """The still picture as the decoder gives it (libvips), in its own colours. Raises as `picture`."""
        return self.remembered[0] if self.remembered else self.others.open_image(self.data, self.header)

    def check(self) -> None:
        """Decode all of the still picture, strictly. Raises CorruptImage and UnsupportedFormat."""
        if self.remembered:
            return
        image = self.others.open_image(self.data, self.header)
        with decode.reading():
            if image.width * image.height * image.bands * (2 if image.format == "ushort" else 1) > MAX_REMEMBERED_BYTES:
                image.avg()
            else:
                self.remembered.append(image.copy_memory())

    def animation(self, upright: bool = False) -> animation.Animation:
        """All frames, composited, of a GIF, APNG or WebP; turned by the orientation tag when `upright`.

        Raises CorruptImage, here or between two frames.
        """
        return animation.opened(self.data, self.header.format, self.traits.orientation if upright else 1)


def preload() -> None:
    """Load every decoder and all that it would load on first use: afterwards a worker opens no file."""
    from PIL import Image, JpegImagePlugin, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin, _webp

    Image.preinit()  # Pillow would import its plugins when it first opens or saves
    _ = (JpegImagePlugin, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin, _webp)
