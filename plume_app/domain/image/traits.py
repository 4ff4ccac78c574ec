"""What a picture has that could be lost: `find_traits`, from the bytes of its file, in a worker.

The formats are in `finders/`. A trait is a name that a codec says it keeps (`Codec.keeps`), that
`domain/compression/losses.py` weighs, and that the window shows as a badge. To add one: its name in
`finders/found.py`, a finder that finds it, and its word in every file of web/locales.
"""

from __future__ import annotations

from collections.abc import Callable

from plume_app.domain.image.finders import bmp, gif, jpeg, png, tiff, webp
from plume_app.domain.image.finders.found import (
    ALL_TRAITS,
    ALPHA,
    ANIMATION,
    BIT_DEPTH,
    CMYK,
    CREDENTIALS,
    EMBEDDED_PICTURES,
    GAIN_MAP,
    HDR,
    MOTION_PHOTO,
    Traits,
    names_of,
)
from plume_app.domain.image.header import Header, header_of
from plume_app.domain.image.headers.look import BudgetSpent
from plume_app.domain.shared.errors import CorruptImage

__all__ = [
    "ALL_TRAITS",
    "ALPHA",
    "ANIMATION",
    "BIT_DEPTH",
    "CMYK",
    "CREDENTIALS",
    "EMBEDDED_PICTURES",
    "GAIN_MAP",
    "HDR",
    "MOTION_PHOTO",
    "Traits",
    "find_traits",
]

_FINDERS: dict[str, Callable[[bytes, Header], Traits]] = {
    "png": png.find,
    "jpeg": jpeg.find,
    "webp": webp.find,
    "gif": gif.find,
    "tiff": tiff.find,
    "bmp": bmp.find,
}


def find_traits(data: bytes, header: Header) -> Traits:
    """The traits of the image file `data`, whose header is `header`.

    A header that left its frames uncounted is read again to the end. For the format of a package only
    what the header says is known. Raises CorruptImage.
    """
    if header.frames is None and header.format in _FINDERS:
        header = header_of(data)
    find = _FINDERS.get(header.format, _of_header)
    try:
        return find(data, header)
    except BudgetSpent:
        raise CorruptImage(problem="the header is too large to be true") from None


def _of_header(data: bytes, header: Header) -> Traits:  # noqa: ARG001 - the shape of a finder
    frames = header.frames or 1
    names = names_of(animation=frames > 1, bit_depth=header.bits > 8, alpha=header.channels in (2, 4))
    return Traits(names, frames=frames, bits=header.bits)
