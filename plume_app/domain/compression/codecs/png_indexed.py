"""How a picture in a palette is written: no row filter, no reduction, libdeflate as hard as it pays.

Filters only cost on palettes, except at effort "max". There they are those of the lossless way, so that a second run
finds nothing more: 0.6 s a megapixel for 0.5 %.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs.png_filters import options
from plume_app.domain.compression.codecs.png_palette import MAX_COLOURS, Indexed
from plume_app.domain.compression.codecs.png_sample import BIT_DEPTH_AT, INTERLACE_AT, WIDTH_AT, sample_rows
from plume_app.domain.image.headers.png import FIRST_CHUNK

if TYPE_CHECKING:
    from plume_app.domain.image.header import Header

REDUCTIONS = ("palette_reduction", "color_type_reduction", "grayscale_reduction", "bit_depth_reduction")
_QUICK, _THOROUGH = 6, 10  # of libdeflate, and the first of zlib: those between and above gain nothing on palettes
_FEW_COLOURS = 16  # so few fit in 4 bits a pixel
_DENSE_BITS = 4.8  # a pixel, of a few rows deflated at once
_SAMPLE_PIXELS, _AT_ONCE = 8192, 1  # the level of zlib for those rows
_EIGHT_BITS = 8


def indexed_png(indexed: Indexed, size: tuple[int, int], effort: str) -> bytes:
    """The file: `size` is width and height in pixels, `effort` one of the three."""
    import oxipng

    raw = oxipng.RawImage(
        *size, oxipng.ColorType.indexed, oxipng.BitDepth.eight, indexed.indices, palette=list(indexed.palette)
    )
    return bytes(raw.create_optimized_png(**_how(indexed.indices, size, effort, len(indexed.palette))))


def indexed_quickly(indexed: Indexed, size: tuple[int, int]) -> bytes:
    """As `indexed_png`, by Pillow in half of oxipng's least time, for predictions; without alpha: a few bytes."""
    from PIL import Image

    image = Image.frombuffer("P", size, indexed.indices, "raw", "P", 0, 1)
    image.putpalette([channel for colour in indexed.palette for channel in colour[:3]])
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=_QUICK)
    return out.getvalue()


def deflated_again(data: bytes, indices: bytes, header: Header, effort: str) -> bytes:
    """The PNG file `data`, written as `indexed_png` writes; `indices` are those of `unfiltered_indices`."""
    import oxipng

    how = _how(indices, (header.width, header.height), effort, MAX_COLOURS)
    return bytes(oxipng.optimize_from_memory(data, **how))


def unfiltered_indices(data: bytes) -> bytes | None:
    """The indices of a palette that is written as here: a single IDAT, not interlaced, no row filtered.

    One byte a pixel; of less than 8 bits as they are packed. `data` is a PNG that decodes. None for anything else,
    a damaged stream included.
    """
    width, height, depth = *struct.unpack_from(">II", data, WIDTH_AT), data[BIT_DEPTH_AT]
    at, streams = FIRST_CHUNK, []
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            streams.append(data[at + 8 : at + 8 + size])
        at += size + 12
    if len(streams) != 1 or data[INTERLACE_AT]:
        return None
    try:
        rows = zlib.decompress(streams[0])
    except zlib.error:
        return None
    stride = 1 + (width * depth + 7) // 8
    if len(rows) != stride * height or any(rows[::stride]):
        return None
    return b"".join(rows[top + 1 : top + stride] for top in range(0, len(rows), stride))


def _how(indices: bytes, size: tuple[int, int], effort: str, colours: int) -> dict[str, Any]:
    """oxipng's arguments."""
    import oxipng

    if effort == "max":
        return options(effort, None, flat=True)
    level = _QUICK if effort == "fast" or _is_dense(indices, size) else _THOROUGH
    reductions = dict.fromkeys(REDUCTIONS, False) | {"bit_depth_reduction": colours <= _FEW_COLOURS}
    return reductions | {
        "level": 1,
        "filter": ["none"],
        "deflate": oxipng.Deflaters.libdeflater(level),
        "strip": "none",
    }


def _is_dense(indices: bytes, size: tuple[int, int]) -> bool:
    """Is the picture so full of grain that a thorough search finds little?

    There libdeflate's level 10 gains 3 to 6 % over level 6 for a fifth of the whole time, elsewhere 5 to 13 %. On 100
    pictures of the benchmark's set this takes 5 % off the time and adds 2.2 % to the bytes.
    """
    width, height = size
    if len(indices) != width * height:
        return False  # packed: of 16 colours at most
    bands = sample_rows(height, width, _SAMPLE_PIXELS)
    sample = b"".join(indices[top * width : (top + rows) * width] for top, rows in bands) or indices
    return _EIGHT_BITS * len(zlib.compress(sample, _AT_ONCE)) > _DENSE_BITS * len(sample)
