"""PNG: lossless by oxipng, lossy by a palette of libimagequant's choice, then oxipng.

A PNG stays a PNG on its own bytes wherever nothing is to be lost: 16 bits, animation and every chunk live on.
Pixels are decoded only for a conversion or for a palette.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs import Codec, Encoded
from plume_app.domain.compression.codecs.lossless_guess import may_be_smaller
from plume_app.domain.compression.codecs.png_filters import options
from plume_app.domain.compression.codecs.png_indexed import (
    REDUCTIONS,
    deflated_again,
    indexed_png,
    indexed_quickly,
    unfiltered_indices,
)
from plume_app.domain.compression.codecs.png_palette import MAX_COLOURS, Buffer, Pixels, Recipe, as_rgba, quantize
from plume_app.domain.compression.codecs.png_sample import chunk_names, is_palette, of_file, pixels_of
from plume_app.domain.compression.codecs.png_write import png_of
from plume_app.domain.image.header import is_png
from plume_app.domain.image.tiles import grid
from plume_app.domain.image.traits import ALPHA, ANIMATION, BIT_DEPTH, HDR
from plume_app.domain.shared.errors import CorruptImage

if TYPE_CHECKING:
    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.pixels import Picture, Source

NAME = "png"
MAX_SIDE_PX = 2**31 - 1  # the format's own limit; libvips stops at 10 million, `Limits` long before
_SEAL, _BACKGROUND = b"caBX", b"bKGD"
_KEEPS_ITS_OWN_WAY = (ANIMATION, BIT_DEPTH)  # a palette would lose these
_GUESS_MARGIN = 1.5  # where lossless wins the guess is under 0.5 times the palette; over 2 on photographs
_TINY_PIXELS = 4096  # below it a palette of 1 KB can outweigh what it saves
_STEP_AT_ZERO, _STEP_PER_QUALITY, _STEP_PER_LOW_QUALITY = 15, 0.9, 1.5  # on the library's scale, 0-100
_NEXT_STEP, _LAST_STEP = 4, 6  # further, where the first gives too few colours or very few
_ENOUGH_COLOURS, _DITHER = 100, 0.4  # of the recipe at quality 80
_QUICK_DEFLATE, _ICON_PIXELS = 5, 300_000
_GRID_PIXELS = 60_000  # a palette chosen from so many is as good a guide as one of them all


def encode(source: Source, settings: Settings) -> Encoded:
    """The picture as a PNG file: the same pixels where asked for, or where a palette would lose more.

    A signed PNG (C2PA) stays as it is where its manifest does: any change breaks the seal.

    Raises CorruptImage when the source cannot be decoded to its end.
    """
    if source.header.format == NAME and settings.metadata == "all" and _SEAL in chunk_names(source.data):
        return Encoded(source.data, carries_metadata=True, same_pixels=True)
    if settings.lossless or any(trait in source.traits.names for trait in _KEEPS_ITS_OWN_WAY):
        return _lossless(source, settings)
    return _lossy(source, settings)


def _lossless(source: Source, settings: Settings) -> Encoded:
    if source.header.format == NAME:
        return _rewritten(source, settings)
    return _from_pixels(source, source.picture(upright=True), settings)


def _rewritten(source: Source, settings: Settings) -> Encoded:
    """The file's own bytes, deflated better."""
    import oxipng

    source.check()  # what does not decode costs no encoder; and the pixels stay at hand for sample and comparison
    sample, flat = of_file(source)
    how = options(settings.effort, sample, flat=flat)
    if ANIMATION not in source.traits.names:  # its other frames are stored as the first is
        how["interlace"] = "off"  # interlaced files are a tenth larger, and nothing shows them row by row any more
    if settings.metadata == "all" and _BACKGROUND in chunk_names(source.data):
        how |= dict.fromkeys(REDUCTIONS, False)  # they move the colour that the chunk names, and oxipng drops it
    try:
        data = oxipng.optimize_from_memory(source.data, fix_errors=True, **how)  # checksums of texts; pixels were seen
    except oxipng.PngError as error:
        raise CorruptImage(problem=str(error)[:120]) from error
    return Encoded(data, carries_metadata=True, same_pixels=True)


def _from_pixels(source: Source, picture: Picture, settings: Settings) -> Encoded:
    """Decoded pixels as PNG, at their own depth."""
    from plume_app.domain.image.decode import reading

    image = picture.image
    # The source's profile is put back later. One for RGB is not allowed in a grey file, nor one for grey in RGB.
    profiled = picture.icc is not None or image.get_typeof("icc-profile-data") != 0
    with reading():
        data = png_of(image, settings.effort, profiled=profiled, grey_profile=profiled and picture.is_grey)
    return Encoded(data, upright=source.header.format != NAME, icc=picture.icc, same_pixels=True)


def _lossy(source: Source, settings: Settings) -> Encoded:
    """In at most 256 colours; the lossless way where there are no more, or where that is smaller."""
    from PIL import Image

    from plume_app.domain.image.decode import reading

    own = source.header.format == NAME
    if own and is_palette(source.data):
        return _palette_again(source, settings)
    picture = source.picture(upright=not own)
    image = picture.image
    if picture.is_grey and (not picture.has_alpha or image.get_typeof("icc-profile-data") != 0):
        return _lossless(source, settings)  # 256 greys at most; and a profile for grey cannot describe a palette
    with reading():
        rgba: Any = memoryview(as_rgba(image).write_to_memory())
    size = (image.width, image.height)
    if Image.frombuffer("RGBA", size, rgba, "raw", "RGBA", 0, 1).getcolors(MAX_COLOURS) is not None:
        return _lossless(source, settings)
    indexed = quantize(rgba, *size, recipe(settings.quality))
    if indexed is None:
        return _lossless(source, settings)
    data = indexed_png(indexed, size, settings.effort)
    lossy = Encoded(data, upright=not own, icc=picture.icc)
    if tries_both_ways(rgba, size, len(data), len(source.data) if own else None):
        lossless = _lossless(source, settings)
        return lossless if len(lossless.data) <= len(data) else lossy
    return lossy


