"""The header of a BMP, of every length that was ever in use.

Source: Microsoft's documentation of BITMAPCOREHEADER, BITMAPINFOHEADER, BITMAPV4HEADER and
BITMAPV5HEADER; the two lengths between (52, 56) add the colour masks, then the alpha mask.
"""

from __future__ import annotations

from plume_app.domain.image.headers.look import Header, Look, sized
from plume_app.domain.shared.errors import CorruptImage

_INFO = 14  # offset of the header behind the file header
_CORE_BYTES, _ALPHA_MASK_BYTES = 12, 56
_DEPTHS = (1, 2, 4, 8, 16, 24, 32)
_RGB, _BITFIELDS, _ALPHA_BITFIELDS = 0, 3, 6


def read(look: Look) -> Header:
    """Raises CorruptImage. Every colour comes out as 8 bits a channel, whatever its mask."""
    length = look.number(_INFO, 4, "little")
    info = look.exactly(_INFO, min(length, _ALPHA_MASK_BYTES))
    is_core = length == _CORE_BYTES
    side_bytes = 2 if is_core else 4
    width = int.from_bytes(info[4 : 4 + side_bytes], "little", signed=not is_core)
    height = int.from_bytes(info[4 + side_bytes : 4 + 2 * side_bytes], "little", signed=not is_core)
    depth = int.from_bytes(info[6 + 2 * side_bytes : 8 + 2 * side_bytes], "little")
    if depth not in _DEPTHS:
        raise CorruptImage(problem="the header names a colour depth that does not exist")
    has_alpha = not is_core and _has_alpha_mask(look, info, length)
    return sized(Header("bmp", width, abs(height), channels=4 if has_alpha else 3))  # below zero: top row first


def _has_alpha_mask(look: Look, info: bytes, length: int) -> bool:
    compression = int.from_bytes(info[16:20], "little")
    if compression == _ALPHA_BITFIELDS and length < _ALPHA_MASK_BYTES:
        return any(look.at(_INFO + 40 + 12, 4))  # the masks follow the short header
    return compression in (_BITFIELDS, _ALPHA_BITFIELDS) and length >= _ALPHA_MASK_BYTES and any(info[52:56])
