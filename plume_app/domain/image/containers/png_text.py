"""PNG texts, and the profiles that ImageMagick and ExifTool write as hexadecimal text."""

from __future__ import annotations

import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from plume_app.domain.image.containers import Metadata, Text, photoshop

XMP_KEYWORD = "XML:com.adobe.xmp"
RAW = "Raw profile type "
MAX_TEXT_BYTES = 32_000_000  # inflated; above it a text is not one
_COMPRESS_FROM = 1024  # the specification's own advice: longer texts are worth compressing
_RAW_KINDS = {"exif": "exif", "app1": "exif", "iptc": "iptc", "8bim": "iptc", "xmp": "xmp", "icc": "icc", "icm": "icc"}
_HEX_PROFILE = re.compile(r"\s*[^\n]*\n\s*(?P<size>\d{1,10})\s*\n(?P<digits>.*)", re.DOTALL)


@dataclass(slots=True)
class Collector:
    """Gathers the text chunks of one file."""

    texts: list[Text] = field(default_factory=list)
    profiles: dict[str, bytes] = field(default_factory=dict)
    chunks: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    xmp: bytes | None = None

    def add(self, name: str, payload: bytes) -> bool:
        """One chunk. False where it is not understood, or says what another one has said already."""
        text = _text(name, payload)
        if text is None:
            return False
        if text.keyword == XMP_KEYWORD:
            if self.xmp is not None:
                return False
            self.xmp = text.text.encode("utf-8", "surrogateescape")
            return True
        if text.keyword.lower().startswith(RAW.lower()):
            kind = self._add_profile(text.keyword[len(RAW) :].strip().lower(), text.text)
            if kind is not None:
                self.chunks[kind] = (name, payload)
            return kind is not None
        self.texts.append(text)
        return True

    def _add_profile(self, name: str, text: str) -> str | None:
        """The kind of profile that it was, None where it is none or not the first."""
        kind, data = _RAW_KINDS.get(name), _unhex(text)
        if kind is None or not data:
            return None
        if data.startswith(b"Exif\0\0"):
            kind, data = "exif", data[6:]
        elif data.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
            kind, data = "xmp", data[29:]
        elif kind == "iptc":
            data = data.removeprefix(photoshop.SIGNATURE)
            if data.startswith(b"8BIM"):
                data = photoshop.resources(data)[1] or b""
        if not data or kind in self.profiles:
            return None
        self.profiles[kind] = data
        return kind


def inflate(data: bytes, limit: int) -> bytes | None:
    """The inflated bytes; None where they are broken or more than `limit`."""
    machine = zlib.decompressobj()
    try:
        found = machine.decompress(data, limit)
    except zlib.error:
        return None
    return found if machine.eof else None


def text_chunks(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Name and payload of every text chunk for this metadata; XMP and IPTC are texts too."""
    if metadata.xmp:
        yield "iTXt", XMP_KEYWORD.encode("latin-1") + b"\0\0\0\0\0" + metadata.xmp
    if metadata.iptc:
        profile = photoshop.block(photoshop.IPTC, metadata.iptc)
        yield "zTXt", (RAW + "iptc").encode("latin-1") + b"\0\0" + zlib.compress(_hex("iptc", profile), 9)
    for text in metadata.texts:
        yield _chunk_of(text)


def _chunk_of(text: Text) -> tuple[str, bytes]:
    keyword = text.keyword.encode("latin-1", "replace")[:79] + b"\0"
    plain = _latin1(text)
    if plain is not None:
        if len(plain) < _COMPRESS_FROM:
            return "tEXt", keyword + plain
        return "zTXt", keyword + b"\0" + zlib.compress(plain, 9)
    body = text.text.encode("utf-8", "surrogateescape")
    translated = text.translated.encode("utf-8", "surrogateescape")
    labels = text.language.encode("ascii", "replace") + b"\0" + translated + b"\0"
    if len(body) < _COMPRESS_FROM:
        return "iTXt", keyword + b"\0\0" + labels + body
    return "iTXt", keyword + b"\1\0" + labels + zlib.compress(body, 9)


def _latin1(text: Text) -> bytes | None:
    if text.language or text.translated:
        return None
    try:
        return text.text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _text(name: str, payload: bytes) -> Text | None:
    keyword_bytes, found, rest = payload.partition(b"\0")
    if not found or not keyword_bytes:
        return None
    keyword = keyword_bytes.decode("latin-1")
    if name == "tEXt":
        return Text(keyword, rest.decode("latin-1"))
    if name == "zTXt":
        plain = inflate(rest[1:], MAX_TEXT_BYTES)
        return None if plain is None else Text(keyword, plain.decode("latin-1"))
    is_compressed = rest[:1] == b"\1"
    language, _, rest = rest[2:].partition(b"\0")
    translated, _, body = rest.partition(b"\0")
    inflated = inflate(body, MAX_TEXT_BYTES) if is_compressed else body
    if inflated is None:
        return None
    return Text(
        keyword,
        inflated.decode("utf-8", "surrogateescape"),
        language.decode("latin-1"),
        translated.decode("utf-8", "surrogateescape"),
    )


def _hex(name: str, profile: bytes) -> bytes:
    """Newline, name, length, then lines of 72 digits: the form that ImageMagick began and others read."""
    digits = binascii.hexlify(profile)
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return b"\n%s\n%8d\n%s\n" % (name.encode("ascii"), len(profile), lines)


def _unhex(text: str) -> bytes | None:
    """The profile that `_hex` wrote, or another program: its name may be two words ("IPTC profile", exiftool)."""
    found = _HEX_PROFILE.fullmatch(text)
    if found is None:
        return None
    try:
        return bytes.fromhex(found["digits"])[: int(found["size"])]
    except ValueError:
        return None
