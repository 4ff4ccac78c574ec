"""Could a picture weigh less without loss than with it? Asked of a few of its rows, before a whole trial is paid for.

Drawings, screenshots and smooth ramps often do, photographs never; and neither the format nor the size of the
source says which of them it is. A few bands of rows do, deflated in the quickest way.
"""

from __future__ import annotations

import zlib
from typing import Any

_SAMPLE_PIXELS = 12_288  # about a millisecond
_BANDS = 6
_LEVEL = 1  # zlib's
_OVERHEAD_BYTES = 600  # code tables, and what so quick a deflate wastes even on a ramp: small against any photograph


def may_be_smaller(pixels: memoryview, size: tuple[int, int], lossy_bytes: int, margin: float) -> bool:
    """Is the lossless file of these pixels likely to be smaller than the `lossy_bytes` that were made of them?

    `pixels` are 8 bits a channel (grey, grey and alpha, RGB or RGBA), row by row; `size` is width and height.
    True where the sampled rows, deflated the quick way, take no more than `margin` times their part of `lossy_bytes`:
    1 to 1.2 would be just as small, and what a real encoder saves against the quick way goes on top.
    """
    width, height = size
    rows = _sampled(pixels, width, height)
    taken = len(rows) / len(pixels)
    return _quick_bytes(rows, width, len(pixels) // (width * height)) - _OVERHEAD_BYTES <= margin * lossy_bytes * taken


def _sampled(pixels: memoryview, width: int, height: int) -> Any:
    """Bands of whole rows from the top down to the bottom, or the whole of a small picture."""
    stride = len(pixels) // height
    rows = max(1, _SAMPLE_PIXELS // (_BANDS * width))
    if rows * _BANDS >= height:
        return pixels
    tops = [(height - rows) * at // (_BANDS - 1) for at in range(_BANDS)]
    return b"".join(pixels[top * stride : (top + rows) * stride] for top in tops)


def _quick_bytes(rows: Any, width: int, bands: int) -> int:
    """The smaller of the rows themselves and the differences from pixel to pixel, deflated.

    By zlib and Pillow: oxipng takes four times as long for so few rows.
    """
    from PIL import Image, ImageChops

    stride = width * bands
    shown = Image.frombuffer("L", (stride, len(rows) // stride), rows, "raw", "L", 0, 1)
    tries = [rows]
    if width > 1:
        right, left = shown.crop((bands, 0, stride, shown.height)), shown.crop((0, 0, stride - bands, shown.height))
        tries.append(ImageChops.subtract_modulo(right, left).tobytes())
    return min(len(zlib.compress(one, _LEVEL)) for one in tries)
