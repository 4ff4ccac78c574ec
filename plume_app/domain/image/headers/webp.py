"""The header of a WebP: the picture, or the canvas and the frames of an extended file.

Source: RFC 9649, 2.4 to 2.7 (container), 3.4 (VP8L header); RFC 6386, 9.1 (VP8 frame header).
"""

from __future__ import annotations

from plume_app.domain.image.headers.look import BudgetSpent, Header, Look, sized
from plume_app.domain.shared.errors import CorruptImage

FIRST_CHUNK = 12  # RIFF, size, WEBP
_ALPHA_FLAG, _ANIMATION_FLAG = 0x10, 0x02


def read(look: Look) -> Header:
    """Raises CorruptImage. An extended file has its alpha channel from the flag that its header carries."""
    head = look.exactly(FIRST_CHUNK, 18)
    kind, body = head[:4], head[8:]
    if kind == b"VP8X":
        flags = body[0]
        width = 1 + int.from_bytes(body[4:7], "little")
        height = 1 + int.from_bytes(body[7:10], "little")
        return Header(
            format="webp",
            width=width,
            height=height,
            channels=4 if flags & _ALPHA_FLAG else 3,
            frames=_count_frames(look) if flags & _ANIMATION_FLAG else 1,
        )
    if kind == b"VP8L" and body[0] == 0x2F:
        packed = int.from_bytes(body[1:5], "little")  # 14 bits width - 1, 14 bits height - 1, 1 bit alpha
        has_alpha = bool(packed >> 28 & 1)
        return Header("webp", 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF), channels=4 if has_alpha else 3)
    if kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and not body[0] & 1:
        width = int.from_bytes(body[6:8], "little") & 0x3FFF  # the two bits above it are a scale, unused
        height = int.from_bytes(body[8:10], "little") & 0x3FFF
        return sized(Header("webp", width, height))
    raise CorruptImage(problem="the first chunk is no picture")


def _count_frames(look: Look) -> int | None:
    frames = 0
    offset = FIRST_CHUNK
    try:
        while len(head := look.at(offset, 8)) == 8:
            frames += head[:4] == b"ANMF"
            length = int.from_bytes(head[4:], "little")
            offset += 8 + length + length % 2
    except BudgetSpent:
        return None
    return max(1, frames)