def tries_both_ways(rgba: Buffer, size: tuple[int, int], lossy_bytes: int, own_bytes: int | None) -> bool:
    """May the lossless way be smaller than a palette of `lossy_bytes`? `own_bytes`: of the source, if that is a PNG."""
    if own_bytes is not None and lossy_bytes >= own_bytes:
        return True
    return size[0] * size[1] < _TINY_PIXELS or may_be_smaller(rgba, size, lossy_bytes, _GUESS_MARGIN)


def encode_piece(image: Any, settings: Settings, _halved: bool, ground: Any) -> bytes | None:
    """Of `Codec.encode_piece`. A palette is the whole picture's, so a part gets that of a grid of `ground`'s pixels.

    Nine tiles then tell what twenty-five with a palette of their own do, in half the time. A part is deflated fast: a
    quarter of the time, and no worse a guide.
    """
    if settings.lossless:
        return png_of(image, settings.effort, profiled=False, grey_profile=False)
    chosen_from = None if ground is None else _pixels(grid(ground, _GRID_PIXELS))
    indexed = quantize(*_pixels(image), recipe(settings.quality), chosen_from)
    if indexed is None:
        return None
    size = (image.width, image.height)
    return indexed_png(indexed, size, settings.effort) if ground is None else indexed_quickly(indexed, size)


def _pixels(image: Any) -> Pixels:
    return Pixels(as_rgba(image).write_to_memory(), image.width, image.height)


def rewrite_quickly(data: bytes) -> bytes | None:
    """Of `Codec.rewrite_quickly`: a fiftieth of the time, on graphics a tenth larger or so, seldom a fifth.

    Icons have smooth ramps, for which rows are filtered; it quadruples the time, so screens go without.
    """
    import oxipng

    filters = ("none", "bigent") if pixels_of(data) <= _ICON_PIXELS else ("none",)
    try:
        quick = oxipng.Deflaters.libdeflater(_QUICK_DEFLATE)
        return bytes(oxipng.optimize_from_memory(data, level=1, filter=filters, deflate=quick, strip="none"))
    except oxipng.PngError:
        return None


def _palette_again(source: Source, settings: Settings) -> Encoded:
    """A palette has no colours to spare. One written as ours are is tried with our own writer and nothing else.

    So a result of Plume is not shrunk a second time, whatever the history knows of it: the filters that the
    lossless way tries would find it another 2 % for twice the time.
    """
    indices = None if settings.effort == "max" else unfiltered_indices(source.data)
    if indices is None:
        return _lossless(source, settings)
    source.check()
    data = deflated_again(source.data, indices, source.header, settings.effort)
    return Encoded(data, carries_metadata=True, same_pixels=True)


def recipe(quality: int) -> Recipe:
    """How to choose a palette for `quality` 1-100.

    The library is asked for 87 at quality 80, for 51 at 40 and for 100 from 95 on. Chosen by size and SSIMULACRA2
    against Caesium on 15 pictures of the benchmark's set: the bytes as a part of Caesium's, and the score above its
    own, are 0.96 and +0.9 at quality 40, 0.98 and +3.0 at 60, 0.93 and +1.2 at 80, 0.87 and +0.7 at 90, 0.86 and
    +0.4 at 95; pictures full of grain, deflated quickly since, add 2 % of bytes. Below 25 it falls faster, to reach few
    colours at 1. The last step is for the dark and the smooth: two portraits in the dark came down to 9 and 20 colours
    and a score of 54 at quality 80; it gives 58 and 62 for a third more bytes, and smooth ones 64 instead of 57 and 59
    for 5 to 9 %.
    """
    first = round(min(_STEP_PER_LOW_QUALITY * quality, _STEP_AT_ZERO + _STEP_PER_QUALITY * quality))
    steps = tuple(sorted({min(100, first + further) for further in (0, _NEXT_STEP, _LAST_STEP)}))
    return Recipe(steps, min_colours=max(2, min(MAX_COLOURS, _ENOUGH_COLOURS * quality // 80)), dither=_DITHER)


def preload() -> None:
    """Load the encoders, before a worker gives up its files."""
    import imagequant
    import oxipng

    from plume_app.domain.image import pixels

    pixels.preload()
    _ = (imagequant, oxipng)


@cache
def version() -> str:
    """The encoders and their versions; asked once before a worker gives up its files."""
    from importlib import metadata

    return f"oxipng-pybind {metadata.version('oxipng-pybind')}, imagequant {metadata.version('imagequant')}"


CODEC = Codec(
    name=NAME,
    label="PNG",
    extensions=("png", "apng"),
    mime_type="image/png",
    matches=is_png,
    max_side_px=MAX_SIDE_PX,
    keeps=frozenset({ALPHA, BIT_DEPTH}),
    keeps_from_itself=frozenset({ALPHA, BIT_DEPTH, ANIMATION, HDR}),
    encode=encode,
    encode_piece=encode_piece,
    rewrite_quickly=rewrite_quickly,
    preload=preload,
    version=version,
)
