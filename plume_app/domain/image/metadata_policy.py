"""What is private, by name: the facts behind the policy "safe". Pure; no library, no container.

Location is where the picture was taken or what place it shows; the address of its creator is not. Serial
numbers name a device: owner, creator and the identifiers of the picture itself (ImageUniqueID,
xmpMM:DocumentID) stay. To make one more thing private: a line here.
"""

from __future__ import annotations

import re

from plume_app.domain.image.containers import Metadata, Part, jpeg, photoshop, tiff
from plume_app.domain.image.finders.jpeg import holds_manifest

GPS, SERIALS, MAKER_NOTES, THUMBNAILS = "gps", "serials", "maker_notes", "thumbnails"
KINDS = (GPS, SERIALS, MAKER_NOTES, THUMBNAILS)

EXIF_GROUPS = frozenset({"Image", "Photo", "Iop"})  # of the EXIF library; every other group is private or a picture
# GeoTIFF 1.1, annex A, and what GDAL and DGIWG add: where on earth the pixels lie.
_PLACE_TAGS = frozenset({33550, 33920, 33922, 34264, 34735, 34736, 34737, 42112, 50844, 50908, 50909})
_SERIAL_TAGS = frozenset({0xA431, 0xA435, 0xC62F, 0xFDE9, 0xC65D})
_MAKER_TAGS = frozenset({tiff.MAKER_NOTE, tiff.UNKNOWN, 0xC634, 0xEA1C})
_NESTED_TAGS = frozenset({tiff.XMP, tiff.IPTC, tiff.PHOTOSHOP, tiff.ICC})  # a second home for what has its own
_PICTURE_TAGS = frozenset({0x014A, 0x0201, 0x0202})
PRIVATE_EXIF_TAGS = _PLACE_TAGS | _SERIAL_TAGS | _MAKER_TAGS | _NESTED_TAGS | _PICTURE_TAGS | {tiff.GPS_IFD}
_UNCLAIMED_BYTES = 64  # alignment and rounding; more may be what another program only unlinked

PRIVATE_IPTC = dict.fromkeys((26, 27, 90, 92, 95, 100, 101), GPS) | dict.fromkeys((200, 201, 202), THUMBNAILS)
"""Data sets of IPTC record 2."""

_PLACE = re.compile(
    r"gps|latitude|longitude|altitude|geotag|^(?:shot)?location(?:created|shown|name|id|code|taken)?$"
    r"|^(?:sub-?location|city|state|provincestate|province|country|countrycode|countryname|worldregion)$"
)
_MAY_BE_PRIVATE = re.compile(
    rb"(?i)gps|latitude|longitude|altitude|geotag|location|city\b|state\b|province|country|worldregion|serial|maker-?note|thumbnail|GImg"
    rb"|dngprivate"
)
_STEP = re.compile(r"(?:^|/\??)([\w.-]+?)[.:]([\w.-]+)")
_FURTHER_PREFIXES = frozenset({"hdrgm", "container", "gcontainer", "item", "hdrgainmap"})
_FURTHER_NAMES = re.compile(r"^(?:MotionPhoto|MicroVideo)")

_SAFE_CHUNKS = frozenset({"tIME", "sPLT", "oFFs", "pCAL", "sCAL", "sTER", "gIFg"})
_NO_MAKER = (b"Ducky", b"Adobe", b"FPXR", b"JP", b"http:", b"Exif", b"ICC_PROFILE", b"JFIF", b"Photoshop")
_SAFE_RESOURCES = frozenset({photoshop.RESOLUTION, photoshop.COPYRIGHT_FLAG, photoshop.COPYRIGHT_URL})


def exif_kinds(exif: bytes) -> frozenset[str]:
    """Which private things an EXIF block holds, as far as its directories can be followed."""
    found = tiff.structure(exif)
    kinds: set[str] = set()
    for entry in found.entries if found else ():
        is_place = entry.ifd == "0" and entry.tag in _PLACE_TAGS
        if is_place or (entry.ifd == "gps" and entry.tag != 0):  # a version number alone is no place
            kinds.add(GPS)
        elif entry.tag in _SERIAL_TAGS and entry.ifd in ("0", "exif"):
            kinds.add(SERIALS)
        elif entry.tag in (tiff.MAKER_NOTE, 0xC634) and entry.count:
            kinds.add(MAKER_NOTES)
        elif entry.ifd.isdigit() and entry.ifd != "0" and entry.tag in (0x0201, 0x0111):
            kinds.add(THUMBNAILS)
    return frozenset(kinds)


