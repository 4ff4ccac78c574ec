"""Pictures that Plume does not read, by their first bytes, so that they are told by name instead of as no picture.

Sources: ISO/IEC 14496-12 (`ftyp` and its brands), ISO/IEC 18181-2 (JPEG XL), ISO/IEC 15444-1 (JPEG 2000), Adobe's
specification of PSD.
"""

from __future__ import annotations

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"})
_STARTS = (
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "a Photoshop file"),
    (b"\0\0\1\0", "an icon file"),
    (b"%PDF-", "a PDF"),
    (b"%!PS", "PostScript"),
)


def name_of(head: bytes) -> str | None:
    """What the first bytes of a file belong to, in words; None where they tell nothing."""
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, min(len(head), _box_length(head)), 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        return "HEIC" if brands & _HEIC_BRANDS else None
    return "SVG, drawn by lines and not by pixels" if b"<svg" in head else None


def _box_length(head: bytes) -> int:
    return int.from_bytes(head[:4], "big")
