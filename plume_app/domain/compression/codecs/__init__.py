"""The formats. One file each; everybody else asks this registry.

To add a format: a file here (or a package with an entry point in the group `plume.codecs` that names
a `Codec`), with a constant `CODEC`. Picker filters, the command line, tests and statistics follow.

Importing the registry costs no encoder: a codec imports its encoder inside its functions, so that the
process that owns the user's files starts fast and never loads a decoder. Workers call `preload` of
every codec before they give up their rights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.header import Header, OtherReader
    from plume_app.domain.image.pixels import OtherFormats, Source

ENTRY_POINT_GROUP = "plume.codecs"


@dataclass(frozen=True, slots=True)
class Encoded:
    """What a codec made: a whole file of its format, and how.

    `carries_metadata` says that the bytes are a rewrite of the source's own container, with its
    metadata still inside; otherwise they hold nothing but the picture. `upright` says that the EXIF
    orientation is already in the pixels. `icc` describes the pixels where they were converted to
    another colour space (None: the source's profile, if any, still holds). `same_pixels` says that the
    codec promises what the decoder of the source gives, bit for bit, and the engine must check it.
    """

    data: bytes
    carries_metadata: bool = False
    upright: bool = False
    icc: bytes | None = None
    same_pixels: bool = False


@dataclass(frozen=True, slots=True)
class Codec:
    """One format. `encode` is None for a format that Plume reads but does not write.

    `keeps` are the traits (of domain/image/traits.py) that survive a conversion to it;
    `keeps_from_itself` those that survive a run within the format. `lossless_from` names the formats
    whose pixels it can hold exactly (None: every format's); a lossless wish for another keeps the file.
    `encode_piece` codes pixels that stand for a picture (libvips, 8 bits, in memory) as `encode` would all of it,
    without its choices between ways; the flag says that half the colour resolution is stored where the format has a
    choice. Last comes the picture that they are pieces of, None where they are all of it, to be coded as it will be:
    pieces may be coded a little quicker and larger. It is for predictions; None: they rest on the header.
    `rewrite_quickly`, for them as well, is a quick stand-in for a lossless run within the format, from the bytes of a
    file that decodes: for graphics, where no piece stands for the whole.
    `max_side_px` is the format's own limit. `version` names encoder and version for the statistics.
    `read_header` is for formats that domain/image/header.py does not know: the header from the first
    `MAX_LOOK_BYTES` bytes, in pure Python, since it runs in the process that owns the user's files;
    raises CorruptImage. `decode` goes with it and runs in a worker: the whole file to a libvips image,
    grey or RGB, 8 or 16 bits, with or without alpha; raises CorruptImage, or pyvips.Error which becomes
    it.
    """

    name: str
    label: str
    extensions: tuple[str, ...]
    mime_type: str
    matches: Callable[[bytes], bool]
    lossy: bool = True
    lossless: bool = True
    max_side_px: int | None = None
    keeps: frozenset[str] = frozenset()
    keeps_from_itself: frozenset[str] = frozenset()
    lossless_from: frozenset[str] | None = None
    encode: Callable[[Source, Settings], Encoded] | None = None
    encode_piece: Callable[[Any, Settings, bool, Any], bytes | None] | None = None
    rewrite_quickly: Callable[[bytes], bytes | None] | None = None
    read_header: Callable[[bytes], Header] | None = None
    decode: Callable[[bytes], Any] | None = None
    preload: Callable[[], None] = field(default=lambda: None)
    version: Callable[[], str] = field(default=lambda: "")

    def __post_init__(self) -> None:
        # Asked once, while files may still be read: a worker cannot look up the version of a package.
        object.__setattr__(self, "version", cache(self.version))


@cache
def all_codecs() -> dict[str, Codec]:
    """Every codec by name: ours first, then those of other packages by entry point."""
    from plume_app.domain.compression.codecs import bmp, gif, jpeg, png, tiff, webp

    found = {codec.name: codec for codec in (m.CODEC for m in (png, jpeg, webp, gif, tiff, bmp))}
    for entry in sorted(metadata.entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        codec = entry.load()
        if isinstance(codec, Codec):
            found.setdefault(codec.name, codec)  # a package joins; it does not replace one of ours
    return found


def codec_for(head: bytes) -> Codec | None:
    """The codec whose signature the first bytes carry; the name of a file is never asked."""
    return next((codec for codec in all_codecs().values() if codec.matches(head)), None)


def header_readers() -> tuple[OtherReader, ...]:
    """The `others` of `read_header`: the codecs that bring a reader of their own."""
    return tuple((c.matches, c.read_header) for c in all_codecs().values() if c.read_header is not None)


def other_formats() -> OtherFormats:
    """What `Source.open` needs to know of formats that came with a package."""
    from plume_app.domain.image.pixels import OtherFormats

    decoders = {codec.name: codec.decode for codec in all_codecs().values() if codec.decode is not None}
    return OtherFormats(header_readers(), decoders)


def writable_codecs() -> dict[str, Codec]:
    """The codecs that can be a target."""
    return {name: codec for name, codec in all_codecs().items() if codec.encode is not None}
