"""What JPEG spreads over several segments: ICC, extended XMP, Photoshop resources, the MPF index."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from plume_app.domain.image.containers import Density, Metadata, Part, photoshop

_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_EXTENDED_XMP = b"http://ns.adobe.com/xmp/extension/\0"
MAX_XMP = 65_502  # of one segment; XMP specification part 3, section 1.1.3
_MAX_ICC = 65_519
_MAX_EXTENDED = 65_400
_MAX_EXTENDED_TOTAL = 32_000_000  # of what a file may claim; real ones hold a depth map of a few MB
_MPF_ENTRIES = 0xB002


@dataclass(slots=True)
class Collector:
    """Gathers the segments of one file."""

    exif: bytes | None = None
    xmp: bytes | None = None
    icc: list[tuple[int, bytes]] = field(default_factory=list)
    extended: dict[int, bytes] = field(default_factory=dict)
    extended_size: int = 0
    extended_guid: bytes = b""
    resources: list[bytes] = field(default_factory=list)
    comments: list[bytes] = field(default_factory=list)
    others: list[Part] = field(default_factory=list)

    def add_exif(self, payload: bytes) -> None:
        """The first EXIF counts; further ones are parts that only JPEG knows."""
        if self.exif is None:
            self.exif = payload[6:]
        else:
            self.others.append(Part("jpeg", "APP1", payload))

    def add_xmp(self, packet: bytes, payload: bytes) -> None:
        """The first packet counts."""
        if self.xmp is None:
            self.xmp = packet
        else:
            self.others.append(Part("jpeg", "APP1", payload))

    def add_extended_xmp(self, payload: bytes) -> None:
        """One portion: 32 characters of digest, whole size, offset, bytes."""
        if len(payload) >= 40:
            size, offset = struct.unpack(">II", payload[32:40])
            is_same = not self.extended_guid or payload[:32] == self.extended_guid
            if size <= _MAX_EXTENDED_TOTAL and is_same and offset not in self.extended:
                self.extended_guid, self.extended_size = payload[:32], size
                self.extended[offset] = payload[40:]
                return
        self.others.append(Part("jpeg", "APP1", _EXTENDED_XMP + payload))

    def metadata(self, density: Density | None) -> Metadata:
        """All that was gathered."""
        resources, iptc = photoshop.resources(b"".join(self.resources))
        others = [*self.others, *(Part("jpeg", f"8BIM {number:#06x}", block) for number, block in resources)]
        icc = b"".join(piece for _, piece in sorted(self.icc, key=lambda numbered: numbered[0]))
        extended = b"".join(self.extended[offset] for offset in sorted(self.extended))
        if len(extended) != self.extended_size:  # a portion is missing: the others cannot be read, but are there
            for offset, portion in self.extended.items():
                head = self.extended_guid + struct.pack(">II", self.extended_size, offset)
                others.append(Part("jpeg", "APP1", _EXTENDED_XMP + head + portion))
        return Metadata(
            exif=self.exif or None,
            xmp=self.xmp or None,
            extended_xmp=extended if extended and len(extended) == self.extended_size else None,
            iptc=iptc,
            icc=icc or None,
            comments=tuple(self.comments),
            density=density,
            others=tuple(others),
        )


def icc_payloads(icc: bytes | None) -> Iterator[bytes]:
    """The profile in numbered pieces; nothing where it needs more than 255."""
    pieces = [icc[at : at + _MAX_ICC] for at in range(0, len(icc), _MAX_ICC)] if icc else []
    if len(pieces) <= 255:
        for number, piece in enumerate(pieces, 1):
            yield b"ICC_PROFILE\0" + bytes((number, len(pieces))) + piece


def xmp_payloads(xmp: bytes | None, extended: bytes | None) -> Iterator[bytes]:
    """The packet in one segment, or a short one that names an extended packet in pieces."""
    if xmp and len(xmp) > MAX_XMP:
        extended = xmp
        xmp = _naming(hashlib.md5(xmp, usedforsecurity=False).hexdigest().upper())
    if xmp:
        yield _XMP + xmp
    if extended:
        guid = hashlib.md5(extended, usedforsecurity=False).hexdigest().upper().encode("ascii")
        for at in range(0, len(extended), _MAX_EXTENDED):
            yield _EXTENDED_XMP + guid + struct.pack(">II", len(extended), at) + extended[at : at + _MAX_EXTENDED]


def _naming(guid: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'
        f' xmpNote:HasExtendedXMP="{guid}"/></rdf:RDF></x:xmpmeta>'
    ).encode("ascii")


def photoshop_payloads(iptc: bytes | None, resources: bytes) -> Iterator[bytes]:
    """The resources, IPTC first, cut into segments of 64 KB where one is not enough."""
    whole = (photoshop.block(photoshop.IPTC, iptc) if iptc else b"") + resources
    room = 65_533 - len(photoshop.SIGNATURE)
    for at in range(0, len(whole), room):
        yield photoshop.SIGNATURE + whole[at : at + room]


def moved_index(payload: bytes, moved: int, grown: int) -> bytes:
    """An MPF index after `moved` bytes were added behind it (negative: removed) and the file's head grew by `grown`.

    Offsets count from the index's own header, so only what lies between it and the further pictures
    matters; the first entry's size is that of the first picture. A broken index comes back as it is.
    Source: CIPA DC-007-2009, section 5.
    """
    patched = bytearray(payload)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(payload[4:8])
    if order is None:
        return payload
    try:
        (ifd,) = struct.unpack_from(order + "I", payload, 8)
        (count,) = struct.unpack_from(order + "H", payload, 4 + ifd)
        for number in range(count):
            tag, _, size, offset = struct.unpack_from(order + "HHII", payload, 4 + ifd + 2 + 12 * number)
            if tag != _MPF_ENTRIES:
                continue
            for entry in range(min(size, len(payload)) // 16):
                at = 4 + offset + 16 * entry
                _, length, start = struct.unpack_from(order + "III", payload, at)
                if entry == 0 and length + grown > 0:
                    struct.pack_into(order + "I", patched, at + 4, length + grown)
                if start and start + moved > 0:
                    struct.pack_into(order + "I", patched, at + 8, start + moved)
    except struct.error:
        return payload
    return bytes(patched)
