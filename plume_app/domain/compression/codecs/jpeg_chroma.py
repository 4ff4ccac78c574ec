"""May the colours of a picture be stored at half resolution? Photographs yes, red letters no.

Measured at quality 80 on 29 photographs (camera JPEG, Kodak, CLIC, CID22): full colour resolution costs 13 to
62 % more bytes and never pays (raising the quality instead gives a better SSIMULACRA2 score for those
bytes); on red and blue text it lifts the score from 20 to 80. The share counted here separates them
widely: at most 0.08 % of the pixels of those photographs, 17 % of the text.

Pillow's whole numbers take a quarter of the time of libvips' fractions, with which this look cost as much as a
fast encoding.
"""

from __future__ import annotations

from typing import Any

STEP = 40  # a change of one colour component that survives quality 80 and is seen; of 255
MAX_SHARE = 0.002  # of the pixels; twice what the most colourful photograph had
_BAND_PX, _EVERY_PX = 16, 64  # a quarter of the rows is looked at: bands as high as a line of small text
_TO_CHROMA = ((-0.1687, -0.3313, 0.5, 128), (0.5, -0.4187, -0.0813, 128))  # Cb and Cr of JFIF


def has_fine_colour(pixels: Any, width: int, height: int) -> bool:
    """Would half the colour resolution be seen? `pixels` are rows of 8-bit RGB, a buffer whose slices are bytes."""
    from PIL import Image, ImageChops

    even = width // 2 * 2, height // 2 * 2
    if min(even) < 2:
        return True  # nothing to gain
    stride, rows = 3 * width, min(_BAND_PX, even[1])
    tops = range(0, even[1] - rows + 1, _EVERY_PX)
    sample = b"".join(pixels[top * stride : (top + rows) * stride] for top in tops)
    size = even[0], rows * len(tops)
    colours = Image.frombuffer("RGB", size, sample, "raw", "RGB", stride, 1)
    lost = []
    for matrix in _TO_CHROMA:
        chroma = colours.convert("L", matrix)
        halved = chroma.reduce(2).resize(size, Image.Resampling.NEAREST)
        lost.append(ImageChops.difference(chroma, halved))
    seen = sum(ImageChops.lighter(*lost).histogram()[STEP + 1 :])
    return seen > MAX_SHARE * size[0] * size[1]
