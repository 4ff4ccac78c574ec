"""From the bytes of a file to pixels in libvips, strictly: a damaged file raises, it never gives grey rows.

To add a format: a function here from bytes to a libvips image, and its name in `_OPENERS`.

libvips reads lazily, so an error may come as late as the last row, in the middle of an encoder. Whoever
pulls pixels does it inside `with reading():`.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyvips
from PIL import Image as PillowImage

from plume_app.domain.image.header import Header
from plume_app.domain.image.jpeg_quirks import cured
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

pyvips.cache_set_max(0)  # no picture is opened twice on purpose, and a worker should forget the last one

_UNSUPPORTED = re.compile(
    r"[Uu]nsupported|not supported|arithmetic|data precision|support was not compiled"
    r"|is not implemented|not configured|Cannot handle different|decoder only supports"  # libtiff's words
)
_OUR_FAULT = re.compile(r"arguments, but \d+ given|class .* not found|no property named|does not support")
_NO_MEMORY = "out of memory"
_SPEAKER = re.compile(r"^([Vv]ips\w+|\w+2vips): ")
_EMPTY_WORDS = re.compile(
    r"^unable to (call|copy to|write to)|load error$"
)  # what libvips was doing, not what is wrong
_PILLOW_ERRORS = (OSError, ValueError, SyntaxError, EOFError, struct.error, IndexError, OverflowError, KeyError)


@contextmanager
def reading() -> Iterator[None]:
    """Within it, a decoder's complaint becomes CorruptImage, or UnsupportedFormat where that is what it says.

    Where libvips got no memory it is a MemoryError, as from any other library.
    """
    try:
        yield
    except pyvips.Error as error:
        if _NO_MEMORY in str(error):
            raise MemoryError(str(error)) from error
        if _OUR_FAULT.search(str(error)):
            raise  # a wrong call is a bug, and must not be told as a damaged file
        raise complaint(str(error)) from error


@contextmanager
def reading_pillow() -> Iterator[None]:
    """The same around Pillow, whose plugins raise many kinds of errors on damaged files, and warn."""
    limit, PillowImage.MAX_IMAGE_PIXELS = PillowImage.MAX_IMAGE_PIXELS, None  # ours were checked from the header
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except NotImplementedError as error:
        raise UnsupportedFormat(problem=str(error)[:120]) from error
    except _PILLOW_ERRORS as error:
        raise complaint(str(error)) from error
    finally:
        PillowImage.MAX_IMAGE_PIXELS = limit


def complaint(text: str) -> CorruptImage | UnsupportedFormat:
    """The failure for what a decoder said; `problem` is its most telling line, at most 120 characters."""
    lines = [_SPEAKER.sub("", line.strip()) for line in text.splitlines()]
    told = [line for line in lines if line and not _EMPTY_WORDS.search(line)] or ["its pixels cannot be decoded"]
    found = next((line for line in told if _UNSUPPORTED.search(line)), None)
    return UnsupportedFormat(problem=found[:120]) if found else CorruptImage(problem=told[0][:120])


def open_image(data: bytes, header: Header) -> Any:
    """The still picture in `data` as a libvips image, to be read once from the top down.

    Rows are decoded when they are pulled (BMP, GIF and interlaced PNG: all at once), so a picture of any
    size streams. An animation gives its first frame. Raises CorruptImage and UnsupportedFormat, now or,
    inside `reading()`, when the rows are pulled.
    """
    opener = _OPENERS.get(header.format)
    if opener is None:
        raise UnsupportedFormat(problem=f"there is no decoder for {header.format}")
    with reading():
        return opener(data)


def open_pillow(data: bytes, pillow_format: str) -> PillowImage.Image:
    """The file opened, not yet decoded, by this one Pillow plugin; use within `reading_pillow()`."""
    return PillowImage.open(io.BytesIO(data), formats=(pillow_format,))


def _jpeg(data: bytes) -> Any:
    # "error" would pass over bad Huffman codes; see jpeg_quirks for the warnings that are no damage
    return pyvips.Image.jpegload_buffer(cured(data), access="sequential", fail_on="warning")


def _png(data: bytes) -> Any:
    if b"IEND" not in data[-4096:] and b"IEND" not in data:
        raise CorruptImage(problem="it ends before its end chunk")  # libpng never looks behind the last row
    return pyvips.Image.pngload_buffer(data, access="sequential", fail_on="error")


def open_webp(data: bytes) -> Any:
    """A still WebP, or the first frame."""
    return pyvips.Image.webpload_buffer(data, access="sequential", fail_on="error")


def _gif(data: bytes) -> Any:
    return pyvips.Image.gifload_buffer(data, access="sequential", fail_on="error")


def _tiff(data: bytes) -> Any:
    return pyvips.Image.tiffload_buffer(data, access="sequential", fail_on="error")


def _bmp(data: bytes) -> Any:
    # the libvips of the wheel has no BMP reader
    with reading_pillow():
        image = open_pillow(data, "BMP")
        image.load()
        if image.mode not in ("L", "RGB", "RGBA"):
            image = image.convert("RGBA" if image.has_transparency_data else "L" if image.mode == "1" else "RGB")
    return from_pillow(image)


def from_pillow(image: PillowImage.Image) -> Any:
    """A Pillow picture of 8-bit channels as a libvips image in memory."""
    bands = len(image.getbands())
    made = pyvips.Image.new_from_memory(image.tobytes(), image.width, image.height, bands, "uchar")
    return made.copy(interpretation="b-w" if bands < 3 else "srgb")


_OPENERS: dict[str, Callable[[bytes], Any]] = {
    "jpeg": _jpeg,
    "png": _png,
    "webp": open_webp,
    "gif": _gif,
    "tiff": _tiff,
    "bmp": _bmp,
}
