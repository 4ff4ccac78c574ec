"""Pixels as a PNG file, by oxipng: the way of a conversion without loss."""

from __future__ import annotations

from typing import Any

from plume_app.domain.compression.codecs.png_filters import options
from plume_app.domain.compression.codecs.png_sample import COLOUR_TYPES, is_flat, of_pixels


def png_of(image: Any, effort: str, *, profiled: bool, grey_profile: bool) -> bytes:
    """Pixels (libvips, 8 or 16 bits) at their own depth. A `profiled` picture stays grey or coloured as it is."""
    import oxipng

    sixteen = image.format == "ushort"
    # vips keeps 16 bits in the machine's order, PNG has the high byte first
    pixels = memoryview((image.byteswap() if sixteen else image).write_to_memory())
    sample = None if sixteen else of_pixels(pixels, image)
    depth = oxipng.BitDepth.sixteen if sixteen else oxipng.BitDepth.eight
    raw = oxipng.RawImage(image.width, image.height, COLOUR_TYPES[image.bands], depth, pixels)
    del pixels
    how = options(effort, sample, flat=sample is not None and is_flat(sample))
    if profiled:
        how["grayscale_reduction"] = False
    if grey_profile:
        how |= {"palette_reduction": False, "color_type_reduction": False}
    return bytes(raw.create_optimized_png(**how))
