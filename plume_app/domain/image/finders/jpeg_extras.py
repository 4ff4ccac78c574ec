"""What cameras hang on a JPEG: gain maps, motion video, further pictures.

All of it lies behind the end marker of the picture, where every encoder cuts; some of it is announced in
segments. Announced is enough for a gain map and a motion photo: a file that once had one says so too,
and asking once too often costs less than losing one.

Bytes behind the end that nobody announced count as an embedded picture, except padding, the previews
that many cameras add (multi-picture type "large thumbnail": a smaller copy of the picture itself), and
Samsung's list of facts about the exposure.

Source: Ultra HDR image format 1.1 (Google; `hdrgm` and the directory of the container), ISO 21496-1,
C.2 (APP2); Motion Photo format 1.0 (Google) and its forerunner MicroVideo; CIPA DC-007 (multi-picture
format), 5.2.3. Samsung's trailer is told by its marks "SEFH" and "SEFT", as exiftool documents them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from plume_app.domain.image.finders.found import names_of

_GAIN_MAP_MARKS = (
    b"ns.adobe.com/hdr-gain-map/",
    b"hdrgm:Version",
    b'Semantic="GainMap"',
    b"urn:iso:std:iso:ts:21496",
    b"aux:hdrgainmap",
    b"HDRGainMap",
)
_MOTION_PHOTO = re.compile(rb"\w:(?:MotionPhoto|MicroVideo)(?:\s*=\s*[\"']1[\"']|\s*>\s*1\s*<)")
_MOTION_SEMANTIC = b'Semantic="MotionPhoto"'
_SAMSUNG_VIDEO = b"MotionPhoto_Data"
_VIDEO_BOX = re.compile(rb"\0\0\0[\x08-\xff]ftyp", re.DOTALL)  # the first box of an MP4 or QuickTime file
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"WEBPVP8")
_PADDING = b"\0\xff \t\r\n"
_MPF = b"MPF\0"
_MP_ENTRY = 0xB002
_MP_ENTRY_BYTES = 16
_MAX_PICTURES = 64
_MAX_HEAD_BYTES = 262_144  # of a further picture: what it says of itself is in its first segments
_LARGE_THUMBNAIL = 0x01  # the class of a preview, in the upper byte of an entry's type


@dataclass(frozen=True, slots=True)
class Extras:
    """Where to look: bodies of XMP and APP2 segments (with their offsets), and the offset behind the picture."""

    xmp: list[bytes]
    app2: list[tuple[int, bytes]]
    end: int


@dataclass(frozen=True, slots=True)
class _Picture:
    """An entry of the multi-picture index that the file really holds."""

    start: int
    end: int
    is_preview: bool


def find_extras(data: bytes, extras: Extras) -> frozenset[str]:
    """Which of gain_map, motion_photo and embedded_pictures the JPEG `data` has."""
    trailer = data[extras.end :]
    segments = [*extras.xmp, *(body for _, body in extras.app2)]
    index = next(((start, body) for start, body in extras.app2 if body.startswith(_MPF)), None)
    pictures = [] if index is None else _pictures(data, *index)
    gain_maps = [p for p in pictures if _has_gain_map(data[p.start : min(p.end, p.start + _MAX_HEAD_BYTES)])]
    others = [picture for picture in pictures if not picture.is_preview and picture not in gain_maps]
    has_gain_map = any(map(_has_gain_map, segments)) or bool(gain_maps) or _has_gain_map(trailer)
    has_motion = any(map(_is_motion_photo, extras.xmp)) or _has_video(trailer)
    # Where only the main picture announces a gain map, the first further picture is it, though it does not say so.
    others = others[1:] if has_gain_map and not gain_maps else others
    is_explained = has_gain_map or has_motion or bool(others)
    return names_of(
        gain_map=has_gain_map,
        motion_photo=has_motion,
        embedded_pictures=bool(others) or (not is_explained and _has_unknown_bytes(data, extras.end, pictures)),
    )


def _has_gain_map(where: bytes) -> bool:
    return any(mark in where for mark in _GAIN_MAP_MARKS)


def _is_motion_photo(xmp: bytes) -> bool:
    return _MOTION_SEMANTIC in xmp or _MOTION_PHOTO.search(xmp) is not None


def _has_video(trailer: bytes) -> bool:
    return _SAMSUNG_VIDEO in trailer or _VIDEO_BOX.search(trailer) is not None


def _has_unknown_bytes(data: bytes, end: int, pictures: list[_Picture]) -> bool:
    """Anything behind the end that is neither padding nor preview nor Samsung's facts."""
    for picture in sorted(pictures, key=lambda picture: picture.start):
        if data[end : picture.start].strip(_PADDING):
            break
        end = max(end, picture.end)
    rest = data[end:].strip(_PADDING)
    is_samsung = rest.endswith(b"SEFT") and b"SEFH" in rest and not any(mark in rest for mark in _PICTURE_STARTS)
    return bool(rest) and not is_samsung


def _pictures(data: bytes, start: int, body: bytes) -> list[_Picture]:
    """The further pictures of a multi-picture index whose segment body lies at `start`; none if unreadable."""
    block = body.removeprefix(_MPF)
    if block == body or block[:4] not in (b"II*\0", b"MM\0*"):
        return []
    base = start + len(_MPF)  # offsets count from here
    entries, endian = _index(block)
    found = []
    for at in range(0, min(len(entries), _MAX_PICTURES * _MP_ENTRY_BYTES) - _MP_ENTRY_BYTES + 1, _MP_ENTRY_BYTES):
        kind, size, offset = (int.from_bytes(entries[part : part + 4], endian) for part in (at, at + 4, at + 8))
        if offset and size and data[base + offset : base + offset + 2] == b"\xff\xd8":  # offset 0: the picture itself
            is_preview = kind >> 16 & 0xFF == _LARGE_THUMBNAIL
            found.append(_Picture(base + offset, base + offset + size, is_preview))
    return found


def _index(block: bytes) -> tuple[bytes, Literal["little", "big"]]:
    """The entries of the index as they stand in the file, and the byte order of its numbers."""
    endian: Literal["little", "big"] = "little" if block[:2] == b"II" else "big"
    first = int.from_bytes(block[4:8], endian)
    count = int.from_bytes(block[first : first + 2], endian)
    for at in range(first + 2, min(first + 2 + 12 * count, len(block) - 11), 12):
        tag, size, offset = (
            int.from_bytes(block[at + part : at + part + length], endian) for part, length in ((0, 2), (4, 4), (8, 4))
        )
        if tag == _MP_ENTRY:
            return block[offset : offset + size], endian
    return b"", endian
