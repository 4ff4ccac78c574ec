"""What a picture says of itself, read without a decoder: format, size, frames.

The only reader of image bytes that runs in the process that owns the user's files. It is pure Python,
looks at no more than `MAX_LOOK_BYTES` of a file, and is fuzzed. The formats are in `headers/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plume_app.domain.image.headers import bmp, gif, jpeg, png, tiff, unread, webp
from plume_app.domain.image.headers.look import (
    HEAD_BYTES,
    MAX_LOOK_BYTES,
    BudgetSpent,
    Header,
    Look,
    ReadAt,
    look_into,
)
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

__all__ = [
    "HEAD_BYTES",
    "MAX_LOOK_BYTES",
    "Header",
    "OtherReader",
    "ReadAt",
    "header_of",
    "is_bmp",
    "is_gif",
    "is_jpeg",
    "is_png",
    "is_tiff",
    "is_webp",
    "read_header",
]

OtherReader = tuple[Callable[[bytes], bool], Callable[[bytes], Header]]
"""A format that a package brought: does it match the first `HEAD_BYTES`, and its header from the first
`MAX_LOOK_BYTES` bytes. `header_readers()` of the codecs gives them all."""

_TIFF_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two are BigTIFF


def is_png(head: bytes) -> bool:
    """The first bytes are those of a PNG."""
    return head.startswith(b"\x89PNG\r\n\x1a\n")


def is_jpeg(head: bytes) -> bool:
    """The first bytes are those of a JPEG."""
    return head.startswith(b"\xff\xd8\xff")


def is_webp(head: bytes) -> bool:
    """The first bytes are those of a WebP."""
    return head.startswith(b"RIFF") and head[8:12] == b"WEBP"


def is_gif(head: bytes) -> bool:
    """The first bytes are those of a GIF."""
    return head.startswith((b"GIF87a", b"GIF89a"))


def is_tiff(head: bytes) -> bool:
    """The first bytes are those of a TIFF, classic or big."""
    return head.startswith(_TIFF_SIGNATURES)


def is_bmp(head: bytes) -> bool:
    """The first bytes are those of a BMP: two letters, and a header length that exists."""
    length = int.from_bytes(head[14:18], "little")
    return head.startswith(b"BM") and (length in (12, 108, 124) or 16 <= length <= 64)


_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[Look], Header]], ...] = (
    (is_png, png.read),
    (is_jpeg, jpeg.read),
    (is_webp, webp.read),
    (is_gif, gif.read),
    (is_tiff, tiff.read),
    (is_bmp, bmp.read),
)


def read_header(read_at: ReadAt, size: int, others: Iterable[OtherReader] = ()) -> Header:
    """The header of the file of `size` bytes that `read_at` gives, from at most `MAX_LOOK_BYTES` of them.

    `frames` is None where counting them would take more. `others` are asked for what none of our own
    formats recognises. Raises UnsupportedFormat for an unknown signature, CorruptImage for an empty file
    and for a header that cannot be true; whatever `read_at` raises passes through.
    """
    return _read(Look(read_at, size), others)


def header_of(data: bytes, others: Iterable[OtherReader] = ()) -> Header:
    """The header of a whole file in memory, with its frames counted to the end; otherwise as `read_header`."""
    return _read(look_into(data), others)


def _read(look: Look, others: Iterable[OtherReader]) -> Header:
    if not look.size:
        raise CorruptImage(problem="the file is empty")
    head = look.head[:HEAD_BYTES]
    try:
        for matches, read in _READERS:
            if matches(head):
                return read(look)
        for matches, read_start in others:
            if matches(head):
                return read_start(look.start())
    except BudgetSpent:
        raise CorruptImage(problem="the header is too large to be true") from None
    found = unread.name_of(head)
    raise UnsupportedFormat(**({} if found is None else {"problem": f"it is {found}"}))
