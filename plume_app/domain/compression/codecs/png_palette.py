"""A picture in at most 256 colours, by libimagequant: the lossy half of PNG.

The Python package drives only a few of the library's knobs, so its own cffi module is called; the
version is pinned for that reason, and the public function takes over where the module is not what we
know. Every number below was chosen by measuring size, time and SSIMULACRA2 on photographs and graphics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from plume_app.domain.compression.codecs import png_weights

Buffer = Any  # bytes or memoryview: Pillow takes both, its types know the first only
MAX_COLOURS = 256
OPAQUE, INVISIBLE = 255, 0
_NEARLY_OPAQUE, _NEARLY_INVISIBLE = 240, 4  # palette colours beyond these are taken for solid and for nothing
_SPEED = 4  # above 5 the library drops its dither map, and files grow
_HISTOGRAM_ENTRIES = 4096  # a third of the time of a full histogram, smaller files, a better worst case
_MOST_ENTRIES = 65536  # where each pixel may have an alpha of its own
_FEEDBACK_TRIALS = 0  # twenty trials gain 1 % of size and lose 0.7 of score
_FEW = 0.32  # of `min_colours`: what a dark or smooth picture comes down to, with bands across a face
_MIN_QUALITY = 0  # a floor in the library's own measure says little about the look; the colour count says more

Colour = tuple[int, int, int, int]


class Pixels(NamedTuple):
    """Four bytes a pixel, row by row, alpha not premultiplied."""

    rgba: Buffer
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to choose the palette.

    The target quality (0-100, the library's scale) is the first of `steps`. Smooth photographs reach that mean error
    with so few colours that they show bands: with fewer than `min_colours` the next step is taken instead, with very
    few the last. `dither` is 0-1: below 0.3 gradients show bands, above 0.5 the grain costs bytes and score.
    """

    steps: tuple[int, ...]
    min_colours: int
    dither: float


@dataclass(frozen=True, slots=True)
class Indexed:
    """One byte a pixel, row by row, and the colours (red, green, blue, alpha; 0-255) they stand for."""

    indices: bytes
    palette: list[Colour]


def quantize(
    rgba: Buffer, width: int, height: int, recipe: Recipe, chosen_from: Pixels | None = None
) -> Indexed | None:
    """The picture in few colours; None where the library cannot.

    `rgba` as in `Pixels`. What was opaque stays opaque and what was invisible stays invisible, where the palette has
    such a colour at all. `chosen_from` are the pixels that the colours are chosen for, where it is not for these; then
    only the indices are right.
    """
    shown = Pixels(png_weights.shrunk(rgba, width, height), width, height)
    others = None if chosen_from is None else chosen_from._replace(rgba=png_weights.shrunk(*chosen_from))
    chosen = _chosen(shown, others or shown, recipe)
    if chosen is None:
        return None
    if chosen_from is not None:  # it is for a size: the colours themselves do not matter
        return chosen
    palette = png_weights.stretched(chosen.palette, chosen.indices, rgba, width, height)
    chosen = Indexed(chosen.indices, palette)
    if all(colour[3] == OPAQUE for colour in chosen.palette):
        return chosen
    return _settled(chosen, rgba, width, height)


def _settled(chosen: Indexed, rgba: Buffer, width: int, height: int) -> Indexed:
    """Undo what dithering does to alpha: specks in a solid area, a veil over an empty one.

    Alpha is dithered like a colour, so an opaque pixel may get a colour of alpha 221. Such pixels take
    the nearest opaque colour instead, and pixels of alpha 0 the invisible one.
    """
    from PIL import Image, ImageChops

    palette = [(red, green, blue, _snapped(alpha)) for red, green, blue, alpha in chosen.palette]
    indices = Image.frombuffer("L", (width, height), chosen.indices, "raw", "L", 0, 1).copy()
    alpha = Image.frombuffer("RGBA", (width, height), rgba, "raw", "RGBA", 0, 1).getchannel("A")
    for level in (OPAQUE, INVISIBLE):
        good = [at for at, colour in enumerate(palette) if colour[3] == level]
        if not good or level not in alpha.getextrema():
            continue
        nearest = [_nearest(colour, palette, good) for colour in palette]
        wrong = [255 if colour[3] != level else 0 for colour in palette]
        unused = [0] * (MAX_COLOURS - len(palette))
        at_level = alpha.point([255 if a == level else 0 for a in range(256)])
        mask = ImageChops.darker(at_level, indices.point(wrong + unused))
        indices.paste(indices.point(nearest + unused), mask=mask)
    return Indexed(indices.tobytes(), palette)


def _snapped(alpha: int) -> int:
    if alpha >= _NEARLY_OPAQUE:
        return OPAQUE
    return INVISIBLE if alpha <= _NEARLY_INVISIBLE else alpha


def _nearest(colour: Colour, palette: list[Colour], among: list[int]) -> int:
    """The index in `among` whose colour is nearest to `colour`, alpha left aside."""
    red, green, blue, _ = colour

    def distance(at: int) -> int:
        return (palette[at][0] - red) ** 2 + (palette[at][1] - green) ** 2 + (palette[at][2] - blue) ** 2

    return min(among, key=distance)


def _chosen(shown: Pixels, chosen_from: Pixels, recipe: Recipe) -> Indexed | None:
    """What libimagequant makes of it."""
    try:
        from imagequant._libimagequant import ffi, lib
    except ImportError:
        return _by_wrapper(*shown, recipe)
    if not hasattr(lib, "liq_attr_create"):
        return _by_wrapper(*shown, recipe)
    attributes = lib.liq_attr_create()
    image = other = result = ffi.NULL
    try:
        lib.liq_set_speed(attributes, _SPEED)
        if not _set_fields(attributes, _entries(chosen_from)):
            return _by_wrapper(*shown, recipe)
        image = _image(lib, ffi, attributes, shown)
        other = image if chosen_from is shown else _image(lib, ffi, attributes, chosen_from)
        if ffi.NULL in (image, other):
            return None
        result = _palette_of(lib, ffi, attributes, other, recipe)
        if result == ffi.NULL:
            return None
        return _remapped(lib, ffi, result, image, shown.width * shown.height, recipe.dither)
    finally:
        for destroy, thing in (
            (lib.liq_result_destroy, result),
            (lib.liq_image_destroy, image),
            (lib.liq_image_destroy, ffi.NULL if other == image else other),
            (lib.liq_attr_destroy, attributes),
        ):
            if thing != ffi.NULL:
                destroy(thing)


def _image(lib: Any, ffi: Any, attributes: Any, shown: Pixels) -> Any:
    rgba = ffi.from_buffer(shown.rgba)
    return lib.liq_image_create_rgba(attributes, rgba, shown.width, shown.height, png_weights.GAMMA)


def _entries(shown: Pixels) -> int:
    """How many colours the library may count: room for all of them at 4 bits a channel.

    Where they do not fit, it drops more bits, and at 5 it takes the whole picture for one colour. Opaque colours
    always fit 16 x 16 x 16; each pixel of another alpha may be one more, up to 16 times as many.
    """
    from PIL import Image

    alphas = Image.frombuffer("RGBA", shown[1:], shown.rgba, "raw", "RGBA", 0, 1).getchannel("A").histogram()
    return min(_MOST_ENTRIES, _HISTOGRAM_ENTRIES + sum(alphas[INVISIBLE + 1 : OPAQUE]))


def _set_fields(attributes: Any, entries: int) -> bool:
    """Set what has no setter; False where the library's structure is another one."""
    try:
        attributes.max_histogram_entries = entries
        attributes.feedback_loop_trials = _FEEDBACK_TRIALS
    except AttributeError:
        return False
    return True


def _palette_of(lib: Any, ffi: Any, attributes: Any, image: Any, recipe: Recipe) -> Any:
    """The library's result at the first step with enough colours, or at the last."""
    slot = ffi.new("liq_result**")
    result = ffi.NULL
    steps = list(recipe.steps)
    while steps:
        quality = steps.pop(0)
        lib.liq_set_quality(attributes, _MIN_QUALITY, quality)
        if lib.liq_image_quantize(image, attributes, slot) != lib.LIQ_OK:
            break
        if result != ffi.NULL:
            lib.liq_result_destroy(result)
        result = slot[0]
        colours = lib.liq_get_palette(result).count
        if colours >= recipe.min_colours:
            break
        if colours < _FEW * recipe.min_colours:
            del steps[:-1]
        else:
            del steps[1:]
    return result


def _remapped(lib: Any, ffi: Any, result: Any, image: Any, pixels: int, dither: float) -> Indexed | None:
    lib.liq_set_output_gamma(result, png_weights.GAMMA)
    lib.liq_set_dithering_level(result, dither)
    indices = bytearray(pixels)
    if lib.liq_write_remapped_image(result, image, ffi.from_buffer(indices), pixels) != lib.LIQ_OK:
        return None
    found = lib.liq_get_palette(result)  # after the remap, which moves the colours a last time
    palette = [(entry.r, entry.g, entry.b, entry.a) for entry in found.entries[0 : found.count]]
    return Indexed(bytes(indices), palette)


def _by_wrapper(rgba: Buffer, width: int, height: int, recipe: Recipe) -> Indexed | None:
    """The same by the package's public function: slower, and without steps."""
    import imagequant

    try:
        indices, flat = imagequant.quantize_raw_rgba_bytes(
            rgba, width, height, dithering_level=recipe.dither, min_quality=_MIN_QUALITY, max_quality=recipe.steps[0]
        )
    except RuntimeError:
        return None
    used = max(indices) + 1
    palette = [tuple(flat[at : at + 4]) for at in range(0, 4 * used, 4)]
    return Indexed(bytes(indices), palette)


def as_rgba(image: Any) -> Any:
    """Grey or RGB of 8 bits with four channels."""
    if image.bands in (1, 2):
        alpha = image.extract_band(1) if image.bands == 2 else None
        grey = image.extract_band(0)
        image = grey.bandjoin([grey, grey] if alpha is None else [grey, grey, alpha])
    return image if image.bands == 4 else image.bandjoin(255)


def has_few_colours(image: Any) -> bool:
    """Would a palette lose nothing of `image` (libvips, 8 bits, in memory)?"""
    from PIL import Image

    rgba: Any = memoryview(as_rgba(image).write_to_memory())
    seen = Image.frombuffer("RGBA", (image.width, image.height), rgba, "raw", "RGBA", 0, 1)
    return seen.getcolors(MAX_COLOURS) is not None
