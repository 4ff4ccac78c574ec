"""The traits of a WebP: its chunks, and the quantiser of its lossy pictures.

Source: RFC 9649, 2.5 to 2.7; C2PA 2.1, A.3 (where a manifest is embedded).
"""

from __future__ import annotations

from collections.abc import Iterator

from plume_app.domain.image.finders import vp8
from plume_app.domain.image.finders.exif import orientation_of
from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header
from plume_app.domain.image.headers.webp import FIRST_CHUNK

_FRAME_FIELDS_BYTES = 16  # of an ANMF chunk, before the chunks of its picture
_VP8_BYTES = 128  # enough of a picture for its quantiser
_VP8L_SIGNATURE = b"\x2f"


def find(data: bytes, header: Header) -> Traits:
    """The quality of an animation is that of its best lossy frame."""
    orientation, has_alpha, qualities = 1, header.channels == 4, []
    exif_seen = is_signed = False
    for kind, start, end in _chunks(data):
        if kind == b"EXIF" and not exif_seen:
            exif_seen, orientation = True, orientation_of(data[start:end])
        elif kind == b"C2PA":
            is_signed = True
        elif kind == b"ALPH" or (kind == b"VP8L" and _has_alpha_bit(data[start : start + 5])):
            has_alpha = True
        elif kind == b"VP8 ":
            qualities.append(vp8.quality_of(data[start : min(end, start + _VP8_BYTES)]))
    frames = header.frames or 1
    return Traits(
        names_of(animation=frames > 1, alpha=has_alpha, credentials=is_signed),
        frames=frames,
        orientation=orientation,
        source_quality=max((quality for quality in qualities if quality is not None), default=None),
    )


def _has_alpha_bit(picture: bytes) -> bool:
    return picture[:1] == _VP8L_SIGNATURE and len(picture) == 5 and bool(picture[4] >> 4 & 1)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the body of every chunk, of the frames of an animation as well."""
    offset = FIRST_CHUNK
    while offset + 8 <= len(data):
        kind, length = data[offset : offset + 4], int.from_bytes(data[offset + 4 : offset + 8], "little")
        start = offset + 8
        yield kind, start, start + length
        offset = start + (_FRAME_FIELDS_BYTES if kind == b"ANMF" else length + length % 2)
