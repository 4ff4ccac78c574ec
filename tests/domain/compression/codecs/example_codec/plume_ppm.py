"""An example of a codec in a package of its own: PPM (P6, 8 bits), read and written.

What makes Plume find it is the entry point in `plume_ppm-1.0.dist-info/entry_points.txt`; with a build tool it is
`[project.entry-points."plume.codecs"]` and `ppm = "plume_ppm:CODEC"` in the package's pyproject.toml.
"""

from __future__ import annotations

import re
from typing import Any

from plume_app.domain.compression.codecs import Codec, Encoded
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import Header
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage

_START = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


def read_header(start: bytes) -> Header:
    """Width and height from the first line."""
    found = _START.match(start)
    if found is None:
        raise CorruptImage(problem="no PPM header")
    return Header("ppm", int(found[1]), int(found[2]))


def decode(data: bytes) -> Any:
    """The pixels, in libvips."""
    import pyvips

    found = _START.match(data)
    if found is None or len(data) != found.end() + 3 * int(found[1]) * int(found[2]):
        raise CorruptImage(problem="the pixels are not complete")
    image = pyvips.Image.new_from_memory(data[found.end() :], int(found[1]), int(found[2]), 3, "uchar")
    return image.copy(interpretation="srgb")


def encode(source: Source, settings: Settings) -> Encoded:
    """The picture, uncompressed."""
    picture = source.picture(upright=source.header.format != "ppm").eight_bits()
    image = picture.image.flatten(background=255) if picture.has_alpha else picture.image
    if picture.is_grey:
        image = image.bandjoin([image, image])
    data = b"P6\n%d %d\n255\n" % (image.width, image.height) + bytes(image.write_to_memory())
    return Encoded(data, upright=True, icc=picture.icc, same_pixels=settings.lossless)


CODEC = Codec(
    name="ppm",
    label="PPM",
    extensions=("ppm",),
    mime_type="image/x-portable-pixmap",
    matches=lambda head: head.startswith(b"P6"),
    read_header=read_header,
    decode=decode,
    encode=encode,
)
