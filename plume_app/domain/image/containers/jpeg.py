"""JPEG: metadata lives in marker segments before the first scan.

Everything from the first start-of-scan on is one opaque tail. What belongs to the coding (tables, frame,
Adobe's APP14) and what points at further pictures (the MPF index, the gain map's ISO note) is structure:
it stays in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plume_app.domain.image.containers import Density, Metadata, Part, jpeg_parts, photoshop
from plume_app.domain.shared.errors import CorruptImage

EXIF = b"Exif\0"
XMP = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
ICC = b"ICC_PROFILE\0"
MPF = b"MPF\0"
ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_FURTHER_PICTURES = re.compile(rb"hdrgm|HDRGainMap|MotionPhoto|MicroVideo|Container:Directory|GContainer")

_APP0, _APP15, _COM, _SOS, _EOI = 0xE0, 0xEF, 0xFE, 0xDA, 0xD9
_UNITS = {0: "", 1: "inch", 2: "cm"}
_MARKER_IN_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
MAX_PAYLOAD = 65_533
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker with its payload; `data` has no length field. `at` is where its marker stands."""

    marker: int
    data: bytes
    at: int

    @property
    def is_structure(self) -> bool:
        """Does it belong to the coding or to further pictures, and so stays where it is?"""
        if self.marker == 0xE2:
            return self.data.startswith((MPF, ISO_GAIN_MAP))
        return self.marker == 0xEE or not (_APP0 <= self.marker <= _APP15 or self.marker == _COM)

    @property
    def is_jfif(self) -> bool:
        """Is it the JFIF header?"""
        return self.marker == _APP0 and self.data.startswith(b"JFIF\0") and len(self.data) >= 12


def segments(data: bytes) -> tuple[list[Segment], int]:
    """The segments before the first scan, and where that scan (or the end marker) begins.

    Fill bytes and stray bytes between segments are passed over, as decoders do.

    Raises CorruptImage where the header ends early.
    """
    if data[:2] != b"\xff\xd8":
        raise CorruptImage(problem="no JPEG start marker")
    found: list[Segment] = []
    at = 2
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise CorruptImage(problem="JPEG header ends early")
        marker = data[at + 1]
        if marker in (0x00, 0xFF) or marker in range(0xD0, 0xD9) or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in (_SOS, _EOI):
            return found, at
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        if size < 2 or at + 2 + size > len(data):
            raise CorruptImage(problem="JPEG segment ends early")
        found.append(Segment(marker, data[at + 4 : at + 2 + size], at))
        at += 2 + size


def read(data: bytes) -> Metadata:
    """What the JPEG says beside its pixels. Raises CorruptImage where the header ends early."""
    reader = jpeg_parts.Collector()
    density: Density | None = None
    for segment in segments(data)[0]:
        payload, marker = segment.data, segment.marker
        if segment.is_structure:
            continue
        if segment.is_jfif:
            x, y = int.from_bytes(payload[8:10], "big"), int.from_bytes(payload[10:12], "big")
            unit = _UNITS.get(payload[7], "")
            if x and y and (unit or x != y):
                density = Density(float(x), float(y), unit)
            if len(payload) > 14 and payload[12] and payload[13]:
                reader.others.append(Part("jpeg", "JFIF thumbnail", payload[12:]))
        elif marker == _COM:
            reader.comments.append(payload)
        elif marker == 0xE1 and payload.startswith(EXIF):
            reader.add_exif(payload)
        elif marker == 0xE1 and payload.startswith(XMP):
            reader.add_xmp(payload[len(XMP) :], payload)
        elif marker == 0xE1 and payload.startswith(EXTENDED_XMP):
            reader.add_extended_xmp(payload[len(EXTENDED_XMP) :])
        elif marker == 0xE2 and payload.startswith(ICC) and len(payload) > 14:
            reader.icc.append((payload[12], payload[14:]))
        elif marker == 0xED and payload.startswith(photoshop.SIGNATURE):
            reader.resources.append(payload[len(photoshop.SIGNATURE) :])
        else:
            reader.others.append(Part("jpeg", f"APP{marker - _APP0}", payload))
    return reader.metadata(density)


