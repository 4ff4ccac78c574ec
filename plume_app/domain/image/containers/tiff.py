"""TIFF structures: the files, and the EXIF blocks of every other container.

A small reader that forgives: it visits directories, never follows a loop, and tells whether all it saw was
sound. It changes single values where they stand; whole blocks are rewritten by the EXIF library alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from plume_app.domain.image.containers import Density, Metadata, photoshop
from plume_app.domain.image.headers.tiff import MANIFEST

ORIENTATION, WIDTH, HEIGHT = 0x0112, 0x0100, 0x0101
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 0x011A, 0x011B, 0x0128
PIXEL_X, PIXEL_Y = 0xA002, 0xA003
MAKER_NOTE, UNKNOWN = 0x927C, 0x927D
EXIF_IFD, GPS_IFD, INTEROP_IFD = 0x8769, 0x8825, 0xA005
XMP, IPTC, PHOTOSHOP, ICC = 0x02BC, 0x83BB, 0x8649, 0x8773
LAYERS = 0x935C  # of Photoshop: the picture once more, before it was flattened

LAYOUT = frozenset({
    0x00FE, 0x00FF, *range(0x0100, 0x010E), 0x0111, *range(0x0115, 0x011A), 0x011C, *range(0x0120, 0x0126),
    0x0129, 0x012D, 0x013D, *range(0x0140, 0x0154), 0x015B, *range(0x0200, 0x0215), XMP, IPTC, PHOTOSHOP, ICC,
    MANIFEST, LAYERS,
})  # fmt: skip
"""Tags of a TIFF file that say how its pixels are stored, or hold what has a home of its own elsewhere, or none."""

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 18: "Q"}
_MAX_ENTRIES = 2_000  # in all; real files have some hundred
_POINTERS = {EXIF_IFD: "exif", GPS_IFD: "gps", INTEROP_IFD: "interop"}
_UNITS = {1: "", 2: "inch", 3: "cm"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One tag: `row_at` is where its row stands, `at` where its value begins, `size` how many bytes that has."""

    ifd: str
    tag: int
    type: int
    count: int
    at: int
    size: int
    row_at: int


@dataclass(frozen=True, slots=True)
class Structure:
    """The tags of a block. `is_sound` is False where anything lay outside, looped or had an unknown type.

    `ifd` names are "0", "1", ... along the chain, and "exif", "gps", "interop". `seen_bytes` is the sum of
    what directories and values take: the rest of the block belongs to nobody.
    """

    order: str
    entries: tuple[Entry, ...]
    is_sound: bool
    seen_bytes: int

    def find(self, ifd: str, tag: int) -> Entry | None:
        """The first such tag."""
        return next((entry for entry in self.entries if entry.tag == tag and entry.ifd == ifd), None)


