"""The header of a JPEG: the frame header, behind whatever a camera wrote before it.

Source: ITU-T T.81, B.1.1 (markers) and B.2.2 (frame header).
"""

from __future__ import annotations

from plume_app.domain.image.headers.look import Header, Look, sized
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

_BARE = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0-7, SOI: no length follows
_SOS, _EOI = 0xDA, 0xD9
# Baseline, extended, progressive, lossless; then sequential and progressive with arithmetic coding. Measured: the
# libjpeg-turbo of Pillow 13 and the mozjpeg of pyvips-binary 8.18 decode these at 8 bits, and neither 12 nor 16 bits
# nor hierarchical pictures.
_DECODABLE = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # DHT, JPG and DAC share the range


def read(look: Look) -> Header:
    """Raises CorruptImage, and UnsupportedFormat for a coding process that no decoder here knows."""
    offset = 2
    while True:
        code, offset = _next_marker(look, offset)
        if code in _BARE:
            continue
        if code in (_SOS, _EOI):
            raise CorruptImage(problem="there is no frame header before the picture")
        length = look.number(offset, 2, "big")
        if length < 2:
            raise CorruptImage(problem="a segment is shorter than its own length field")
        if code in _FRAMES:
            return _frame(code, look.exactly(offset, 8))
        offset += length


def _next_marker(look: Look, offset: int) -> tuple[int, int]:
    """The code of the next marker and the offset behind it; bytes between segments are passed over."""
    pair = look.exactly(offset, 2)
    while pair[0] != 0xFF or pair[1] in (0x00, 0xFF):
        offset += 1
        pair = look.exactly(offset, 2)
    return pair[1], offset + 2


def _frame(code: int, segment: bytes) -> Header:
    bits, channels = segment[2], segment[7]
    if code not in _DECODABLE or bits != 8 or channels not in (1, 3, 4):
        raise UnsupportedFormat(
            problem=f"a JPEG of a rare kind: {bits} bits, {channels} channels, process {code - 0xC0}"
        )
    return sized(
        Header(
            format="jpeg",
            width=int.from_bytes(segment[5:7], "big"),
            height=int.from_bytes(segment[3:5], "big"),
            channels=channels,
            bits=bits,
        )
    )
