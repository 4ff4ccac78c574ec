"""Pixels and indices as PNG files, by oxipng."""

from __future__ import annotations

import io
from typing import Any

from plume_app.domain.compression.codecs.png_filters import options
from plume_app.domain.compression.codecs.png_palette import Indexed
from plume_app.domain.compression.codecs.png_sample import COLOUR_TYPES, is_flat, of_pixels

REDUCTIONS = ("palette_reduction", "color_type_reduction", "grayscale_reduction", "bit_depth_reduction")
_LOSSY_DEFLATE = {"fast": 6, "balanced": 10}  # libdeflate's levels between and above gain nothing on palettes
_QUICK_DEFLATE = 6  # zlib's
_FEW_COLOURS = 16  # so few fit in 4 bits a pixel


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


def indexed_bytes(indexed: Indexed, size: tuple[int, int], effort: str) -> bytes:
    """Indices and their palette; `size` is width and height."""
    import oxipng

    raw = oxipng.RawImage(
        *size, oxipng.ColorType.indexed, oxipng.BitDepth.eight, indexed.indices, palette=list(indexed.palette)
    )
    return bytes(raw.create_optimized_png(**palette_options(effort, len(indexed.palette))))


def indexed_quickly(indexed: Indexed, size: tuple[int, int]) -> bytes:
    """The same by Pillow, in half of oxipng's least time; without alpha, which is a few bytes."""
    from PIL import Image

    image = Image.frombuffer("P", size, indexed.indices, "raw", "P", 0, 1)
    image.putpalette([channel for colour in indexed.palette for channel in colour[:3]])
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=_QUICK_DEFLATE)
    return out.getvalue()


def palette_options(effort: str, colours: int) -> dict[str, Any]:
    """oxipng's arguments for an indexed picture: filters only cost, except at "max".

    There they are those of the lossless way, so that a second run finds nothing more: 0.6 s a megapixel for 0.5 %.
    """
    import oxipng

    if effort == "max":
        return options(effort, None, flat=True)
    deflate = oxipng.Deflaters.libdeflater(_LOSSY_DEFLATE[effort])
    reductions = dict.fromkeys(REDUCTIONS, False) | {"bit_depth_reduction": colours <= _FEW_COLOURS}
    return reductions | {"level": 1, "filter": ["none"], "deflate": deflate, "strip": "none"}
