"""What of a file tells how it will compress: `Features`, numbers only, so that a database row can hold them.

`header_features` reads them where the user's files are owned: no decoder, no more of the file than
`MAX_LOOK_BYTES`, well under a millisecond. A worker that has the whole file knows better what its metadata will
weigh (`domain/compression/probe.py`).

Bits per pixel count the coded picture alone: EXIF, previews and maker notes were up to a third of small files,
and made every model look bad.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from plume_app.domain.image.finders import jpeg as jpeg_finder
from plume_app.domain.image.finders import vp8
from plume_app.domain.image.header import Header
from plume_app.domain.image.headers.look import BudgetSpent, Look, ReadAt
from plume_app.domain.image.traits import ALPHA, Traits
from plume_app.domain.shared.errors import CorruptImage

HALF_COLOUR = ("4:2:0", "4:1:1", "4:1:0")  # chroma subsampling that leaves nothing more to halve
_SOS, _EOI, _DQT, _APP2 = 0xDA, 0xD9, 0xDB, 0xE2
_DHT = 0xC4
_STANDARD_HUFFMAN_BYTES = (208, 416)  # a DC and an AC table of 12 and 162 codes, each behind 17 bytes; twice in colour
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_PNG_FIRST, _PNG_ICC, _PNG_PIXELS = 8, b"iCCP", (b"IDAT", b"IEND")
_PNG_TABLES = (b"IHDR", b"PLTE", b"tRNS")  # belong to the picture
_WEBP_FIRST, _WEBP_PICTURES = 12, (b"VP8 ", b"VP8L", b"ALPH", b"ANMF")
_VP8_BYTES = 128
_SAFE_SHARE = 0.25  # of metadata other than the profile, a guess: most of EXIF is preview and maker note


@dataclass(frozen=True, slots=True)
class Features:
    """Sizes are bytes, sides pixels. `scan_bytes` is the coded picture without metadata.

    `source_quality` (1-100) and `subsampling` are those of `Traits`. `standard_tables`: a JPEG with the Huffman
    tables of the standard's own example (ITU-T T.81, annex K.3), so that a tenth can be saved without loss.
    `kept_*` are the bytes of metadata that each policy carries into a result. The logarithms are natural: of bits
    per pixel (of all frames), and of megapixels.
    """

    format: str
    width: int
    height: int
    file_size: int
    scan_bytes: int
    frames: int = 1
    channels: int = 3
    bits: int = 8
    source_quality: int | None = None
    subsampling: str | None = None
    progressive: bool = False
    standard_tables: bool = False
    palette: bool = False
    kept_none: int = 0
    kept_safe: int = 0
    kept_all: int = 0
    log_bpp: float = field(init=False, compare=False, repr=False)
    log_megapixels: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        pixels = max(1, self.width * self.height * max(1, self.frames))
        object.__setattr__(self, "log_bpp", math.log(max(1, self.scan_bytes) * 8 / pixels))
        object.__setattr__(self, "log_megapixels", math.log(pixels / 1e6))

    @property
    def pixels(self) -> int:
        """Of all frames."""
        return self.width * self.height * max(1, self.frames)

    @property
    def has_alpha(self) -> bool:
        """An alpha channel, or a transparent colour."""
        return self.channels in (2, 4)

    def kept(self, policy: str) -> int:
        """Bytes of metadata that a result carries under this policy."""
        return self.kept_safe if policy == "safe" else self.kept_all if policy == "all" else self.kept_none

    def to_json(self) -> dict[str, Any]:
        """Plain values; what has its default stays away."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.init}
        return {name: value for name, value in found.items() if value != _DEFAULTS.get(name, _NO_DEFAULT)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Features:
        """What `to_json` gave, also one of a later version: unknown names are passed over.

        Raises KeyError or TypeError where it is something else.
        """
        known = {one.name for one in fields(cls) if one.init}
        return cls(**{name: value[name] for name in value if name in known})


_NO_DEFAULT = object()
_DEFAULTS = {one.name: one.default for one in fields(Features) if one.init}


@dataclass(slots=True)
class _Found:
    """Bytes of metadata in the file, and of them the colour profile; and what the picture's own headers say."""

    metadata: int = 0
    icc: int = 0
    source_quality: int | None = None
    subsampling: str | None = None
    progressive: bool = False
    huffman_bytes: int = 0
    palette: bool = False
    has_alpha: bool = False


def header_features(read_at: ReadAt, size: int, header: Header) -> Features:
    """From the first bytes of a file of `size` bytes, whose header was read already.

    What metadata a policy keeps is a guess here. A file too odd to follow gives what the header says.
    """
    found = _Found()
    try:
        look = Look(read_at, size)
        if header.format == "jpeg":
            _look_at_jpeg(look, header, found)
        elif header.format == "png":
            _look_at_png(look, found)
        elif header.format == "webp":
            _look_at_webp(look, found)
    except (BudgetSpent, CorruptImage):
        pass  # the parts seen so far count
    other = found.metadata - found.icc
    return Features(
        format=header.format,
        width=header.width,
        height=header.height,
        file_size=size,
        scan_bytes=max(1, size - found.metadata),
        frames=max(1, header.frames or 1),
        channels=4 if found.has_alpha and header.channels == 3 else header.channels,
        bits=header.bits,
        source_quality=found.source_quality,
        subsampling=found.subsampling,
        progressive=found.progressive,
        standard_tables=found.huffman_bytes in _STANDARD_HUFFMAN_BYTES and not found.progressive,
        palette=found.palette,
        kept_none=found.icc,
        kept_safe=found.icc + round(other * _SAFE_SHARE),
        kept_all=found.metadata,
    )


def plain_features(header: Header, size: int, traits: Traits | None = None) -> Features:
    """From what is known already, where nobody looked for more: all of the file counts as picture."""
    alpha = traits is not None and ALPHA in traits.names
    return Features(
        format=header.format,
        width=header.width,
        height=header.height,
        file_size=size,
        scan_bytes=max(1, size),
        frames=max(1, header.frames or 1),
        channels=4 if alpha and header.channels == 3 else header.channels,
        bits=header.bits,
        source_quality=None if traits is None else traits.source_quality,
        subsampling=None if traits is None else traits.chroma_subsampling,
    )


def _look_at_jpeg(look: Look, header: Header, found: _Found) -> None:
    """Everything up to the first scan. The tables are read by `finders/jpeg.py`, from a file of them alone."""
    offset, told = 2, [b"\xff\xd8"]
    while True:
        head = look.exactly(offset, 4)
        code, length = head[1], int.from_bytes(head[2:], "big")
        if head[0] != 0xFF or code == 0xFF:
            offset += 1
            continue
        if code in (_SOS, _EOI):
            break
        if code == _DQT or code in _FRAMES:
            told.append(look.exactly(offset, 2 + length))
            found.progressive = found.progressive or code in _PROGRESSIVE
        elif code == _DHT:
            found.huffman_bytes += length - 2
        elif 0xE0 <= code <= 0xEF or code == 0xFE:
            found.metadata += 2 + length
            if code == _APP2 and look.at(offset + 4, 11) == b"ICC_PROFILE":
                found.icc += 2 + length
        offset += 2 + max(2, length)
    traits = jpeg_finder.find(b"".join([*told, b"\xff\xd9"]), header)
    found.source_quality, found.subsampling = traits.source_quality, traits.chroma_subsampling


def _look_at_png(look: Look, found: _Found) -> None:
    found.palette = look.head[25:26] == b"\x03"
    offset = _PNG_FIRST
    while len(head := look.at(offset, 8)) == 8:
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in _PNG_PIXELS:
            return
        if kind not in _PNG_TABLES:
            found.metadata += 12 + length
            found.icc += 12 + length if kind == _PNG_ICC else 0
        offset += 12 + length


def _look_at_webp(look: Look, found: _Found) -> None:
    offset = _WEBP_FIRST
    while len(head := look.at(offset, 8)) == 8:
        kind, length = head[:4], int.from_bytes(head[4:], "little")
        if kind == b"VP8 " and found.source_quality is None:
            found.source_quality = vp8.quality_of(look.at(offset + 8, min(length, _VP8_BYTES)))
        elif kind == b"VP8L":
            found.has_alpha = found.has_alpha or bool(look.at(offset + 8, 5)[4:5] >= b"\x10")
        elif kind == b"ALPH":
            found.has_alpha = True
        elif kind not in _WEBP_PICTURES:
            found.metadata += 8 + length + length % 2
            found.icc += 8 + length if kind == b"ICCP" else 0
        offset += 8 + (16 if kind == b"ANMF" else length + length % 2)
