"""GIF: read only."""

from __future__ import annotations

from plume_app.domain.image.containers import Metadata

_EXTENSION, _IMAGE = 0x21, 0x2C
_RAMP = b"\1\xff\xfe\xfd"  # begins the 258 bytes that lead decoders out of a packet without block sizes
_COMMENT, _APPLICATION = 0xFE, 0xFF


def read(data: bytes) -> Metadata:
    """Comments, XMP and colour profile of a GIF; reading stops quietly where the file breaks."""
    comments: list[bytes] = []
    xmp = icc = None
    at = 13 + _table_size(data[10]) if len(data) > 13 else len(data)
    while at + 1 < len(data):
        if data[at] == _IMAGE and at + 10 < len(data):
            at = _end_of_blocks(data, at + 11 + _table_size(data[at + 9]))
        elif data[at] == _EXTENSION:
            label, start = data[at + 1], at + 2
            at = _end_of_blocks(data, start)
            if label == _COMMENT:
                comments.append(_joined(data, start))
            elif label == _APPLICATION and data[start + 1 : start + 12] == b"XMP DataXMP":
                packet = data[start + 12 : at]
                xmp = packet.rpartition(_RAMP)[0] or None
            elif label == _APPLICATION and data[start + 1 : start + 12] == b"ICCRGBG1012":
                icc = _joined(data, start + 12) or None
        else:
            break
    return Metadata(xmp=xmp, icc=icc, comments=tuple(comment for comment in comments if comment))


def _table_size(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def _joined(data: bytes, at: int) -> bytes:
    found = []
    while at < len(data) and data[at]:
        found.append(data[at + 1 : at + 1 + data[at]])
        at += data[at] + 1
    return b"".join(found)
