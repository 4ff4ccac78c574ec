"""The traits of a PNG: its chunks tell them all.

Source: PNG, third edition (W3C), 11.3; 4.1 ("static image") for the animation of a file whose first picture is
not a frame of it; C2PA 2.1, A.3 (where a manifest is embedded).
"""

from __future__ import annotations

from collections.abc import Iterator

from plume_app.domain.image.finders.exif import orientation_of
from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header
from plume_app.domain.image.headers.png import FIRST_CHUNK

_GREY_ALPHA, _RGBA = 2, 4  # channels
_HDR_TRANSFERS = (b"\x10", b"\x12")  # PQ and HLG, as ITU-T H.273 numbers them


def find(data: bytes, header: Header) -> Traits:
    """Animated is also a file with one frame when its still picture is another one."""
    kinds: set[bytes] = set()
    orientation, first_is_frame, is_animated, is_hdr = 1, False, False, False
    for kind, body in _chunks(data):
        if kind == b"acTL":
            is_animated = b"IDAT" not in kinds  # behind the pixels it means nothing
        elif kind == b"fcTL" and b"IDAT" not in kinds:
            first_is_frame = True
        elif kind == b"eXIf" and kind not in kinds:
            orientation = orientation_of(data[body])
        elif kind == b"cICP":
            is_hdr = data[body][1:2] in _HDR_TRANSFERS
        kinds.add(kind)
    frames = header.frames or 1
    has_other_still = is_animated and b"fdAT" in kinds and not first_is_frame
    return Traits(
        names_of(
            animation=frames > 1 or has_other_still,
            bit_depth=header.bits > 8,
            alpha=header.channels in (_GREY_ALPHA, _RGBA),
            hdr=is_hdr,
            credentials=b"caBX" in kinds,
        ),
        frames=frames,
        bits=header.bits,
        orientation=orientation,
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, slice]]:
    """Kind and place of the body of every chunk that the file holds whole."""
    offset = FIRST_CHUNK
    while offset + 12 <= len(data):
        end = offset + 12 + int.from_bytes(data[offset : offset + 4], "big")
        if end > len(data):
            return
        yield data[offset + 4 : offset + 8], slice(offset + 8, end - 4)
        offset = end
