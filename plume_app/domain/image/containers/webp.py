"""WebP: metadata lives in RIFF chunks, announced by flags of the VP8X chunk."""

from __future__ import annotations

from plume_app.domain.image.containers import Metadata, Part
from plume_app.domain.shared.errors import CorruptImage

_STRUCTURE = ("VP8 ", "VP8L", "ALPH", "ANIM", "ANMF")
_ICC, _ALPHA, _EXIF, _XMP = 0x20, 0x10, 0x08, 0x04

Chunk = tuple[str, int, int]
"""A name, and where its data begin and end (without padding)."""


def chunks(data: bytes) -> tuple[list[Chunk], int]:
    """Every chunk of the RIFF, and where the RIFF ends; what follows it is nobody's.

    Raises CorruptImage where a chunk is cut off.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise CorruptImage(problem="no WebP signature")
    end = min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    found: list[Chunk] = []
    at = 12
    while at + 8 <= end:
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > end:
            raise CorruptImage(problem="WebP ends early")
        found.append((data[at : at + 4].decode("latin-1"), at + 8, at + 8 + size))
        at += 8 + size + (size & 1)
    if not any(name in ("VP8 ", "VP8L", "ANMF") for name, _, _ in found):
        raise CorruptImage(problem="WebP without a picture")
    return found, min(at, len(data))


def read(data: bytes) -> Metadata:
    """What the WebP says beside its pixels. Raises CorruptImage where a chunk is cut off."""
    first: dict[str, bytes] = {}
    others: list[Part] = []
    for name, start, end in chunks(data)[0]:
        if name in ("EXIF", "XMP ", "ICCP") and name not in first:
            first[name] = data[start:end]
        elif name not in _STRUCTURE and name != "VP8X":
            others.append(Part("webp", name, data[start:end]))
    return Metadata(
        exif=first.get("EXIF", b"").removeprefix(b"Exif\0\0") or None,
        xmp=first.get("XMP ") or None,
        icc=first.get("ICCP") or None,
        others=tuple(others),
    )


def write(data: bytes, metadata: Metadata) -> bytes:
    """`data` with this metadata and no other; frames and alpha stay as they are. What follows the RIFF goes.

    Raises CorruptImage where a chunk is cut off.
    """
    found, _ = chunks(data)
    header = next((data[start:end] for name, start, end in found if name == "VP8X"), None)
    flags = (_ICC if metadata.icc else 0) | (_EXIF if metadata.exif else 0) | (_XMP if metadata.xmp else 0)
    body: list[bytes] = []
    if header is not None and len(header) >= 10:
        flags |= header[0] & ~(_ICC | _EXIF | _XMP)
        body.append(_chunk("VP8X", bytes([flags]) + header[1:]))
    elif flags:
        body.append(_chunk("VP8X", _extended_header(data, found, flags)))
    if metadata.icc:
        body.append(_chunk("ICCP", metadata.icc))
    body.extend(_chunk(name, data[start:end]) for name, start, end in found if name in _STRUCTURE)
    if metadata.exif:
        body.append(_chunk("EXIF", metadata.exif))
    if metadata.xmp:
        body.append(_chunk("XMP ", metadata.xmp))
    body.extend(_chunk(part.kind, part.data) for part in metadata.others if part.format == "webp")
    size = 4 + sum(map(len, body))
    return b"".join((b"RIFF", size.to_bytes(4, "little"), b"WEBP", *body))


def _chunk(name: str, payload: bytes) -> bytes:
    return name.encode("latin-1") + len(payload).to_bytes(4, "little") + payload + b"\0" * (len(payload) & 1)


def _extended_header(data: bytes, found: list[Chunk], flags: int) -> bytes:
    """A VP8X payload for a picture that had none: its size, and whether it has alpha."""
    name, start, end = next(entry for entry in found if entry[0] in ("VP8 ", "VP8L"))
    head = data[start : min(end, start + 10)]
    if len(head) < (10 if name == "VP8 " else 5):
        raise CorruptImage(problem="WebP ends early")
    if name == "VP8L":
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags |= _ALPHA if bits >> 28 & 1 else 0
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if not width or not height:
        raise CorruptImage(problem="WebP without a size")
    return bytes([flags, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
