"""The orientation of an EXIF block, and nothing else of it: cheap, and calm about broken blocks.

Source: Exif 2.32, 4.6.4 (tag 0x0112) and 4.5.2 (TIFF structure).
"""

from __future__ import annotations

from typing import Literal

_PREFIX = b"Exif\0\0"  # of a JPEG segment; some writers leave it in PNG and WebP as well
_ORIENTATION, _SHORT, _LONG = 0x0112, 3, 4
_MAX_FIELDS = 512


def orientation_of(exif: bytes) -> int:
    """EXIF's orientation, 1 to 8; 1 where the block has none or cannot be read."""
    block = exif.removeprefix(_PREFIX)
    if block[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    endian: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"
    first = int.from_bytes(block[4:8], endian)
    count = min(int.from_bytes(block[first : first + 2], endian), _MAX_FIELDS)
    for at in range(first + 2, first + 2 + 12 * count, 12):
        field = block[at : at + 12]
        if len(field) < 12:
            break
        if int.from_bytes(field[:2], endian) == _ORIENTATION:
            kind = int.from_bytes(field[2:4], endian)
            value = int.from_bytes(field[8 : 8 + {_SHORT: 2, _LONG: 4}.get(kind, 0)], endian)
            return value if 1 <= value <= 8 else 1
    return 1
