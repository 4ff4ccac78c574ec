"""Pictures for the window to show: small ones for the list, pieces of large ones for comparing.

Runs in workers only. A thumbnail forgives damage where the decoder does: it decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyvips

from plume_app.domain.image import colour, decode
from plume_app.domain.image.pixels import Source

MIME_OF_THUMBNAIL = "image/webp"
MIME_OF_PIECE = "image/png"
_QUALITY = 75
_PROFILE = "icc-profile-data"
_SHRINKS_WHILE_LOADING = ("jpeg", "webp", "png", "gif", "tiff")  # what libvips opens itself; the rest goes by Pillow


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of the upright picture, in its pixels."""

    x: int
    y: int
    width: int
    height: int

    def within(self, width: int, height: int) -> Piece:
        """The part of it that lies in a picture of that size; at least one pixel."""
        left, top = max(0, min(self.x, width - 1)), max(0, min(self.y, height - 1))
        right, bottom = min(width, self.x + self.width), min(height, self.y + self.height)
        return Piece(left, top, max(1, right - left), max(1, bottom - top))


def thumbnail(source: Source, edge_px: int, *, picture: Any = None) -> bytes:
    """The picture (or its first frame) upright within a square of `edge_px`, in sRGB, as a small WebP file.

    `picture`: the whole of it as it is stored, in memory (libvips), where the caller has it. Raises CorruptImage,
    UnsupportedFormat.
    """
    with decode.reading():
        if picture is not None:
            small = picture.thumbnail_image(edge_px, height=edge_px, size="down", no_rotate=True, export_profile="srgb")
        elif source.header.format in _SHRINKS_WHILE_LOADING:
            small = pyvips.Image.thumbnail_buffer(
                source.data, edge_px, height=edge_px, size="down", no_rotate=True, export_profile="srgb"
            )
        else:
            small = source.picture(upright=False).image.thumbnail_image(edge_px, height=edge_px, size="down")
        small = colour.turned(colour.eight_bits(_plain_colours(small)), source.traits.orientation)
        return bytes(small.webpsave_buffer(Q=_QUALITY, effort=0, keep="none"))


def upright(source: Source) -> Any:
    """The whole picture as it is to be seen, 8 bits a channel, in memory (libvips). Raises as `Source.picture`."""
    return source.picture(upright=True).eight_bits().in_memory().image


def shown(image: Any, piece: Piece | None, scale: float) -> bytes:
    """A piece of `image` (None: all of it) as a PNG file with its colour profile: these very pixels.

    `scale` below 1 makes it smaller; above, it stays, since enlarging is the screen's business.
    """
    with decode.reading():
        if piece is not None:
            image = image.crop(piece.x, piece.y, piece.width, piece.height)
        if scale < 1:
            width, height = (max(1, round(side * scale)) for side in (image.width, image.height))
            image = image.thumbnail_image(width, height=height, size="force")
        return bytes(image.pngsave_buffer(compression=1, filter="none", keep="icc"))


def with_profile_of(image: Any, other: Any) -> Any:
    """`image` with the colour profile of `other`, where it has none: what an encoder gave before its metadata."""
    if image.get_typeof(_PROFILE) != 0 or other.get_typeof(_PROFILE) == 0:
        return image
    image = image.copy()
    image.set_type(pyvips.GValue.blob_type, _PROFILE, other.get(_PROFILE))
    return image


def _plain_colours(image: Any) -> Any:
    if image.interpretation == "cmyk":
        image = image.icc_transform("srgb", embedded=True, input_profile="cmyk")
    return image.colourspace("srgb") if image.format not in ("uchar", "ushort") else image