def write(data: bytes, metadata: Metadata) -> bytes:
    """`data` with this metadata and no other; coding, index of further pictures and tail stay.

    An index (MPF) is corrected for what moved, or dropped where no further picture follows.

    Raises CorruptImage where the header ends early.
    """
    found, scan_at = segments(data)
    stale = points_nowhere(data)
    kept = [s for s in found if s.is_structure and not (stale and s.marker == 0xE2)]
    head = [b"\xff\xd8"]
    jfif = next((s.data for s in found if s.is_jfif), None)
    if jfif is not None or (metadata.density is not None and _is_jfif_at_heart(kept)):
        head.append(_segment(0xE0, _jfif(jfif, metadata)))
    head.extend(_segment(marker, payload) for marker, payload in _payloads(metadata))
    kept_before: list[bytes] = []
    index: tuple[Segment, int] | None = None
    length = sum(map(len, head))
    for segment in kept:
        raw = _segment(segment.marker, segment.data)
        if segment.marker == 0xE2 and segment.data.startswith(MPF):
            index = (segment, length)
        kept_before.append(raw)
        length += len(raw)
    if index is not None:
        segment, new_at = index
        place = kept.index(segment)
        after_old, after_new = scan_at - segment.at, length - new_at
        moved = jpeg_parts.moved_index(segment.data, after_new - after_old, length - scan_at)
        kept_before[place] = _segment(segment.marker, moved)
    return b"".join((*head, *kept_before, memoryview(data)[scan_at:]))


def mentions_further_pictures(packet: bytes) -> bool:
    """Does an XMP packet describe a gain map, a film or pictures that follow the first?"""
    return _FURTHER_PICTURES.search(packet) is not None


def points_nowhere(data: bytes) -> bool:
    """Does the header announce further pictures or films that do not follow the end marker?

    True after an encoder kept the markers and lost the bytes behind the picture.
    """
    found, scan_at = segments(data)
    announces = any(
        (s.marker == 0xE2 and s.data.startswith((MPF, ISO_GAIN_MAP)))
        or (s.marker == 0xE1 and s.data.startswith(XMP) and mentions_further_pictures(s.data))
        for s in found
    )  # fmt: skip
    return announces and end_of_picture(data, scan_at) >= len(data.rstrip(b"\0"))


def end_of_picture(data: bytes, scan_at: int) -> int:
    """Where the bytes after the end marker begin; the length of `data` where there is no end marker."""
    at = scan_at
    while at < len(data):
        match = _MARKER_IN_SCAN.search(data, at)
        if match is None:
            return len(data)
        marker, at = data[match.end() - 1], match.end()
        if marker == _EOI:
            return at
        if not 0xD0 <= marker <= 0xD8 and marker != 0x01:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
    return len(data)


def _is_jfif_at_heart(kept: list[Segment]) -> bool:
    """Would a JFIF header change nothing? It says grey or YCbCr, and overrules Adobe's marker and RGB's names."""
    frame = next((s.data for s in kept if s.marker in FRAMES and len(s.data) > 5), b"")
    names = frame[6 : 6 + 3 * frame[5] : 3] if frame else b""
    return len(names) in (1, 3) and names != b"RGB" and not any(s.marker == 0xEE for s in kept)


def _jfif(old: bytes | None, metadata: Metadata) -> bytes:
    """A JFIF payload: the old version and the density (1:1 where none is known), with its thumbnail if kept."""
    density = metadata.density
    if density is not None and density.unit == "metre":
        density = density.per("inch")
    unit, x, y = 0, 1, 1
    if density is not None and max(density.x, density.y) < 65_535.5:
        unit = {"inch": 1, "cm": 2}.get(density.unit, 0)
        x, y = max(1, round(density.x)), max(1, round(density.y))
    thumbnail = next((p.data for p in metadata.others if (p.format, p.kind) == ("jpeg", "JFIF thumbnail")), b"\0\0")
    sizes = x.to_bytes(2, "big") + y.to_bytes(2, "big")
    return b"JFIF\0" + (old[5:7] if old else b"\1\1") + bytes([unit]) + sizes + thumbnail


def _payloads(metadata: Metadata) -> Iterator[tuple[int, bytes]]:
    own = [part for part in metadata.others if part.format == "jpeg"]
    for part in own:
        if part.kind == "APP0":
            yield 0xE0, part.data
    if metadata.exif and len(metadata.exif) + 6 <= MAX_PAYLOAD:
        yield 0xE1, b"Exif\0\0" + metadata.exif
    for payload in jpeg_parts.xmp_payloads(metadata.xmp, metadata.extended_xmp):
        yield 0xE1, payload
    resources = b"".join(part.data for part in own if part.kind.startswith("8BIM"))
    for payload in jpeg_parts.photoshop_payloads(metadata.iptc, resources):
        yield 0xED, payload
    for payload in jpeg_parts.icc_payloads(metadata.icc):
        yield 0xE2, payload
    for part in own:
        if part.kind.startswith("APP") and part.kind != "APP0":
            yield _APP0 + int(part.kind[3:]), part.data
    for comment in metadata.comments:
        yield _COM, comment[:MAX_PAYLOAD]


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload
