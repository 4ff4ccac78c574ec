"""The header of a PNG: IHDR, and what comes before the pixels.

Source: PNG, third edition (W3C), 11.2.1 (IHDR), 11.3.1.1 (tRNS), 11.3.6.1 (acTL).
"""

from __future__ import annotations

import zlib

from plume_app.domain.image.headers.look import BudgetSpent, Header, Look, sized
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

FIRST_CHUNK = 8  # after the signature
_IHDR_BYTES = 25  # length, type, 13 bytes, check sum
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_DEPTHS = {_GREY: (1, 2, 4, 8, 16), _RGB: (8, 16), _PALETTE: (1, 2, 4, 8), _GREY_ALPHA: (8, 16), _RGBA: (8, 16)}
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 3, _GREY_ALPHA: 2, _RGBA: 4}
_MIN_FRAME_BYTES = 38  # an fcTL chunk: a file cannot have more frames than it has room for


def read(look: Look) -> Header:
    """Raises CorruptImage, and UnsupportedFormat for the private variant that Apple's tools make."""
    chunk = look.exactly(FIRST_CHUNK, _IHDR_BYTES)
    if chunk[4:8] == b"CgBI":
        raise UnsupportedFormat
    if chunk[:8] != b"\0\0\0\x0dIHDR" or zlib.crc32(chunk[4:21]) != int.from_bytes(chunk[21:], "big"):
        raise CorruptImage(problem="the header is damaged")
    depth, colour_type = chunk[16], chunk[17]
    if depth not in _DEPTHS.get(colour_type, ()):
        raise CorruptImage(problem="the header names a colour type that does not exist")
    frames, has_transparency = _before_pixels(look)
    return sized(
        Header(
            format="png",
            width=int.from_bytes(chunk[8:12], "big"),
            height=int.from_bytes(chunk[12:16], "big"),
            channels=_CHANNELS[colour_type] + (has_transparency and colour_type in (_GREY, _RGB, _PALETTE)),
            bits=8 if colour_type == _PALETTE else depth,
            frames=frames,
        )
    )


def _before_pixels(look: Look) -> tuple[int | None, bool]:
    """The number of frames, None where the budget ended first, and whether there is a tRNS chunk."""
    frames, has_transparency = 1, False
    offset = FIRST_CHUNK + _IHDR_BYTES
    try:
        while len(head := look.at(offset, 12)) == 12:
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if kind in (b"IDAT", b"IEND"):
                break
            if kind == b"acTL":
                told = int.from_bytes(head[8:12], "big")
                frames = told if 1 <= told <= look.size // _MIN_FRAME_BYTES else 1
            has_transparency = has_transparency or kind == b"tRNS"
            offset += 12 + length
    except BudgetSpent:
        return None, has_transparency
    return frames, has_transparency
