"""Photoshop's image resources ("8BIM" blocks), in which JPEG and TIFF keep IPTC."""

from __future__ import annotations

import struct

SIGNATURE = b"Photoshop 3.0\0"
IPTC = 0x0404
BROKEN = 0xFFFF  # no resource has this number; it names what is left where the list of them breaks
RESOLUTION = 0x03ED
COPYRIGHT_FLAG = 0x040A
COPYRIGHT_URL = 0x040B
THUMBNAILS = frozenset({0x0409, 0x040C})

Resource = tuple[int, bytes]
"""An id and the whole block, from "8BIM" to its padding."""


def resources(data: bytes) -> tuple[list[Resource], bytes | None]:
    """The resources other than IPTC, and the joined IPTC data sets; what cannot be followed is one resource, BROKEN."""
    others: list[Resource] = []
    iptc: list[bytes] = []
    at = 0
    while data[at : at + 4] == b"8BIM" and at + 12 <= len(data):
        number = int.from_bytes(data[at + 4 : at + 6], "big")
        name_end = at + 6 + 1 + data[at + 6]
        name_end += (name_end - at) & 1
        if name_end + 4 > len(data):
            break
        size = int.from_bytes(data[name_end : name_end + 4], "big")
        end = name_end + 4 + size
        if end > len(data):
            break
        if number == IPTC:
            iptc.append(data[name_end + 4 : end])
        else:
            block = data[at:end]
            others.append((number, block + b"\0" * (size & 1)))
        at = end + (size & 1)
    if data[at:].strip(b"\0"):
        others.append((BROKEN, data[at:]))
    return others, b"".join(iptc) or None


def block(number: int, data: bytes) -> bytes:
    """One unnamed resource."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) & 1)