def structure(data: bytes) -> Structure | None:
    """The directories of `data`; None where it has no TIFF header. BigTIFF is read as well."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return None
    magic = struct.unpack_from(order + "H", data, 2)[0]
    if magic == 42:
        return _Walk(data, order, is_big=False).run(struct.unpack_from(order + "I", data, 4)[0])
    if magic == 43 and len(data) >= 16:
        return _Walk(data, order, is_big=True).run(struct.unpack_from(order + "Q", data, 8)[0])
    return None


class _Walk:
    """One visit of all directories."""

    def __init__(self, data: bytes, order: str, *, is_big: bool) -> None:
        self.data, self.order = data, order
        self.count_format, self.count_size = ("Q", 8) if is_big else ("H", 2)
        self.entry_format, self.entry_size = ("HHQ", 20) if is_big else ("HHI", 12)
        self.word_format, self.word_size = ("Q", 8) if is_big else ("I", 4)
        self.entries: list[Entry] = []
        self.is_sound = True
        self.seen_bytes = 16 if is_big else 8
        self.visited: set[int] = set()

    def run(self, at: int) -> Structure:
        number = 0
        while at and number < 64:
            at = self._directory(at, str(number))
            number += 1
        return Structure(self.order, tuple(self.entries), self.is_sound, self.seen_bytes)

    def _directory(self, at: int, name: str) -> int:
        """Reads one directory and its children; the offset of the next in the chain, 0 at the end."""
        try:
            (count,) = struct.unpack_from(self.order + self.count_format, self.data, at)
        except struct.error:
            return self._broken()
        if at in self.visited or count + len(self.entries) > _MAX_ENTRIES:
            return self._broken()
        self.visited.add(at)
        first = at + self.count_size
        for number in range(count):
            if first + self.entry_size * (number + 1) > len(self.data):
                return self._broken()
            self._entry(first + self.entry_size * number, name)
        end = first + self.entry_size * count
        self.seen_bytes += end + self.word_size - at
        if end + self.word_size > len(self.data):
            return 0  # some writers leave out the last link
        return int(struct.unpack_from(self.order + self.word_format, self.data, end)[0])

    def _entry(self, at: int, name: str) -> None:
        tag, kind, count = struct.unpack_from(self.order + self.entry_format, self.data, at)
        size = SIZES.get(kind, 0) * count
        value_at = at + self.entry_size - self.word_size
        if size > self.word_size:
            (value_at,) = struct.unpack_from(self.order + self.word_format, self.data, value_at)
            self.seen_bytes += size
        if kind not in SIZES or value_at + size > len(self.data):
            self._broken()
            return
        entry = Entry(name, tag, kind, count, value_at, size, at)
        self.entries.append(entry)
        if tag in _POINTERS and name in ("0", "exif"):
            child = number_of(self.data, self.order, entry)
            if child:
                self._directory(child, _POINTERS[tag])

    def _broken(self) -> int:
        self.is_sound = False
        return 0


def number_of(data: bytes, order: str, entry: Entry) -> int:
    """The first whole number of an entry, 0 where it has none."""
    if entry.type not in _FORMATS or not entry.count:
        return 0
    return int(struct.unpack_from(order + _FORMATS[entry.type], data, entry.at)[0])


def with_numbers(data: bytes, changes: list[tuple[Entry, int]], order: str) -> bytes:
    """`data` with the first number of these entries changed where it stands; nothing moves."""
    patched = bytearray(data)
    for entry, value in changes:
        if entry.type in _FORMATS and entry.count and 0 <= value < 1 << 8 * SIZES[entry.type] - 1:
            struct.pack_into(order + _FORMATS[entry.type], patched, entry.at, value)
    return bytes(patched)


def with_unknown(data: bytes, tag: int) -> bytes:
    """`data` with this tag renamed to one that nobody reads: its value is plain bytes then."""
    found = structure(data)
    patched = bytearray(data)
    for entry in found.entries if found else ():
        if entry.tag == tag:
            struct.pack_into(found.order + "H" if found else "H", patched, entry.row_at, UNKNOWN)
    return bytes(patched)


def orientation(data: bytes) -> int:
    """The orientation an EXIF block states, 1 to 8; 1 where it states none or nonsense."""
    found = structure(data)
    entry = found.find("0", ORIENTATION) if found else None
    value = number_of(data, found.order, entry) if found and entry else 1
    return value if 1 <= value <= 8 else 1


def states_orientation(data: bytes) -> bool:
    """Does the block say an orientation at all, be it 1?"""
    found = structure(data)
    return found is not None and found.find("0", ORIENTATION) is not None


def density(data: bytes) -> Density | None:
    """The resolution an EXIF block or a TIFF states."""
    found = structure(data)
    if found is None:
        return None
    x, y = (_ratio(data, found, tag) for tag in (X_RESOLUTION, Y_RESOLUTION))
    if x is None or y is None:
        return None
    unit = found.find("0", RESOLUTION_UNIT)
    name = _UNITS.get(number_of(data, found.order, unit) if unit else 2, "")
    return Density(x, y, name) if name or x != y else None


def _ratio(data: bytes, found: Structure, tag: int) -> float | None:
    entry = found.find("0", tag)
    if entry is None or entry.type != 5 or entry.count < 1:
        return None
    above, below = struct.unpack_from(found.order + "II", data, entry.at)
    return above / below if above and below else None


def read(data: bytes) -> Metadata:
    """What a TIFF file says beside its pixels; its EXIF tags are lifted by the EXIF library, not here."""
    found = structure(data)
    if found is None:
        return Metadata()
    xmp, iptc, icc, resources = (_value(data, found, tag) for tag in (XMP, IPTC, ICC, PHOTOSHOP))
    if iptc is None and resources is not None:
        iptc = photoshop.resources(resources)[1]
    return Metadata(xmp=xmp, iptc=_trimmed(iptc), icc=icc, density=density(data))


def _value(data: bytes, found: Structure, tag: int) -> bytes | None:
    entry = found.find("0", tag)
    return data[entry.at : entry.at + entry.size] or None if entry else None


def _trimmed(iptc: bytes | None) -> bytes | None:
    """IPTC is often stored as 32-bit words, filled up with zeros."""
    return iptc.rstrip(b"\0") or None if iptc else None
