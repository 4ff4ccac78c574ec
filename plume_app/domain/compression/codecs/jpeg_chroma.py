"""May the colours of a picture be stored at half resolution? Photographs yes, red letters no.

Measured at quality 80 on 29 photographs (camera JPEG, Kodak, CLIC, CID22): full colour resolution costs 13 to
62 % more bytes and never pays (raising the quality instead gives a better SSIMULACRA2 score for those
bytes); on red and blue text it lifts the score from 20 to 80. The share counted here separates them
widely: at most 0.08 % of the pixels of those photographs, 17 % of the text.
"""

from __future__ import annotations

from typing import Any

STEP = 40  # a change of one colour component that survives quality 80 and is seen; of 255
MAX_SHARE = 0.002  # of the pixels; twice what the most colourful photograph had
_BAND_PX, _EVERY_PX = 16, 64  # a quarter of the rows is looked at: bands as high as a line of small text
_TO_CHROMA = [[-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]]  # Cb and Cr of JFIF, centred on 0


def has_fine_colour(image: Any) -> bool:
    """Would half the colour resolution be seen? `image` is 8-bit RGB, held in memory (libvips)."""
    width, height = image.width // 2 * 2, image.height // 2 * 2
    if width < 2 or height < 2:
        return True  # nothing to gain
    tops = range(0, max(1, height - _BAND_PX + 1), _EVERY_PX) if height >= _BAND_PX else range(1)
    rows = min(_BAND_PX, height)
    bands = [image.crop(0, top, width, rows) for top in tops]
    sample = type(image).arrayjoin(bands, across=1) if len(bands) > 1 else bands[0]
    chroma = sample.recomb(_TO_CHROMA)
    lost = (chroma - chroma.shrink(2, 2).zoom(2, 2)).abs()
    worst = lost[0].bandrank(lost[1], index=1)
    return bool((worst > STEP).avg() / 255 > MAX_SHARE)
