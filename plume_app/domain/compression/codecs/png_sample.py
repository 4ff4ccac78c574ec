"""What a PNG file is made of, and a few rows of a picture that stand for the whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs.png_palette import MAX_COLOURS
from plume_app.domain.image.headers.png import FIRST_CHUNK
from plume_app.domain.image.traits import ANIMATION

if TYPE_CHECKING:
    from plume_app.domain.image.pixels import Source

COLOUR_TYPES = {1: "grayscale", 2: "grayscale_alpha", 3: "rgb", 4: "rgba"}  # by channels, in oxipng's words
SAMPLE_PIXELS = 49_152  # below 30,000 the sample misleads, above 65,000 it costs more than it saves
_SAMPLE_BANDS = 12  # the same pixels in 4 bands choose worse: pictures differ from sky to ground
_SAMPLED_FROM = 2  # times the sample; a smaller picture is tried whole
# Where IHDR has them: it is the first chunk, or the header reader has refused.
WIDTH_AT, BIT_DEPTH_AT, COLOUR_TYPE_AT, INTERLACE_AT = 16, 24, 25, 28
_PALETTE, _EIGHT_BITS = 3, 8


@dataclass(frozen=True, slots=True)
class Sample:
    """A few rows of a picture: 8 bits a channel, `bands` channels, row by row."""

    pixels: bytes
    width: int
    height: int
    bands: int


def sample_rows(height: int, width: int, pixels: int = SAMPLE_PIXELS) -> list[tuple[int, int]]:
    """The bands to look at as (first row, rows), from the top down, together about so many pixels.

    Empty where the picture is small.
    """
    if width * height < _SAMPLED_FROM * pixels or height < 2 * _SAMPLE_BANDS:
        return []
    rows = max(1, min(height // _SAMPLE_BANDS, pixels // (_SAMPLE_BANDS * width)))
    return [((height - rows) * at // (_SAMPLE_BANDS - 1), rows) for at in range(_SAMPLE_BANDS)]


def chunk_names(data: bytes) -> frozenset[bytes]:
    """The four-letter names of all chunks of a PNG file, damaged or not."""
    names, at = set(), FIRST_CHUNK
    while at + 8 <= len(data):
        names.add(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4]) + 12  # length, name, payload, checksum
    return frozenset(names)


def is_palette(data: bytes) -> bool:
    """Does this PNG file store indices of a palette?"""
    return data[COLOUR_TYPE_AT] == _PALETTE


def pixels_of(data: bytes) -> int:
    """Pixels of a PNG, by its header."""
    width, height = struct.unpack_from(">II", data, WIDTH_AT)
    return int(width * height)


def of_file(source: Source) -> tuple[Sample | None, bool]:
    """Some rows of a PNG, and whether it is flat; no rows where it is no plain 8-bit picture."""
    if is_palette(source.data) or source.data[BIT_DEPTH_AT] < _EIGHT_BITS:
        return None, True
    bands = sample_rows(source.header.height, source.header.width)
    if source.data[BIT_DEPTH_AT] != _EIGHT_BITS or ANIMATION in source.traits.names or not bands:
        return None, False
    import pyvips

    from plume_app.domain.image.decode import reading

    image = source.image()
    with reading():
        crops = [image.crop(0, top, image.width, rows) for top, rows in bands]
        rows = pyvips.Image.arrayjoin(crops, across=1)  # one pass from the top down, whatever the size
        sample = Sample(bytes(rows.write_to_memory()), rows.width, rows.height, rows.bands)
    return sample, is_flat(sample)


def is_flat(sample: Sample) -> bool:
    """Has it few enough colours for a palette?"""
    from PIL import Image

    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[sample.bands]
    if sample.bands == 1:
        return False  # grey has never more than 256, and is filtered like a photograph
    size = (sample.width, sample.height)
    return Image.frombuffer(mode, size, sample.pixels, "raw", mode, 0, 1).getcolors(MAX_COLOURS) is not None


def of_pixels(pixels: memoryview, image: Any) -> Sample | None:
    """Some rows of decoded pixels of 8 bits, laid out as the libvips image they come from; None where it is small."""
    bands = sample_rows(image.height, image.width)
    if not bands:
        return None
    stride = image.width * image.bands
    taken = b"".join(pixels[top * stride : (top + rows) * stride] for top, rows in bands)
    return Sample(taken, image.width, sum(rows for _, rows in bands), image.bands)