def is_clean_exif(exif: bytes) -> bool:
    """Is every byte of this EXIF block accounted for, and none of it private?"""
    found = tiff.structure(exif)
    if found is None or not found.is_sound or len(exif) - found.seen_bytes > _UNCLAIMED_BYTES:
        return False
    return all(
        entry.ifd in ("0", "exif", "interop") and (entry.tag not in PRIVATE_EXIF_TAGS or entry.ifd == "interop")
        for entry in found.entries
    )


def is_safe_tag(group: str, tag: int) -> bool:
    """Does "safe" keep this EXIF tag? `group` is the EXIF library's name of its directory."""
    return group in EXIF_GROUPS and tag not in PRIVATE_EXIF_TAGS


def may_hold_private(packet: bytes) -> bool:
    """Could this XMP packet hold anything private? False is certain, True asks for a real look."""
    return b"\0" in packet or _MAY_BE_PRIVATE.search(packet) is not None


def xmp_kind(key: str) -> str | None:
    """What is private about an XMP property; `key` is the EXIF library's path, as Xmp.exif.GPSLatitude."""
    for _, name in _STEP.findall(key.removeprefix("Xmp.")):
        lower = name.lower()
        if _PLACE.search(lower):
            return GPS
        if "serial" in lower:
            return SERIALS
        if "makernote" in lower or "maker-note" in lower or lower == "dngprivatedata":
            return MAKER_NOTES
        if "thumbnail" in lower:
            return THUMBNAILS
    return THUMBNAILS if key.startswith("Xmp.xmpGImg") else None


def describes_further_pictures(key: str) -> bool:
    """Does this XMP property describe a gain map, a film or a picture behind the first one?"""
    return any(
        prefix.lower() in _FURTHER_PREFIXES or _FURTHER_NAMES.match(name)
        for prefix, name in _STEP.findall(key.removeprefix("Xmp."))
    )


def iptc_kinds(iptc: bytes) -> frozenset[str] | None:
    """Which private things these IPTC data sets hold; None where they cannot be followed to the end."""
    kinds: set[str] = set()
    at = 0
    while at < len(iptc):
        if iptc[at] != 0x1C:
            return frozenset(kinds) if not iptc[at:].strip(b"\0") else None
        size = int.from_bytes(iptc[at + 3 : at + 5], "big")
        if size & 0x8000 or at + 5 + size > len(iptc) or at + 5 > len(iptc):
            return None
        if iptc[at + 1] == 2 and iptc[at + 2] in PRIVATE_IPTC:
            kinds.add(PRIVATE_IPTC[iptc[at + 2]])
        at += 5 + size
    return frozenset(kinds)


def is_safe_part(part: Part) -> bool:
    """Does "safe" keep this part that only its container knows? Only what is known to be harmless."""
    if part.kind.startswith("8BIM"):
        return int(part.kind[5:], 16) in _SAFE_RESOURCES
    return part.format == "png" and part.kind in _SAFE_CHUNKS


def part_kind(part: Part) -> str | None:
    """What is private about such a part; None also for what merely cannot be vouched for."""
    if part.kind == "JFIF thumbnail" or (part.kind == "APP0" and part.data.startswith(b"JFXX")):
        return THUMBNAILS
    if part.kind.startswith("8BIM"):
        return THUMBNAILS if int(part.kind[5:], 16) in photoshop.THUMBNAILS else None
    if part.format == "jpeg" and not part.data.startswith(_NO_MAKER):
        return MAKER_NOTES
    return None


def text_kind(keyword: str) -> str | None:
    """What is private about a PNG text: a place, a serial number, the note of a thumbnail cache (it names a path)."""
    lower = keyword.lower()
    if lower.startswith(("thumb::", "exif:thumbnail")):
        return THUMBNAILS
    if "serial" in lower:
        return SERIALS
    if "makernote" in lower:
        return MAKER_NOTES
    return GPS if _PLACE.search(lower.rpartition(":")[2]) else None


def without_manifest(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Without the signed manifest (C2PA), which in a JPEG is one box over several segments."""
    is_signed = any(part.kind == "APP11" and holds_manifest(part.data) for part in parts)
    gone = {("png", "caBX"), ("webp", "C2PA"), *([("jpeg", "APP11")] if is_signed else [])}
    return tuple(part for part in parts if (part.format, part.kind) not in gone)


def survives_new_pixels(part: Part) -> bool:
    """Does this part still hold true for newly encoded pixels? Chunk names say so; a signed manifest does not."""
    if part.format == "png":
        return part.kind in _SAFE_CHUNKS or part.kind[3:4].islower()
    return (part.format, part.kind) not in {("jpeg", "APP11"), ("webp", "C2PA")}


def announces_further_pictures(metadata: Metadata) -> bool:
    """Does the XMP mention further pictures at all?"""
    return any(jpeg.mentions_further_pictures(packet) for packet in (metadata.xmp, metadata.extended_xmp) if packet)
