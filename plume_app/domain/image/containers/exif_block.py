"""Small EXIF blocks built from nothing."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from plume_app.domain.image.containers import Density, tiff

_RESCUED = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298)  # caption to rights, all ASCII


def rescued(exif: bytes) -> bytes | None:
    """The harmless tags of a broken block that can still be read: orientation, resolution and a few texts."""
    found = tiff.structure(exif)
    tags: dict[int, int | bytes] = {}
    for entry in found.entries if found else ():
        if entry.ifd == "0" and entry.tag in _RESCUED and entry.type == 2 and entry.size < 1000:
            tags.setdefault(entry.tag, exif[entry.at : entry.at + entry.size].rstrip(b"\0"))
    if tiff.orientation(exif) != 1:
        tags[tiff.ORIENTATION] = tiff.orientation(exif)
    return block({tag: value for tag, value in tags.items() if value}, tiff.density(exif))


def block(tags: Mapping[int, int | bytes], resolution: Density | None = None) -> bytes | None:
    """A small EXIF block of whole numbers (SHORT), texts (ASCII) and a resolution; None for nothing."""
    values: dict[int, tuple[int, int, bytes]] = {}
    for tag, value in tags.items():
        if isinstance(value, int):
            values[tag] = (3, 1, struct.pack(">H", value))
        else:
            values[tag] = (2, len(value) + 1, value + b"\0")
    if resolution is not None:
        known = resolution.per("inch") or resolution
        for tag, number in ((tiff.X_RESOLUTION, known.x), (tiff.Y_RESOLUTION, known.y)):
            values[tag] = (5, 1, struct.pack(">II", *ratio(number)))
        values[tiff.RESOLUTION_UNIT] = (3, 1, struct.pack(">H", 2 if known.unit else 1))
    if not values:
        return None
    entries, heap = b"", b""
    heap_at = 8 + 2 + 12 * len(values) + 4
    for tag in sorted(values):
        kind, count, raw = values[tag]
        if len(raw) > 4:
            field = struct.pack(">I", heap_at + len(heap))
            heap += raw + b"\0" * (len(raw) & 1)
        else:
            field = raw.ljust(4, b"\0")
        entries += struct.pack(">HHI", tag, kind, count) + field
    return b"MM\0*\0\0\0\x08" + struct.pack(">H", len(values)) + entries + b"\0\0\0\0" + heap


def ratio(number: float) -> tuple[int, int]:
    """A number as EXIF's fraction: whole where it nearly is, otherwise to a thousandth."""
    if abs(number - round(number)) < 0.02:  # PNG counts dots per metre, so 72 dpi come back as 72.009
        return max(1, min(round(number), 0xFFFFFFFF)), 1
    return max(1, min(round(number * 1000), 0xFFFFFFFF)), 1000
