"""Which quality a lossy WebP was encoded at, told from the quantiser of its VP8 frame header.

libwebp turns a quality into a compression strength between 0 and 1, and spreads it over up to four
segments of the picture, the calm ones finer and the busy ones coarser, so that the logarithms balance.
The way back weighs the logarithms by the share of each segment, which stands in the header as well.
Measured on the photographs of PLUME_CORPUS by the test of this module, default presets: within 3.

Source: RFC 6386, 7.3 (boolean decoder) and 9.2 to 9.6 (frame header); libwebp, src/enc/quant_enc.c,
`QualityToCompression` and `VP8SetSegmentParams`.
"""

from __future__ import annotations

import math

_FRAME_TAG_BYTES, _KEY_FRAME_BYTES = 3, 10
_START_CODE = b"\x9d\x01\x2a"
_SEGMENTS = 4
_MAX_QUANTISER = 127
_EVEN = 128  # a probability of one half


class _BoolDecoder:
    """Reads single bits of known probability; zeros behind the end, as every VP8 decoder does."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 2
        self._value = int.from_bytes(data[:2].ljust(2, b"\0"), "big")
        self._range = 255
        self._shifted = 0

    def bit(self, probability: int = _EVEN) -> int:
        split = 1 + ((self._range - 1) * probability >> 8)
        is_one = self._value >= split << 8
        if is_one:
            self._value -= split << 8
            self._range -= split
        else:
            self._range = split
        while self._range < 128:
            self._value <<= 1
            self._range <<= 1
            self._shifted += 1
            if self._shifted == 8:
                self._shifted = 0
                self._value |= self._data[self._at] if self._at < len(self._data) else 0
                self._at += 1
        return int(is_one)

    def number(self, bits: int) -> int:
        value = 0
        for _ in range(bits):
            value = value << 1 | self.bit()
        return value

    def signed(self, bits: int) -> int:
        value = self.number(bits)
        return -value if self.bit() else value

    def optional(self, bits: int) -> int:
        """A signed number behind a bit that says whether it is there; else 0."""
        return self.signed(bits) if self.bit() else 0


def quality_of(frame: bytes) -> int | None:
    """The estimated quality, 1 to 100, of the VP8 key frame that `frame` begins with; None if it is none."""
    if len(frame) < _KEY_FRAME_BYTES or frame[0] & 1 or frame[_FRAME_TAG_BYTES : _FRAME_TAG_BYTES + 3] != _START_CODE:
        return None
    logarithm = sum(share * math.log(_strength(quantiser)) for quantiser, share in _segments(frame))
    linear = math.exp(logarithm) ** 3
    quality = 1.5 * linear if linear < 0.5 else (linear + 1) / 2
    return min(100, max(1, round(100 * quality)))


def _strength(quantiser: int) -> float:
    """libwebp's compression strength of a quantiser index: the middle of those that are cut down to it."""
    if quantiser <= 0:
        return 1.0
    return 1 - min(quantiser + 0.5, _MAX_QUANTISER - 0.5) / _MAX_QUANTISER


def _segments(frame: bytes) -> list[tuple[int, float]]:
    """Quantiser index and share (adding up to 1) of every segment of the picture."""
    bits = _BoolDecoder(frame[_KEY_FRAME_BYTES : _KEY_FRAME_BYTES + 64])
    bits.number(2)  # colour space and clamping
    steps, shares, is_absolute = [0] * _SEGMENTS, [1.0, 0.0, 0.0, 0.0], False
    has_segments = bits.bit()
    if has_segments:
        has_map, has_steps = bits.bit(), bits.bit()
        if has_steps:
            is_absolute = bool(bits.bit())
            steps = [bits.optional(7) for _ in range(_SEGMENTS)]
            for _ in range(_SEGMENTS):
                bits.optional(6)  # strength of the loop filter
        if has_map:
            shares = _shares([bits.number(8) if bits.bit() else 255 for _ in range(_SEGMENTS - 1)])
    bits.number(10)  # type, strength and sharpness of the loop filter
    if bits.bit() and bits.bit():
        for _ in range(8):
            bits.optional(6)  # adjustments of the loop filter
    bits.number(2)  # number of partitions
    base = bits.number(7)
    quantisers = steps if is_absolute else [base + step for step in steps]
    clamped = (min(_MAX_QUANTISER, max(0, quantiser)) for quantiser in quantisers)
    return [(quantiser, share) for quantiser, share in zip(clamped, shares, strict=True) if share]


def _shares(probabilities: list[int]) -> list[float]:
    """The share of each segment from the three probabilities, in 256ths, of the tree that codes them."""
    upper, left, right = (probability / 255 for probability in probabilities)
    return [upper * left, upper * (1 - left), (1 - upper) * right, (1 - upper) * (1 - right)]
