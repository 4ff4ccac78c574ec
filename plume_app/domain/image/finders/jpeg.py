"""The traits of a JPEG: what its segments say, and what lies behind its end.

Source: ITU-T T.81, B.1 and B.2 (markers, frame, tables); Exif 2.32, 4.5.4 (APP1); C2PA 2.1, A.3 and ISO 19566-5
(manifests in APP11).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from plume_app.domain.image.finders.exif import orientation_of
from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.finders.jpeg_extras import Extras, find_extras
from plume_app.domain.image.finders.jpeg_quality import Table, quality_of
from plume_app.domain.image.header import Header

_NEXT_MARKER = re.compile(rb"\xff[\x02-\xcf\xd8-\xfe]", re.DOTALL)  # not a stuffed byte, filler, restart or TEM
_SOI, _EOI, _SOS, _DQT = 0xD8, 0xD9, 0xDA, 0xDB
_APP1, _APP2, _APP11 = 0xE1, 0xE2, 0xEB
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF})
_EXIF = b"Exif\0\0"
_BOX_HEAD_BYTES = 64  # marks and counters 8, superbox 8, description box 8, its type 16, toggles 1, label 5
_SUBSAMPLING = {  # luma samples to one of chroma, across and down
    (1, 1): "4:4:4",
    (1, 2): "4:4:0",
    (2, 1): "4:2:2",
    (2, 2): "4:2:0",
    (4, 1): "4:1:1",
    (4, 2): "4:1:0",
}


@dataclass(slots=True)
class _Seen:
    """What the segments said so far. `end` is the offset behind the end marker, None without one."""

    exif: bytes | None = None
    tables: dict[int, Table] = field(default_factory=dict)
    frame: bytes = b""
    is_lossless: bool = False
    xmp: list[bytes] = field(default_factory=list)
    app2: list[tuple[int, bytes]] = field(default_factory=list)
    end: int | None = None
    is_signed: bool = False


def find(data: bytes, header: Header) -> Traits:
    """CMYK is four channels, however they are coded."""
    seen = _Seen()
    for code, start, end in _segments(data):
        if code == _EOI:
            seen.end = end
        else:
            _note(seen, code, start, data[start:end])
    extras = find_extras(data, Extras(seen.xmp, seen.app2, len(data) if seen.end is None else seen.end))
    return Traits(
        extras | names_of(cmyk=header.channels == 4, credentials=seen.is_signed),
        orientation=1 if seen.exif is None else orientation_of(seen.exif),
        source_quality=None if seen.is_lossless else _quality(seen),
        chroma_subsampling=_subsampling(seen.frame),
    )


def _note(seen: _Seen, code: int, start: int, body: bytes) -> None:
    if code == _APP1:
        if not body.startswith(_EXIF):
            seen.xmp.append(body)
        elif seen.exif is None:
            seen.exif = body
    elif code == _APP2:
        seen.app2.append((start, body))
    elif code == _APP11:
        seen.is_signed |= holds_manifest(body)
    elif code == _DQT:
        for number, table in _tables(body):
            seen.tables.setdefault(number, table)
    elif code in _FRAMES and not seen.frame:
        seen.frame, seen.is_lossless = body, code in _LOSSLESS


def holds_manifest(body: bytes) -> bool:
    """Does an APP11 segment begin a box of C2PA? Later segments of a long box repeat no label."""
    return body.startswith(b"JP") and b"c2pa" in body[:_BOX_HEAD_BYTES]


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Code, start and end of the body of every segment up to the end of the picture; scans are passed over."""
    offset = 2
    while found := _NEXT_MARKER.search(data, offset):
        code, offset = data[found.end() - 1], found.end()
        if code == _EOI:
            yield code, offset, offset
            return
        if code == _SOI:
            continue
        length = int.from_bytes(data[offset : offset + 2], "big")
        yield code, offset + 2, offset + length
        offset += max(2, length)


def _tables(body: bytes) -> Iterator[tuple[int, Table]]:
    """Number and steps of the tables of one DQT segment."""
    offset = 0
    while offset < len(body):
        number, step_bytes = body[offset] & 15, 2 if body[offset] >> 4 else 1
        steps = body[offset + 1 : offset + 1 + 64 * step_bytes]
        if len(steps) < 64 * step_bytes:
            return
        if step_bytes == 1:
            yield number, tuple(steps)
        else:
            yield number, tuple(int.from_bytes(steps[at : at + 2], "big") for at in range(0, 128, 2))
        offset += 1 + len(steps)


def _components(frame: bytes) -> list[tuple[int, int, int]]:
    """Horizontal and vertical sampling factor and table number of every component."""
    parts = [frame[at : at + 3] for at in range(6, len(frame) - 2, 3)]
    return [(part[1] >> 4, part[1] & 15, part[2]) for part in parts]


def _quality(seen: _Seen) -> int | None:
    components = _components(seen.frame)
    luma = seen.tables.get(components[0][2]) if components else None
    if luma is None:
        return None
    return quality_of(luma, seen.tables.get(components[1][2]) if len(components) == 3 else None)


def _subsampling(frame: bytes) -> str | None:
    """The usual name of the chroma subsampling; None without chroma, and where it has no name."""
    components = _components(frame)
    if len(components) != 3:
        return None
    (luma_h, luma_v, _), *chroma = components
    if not all(h and v and luma_h % h == 0 and luma_v % v == 0 for h, v, _ in chroma):
        return None
    wide, high = (max(luma // part[axis] for part in chroma) for axis, luma in enumerate((luma_h, luma_v)))
    return _SUBSAMPLING.get((wide, high))
