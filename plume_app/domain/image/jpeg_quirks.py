"""Oddities in the head of a JPEG file that say nothing about its pixels, set right in a copy for the decoder.

libjpeg tells of damage by warnings, and Plume takes every warning as damage. A few come from files that are
whole: an unknown JFIF version, an unknown Adobe colour transform, scan parameters that a sequential decoder
ignores, stray bytes between two segments. Real cameras and editors write them. Cured here, so that what
still warns is really broken.
"""

from __future__ import annotations

MAX_STRAY_BYTES = 64  # in all; more is not sloppiness but a hole
_SOS, _APP0, _APP14, _EOI = 0xDA, 0xE0, 0xEE, 0xD9
_SEQUENTIAL = (0xC0, 0xC1)
_FRAMES = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
_SEQUENTIAL_SCAN = b"\x00\x3f\x00"  # first and last coefficient, no successive approximation (ITU T.81, table B.3)
_ADOBE_TRANSFORM_AT = 11  # in an APP14 body: "Adobe", version, two flags, then the transform
_WITHOUT_BODY = (0x01, 0xD8, *range(0xD0, 0xD8))


def cured(data: bytes) -> bytes:
    """The file as the decoder should see it; `data` itself where nothing is odd or the head cannot be followed."""
    edits: list[tuple[int, int, bytes]] = []  # start, end, what stands there instead
    at, stray, frame, components = 2, 0, 0, 3
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            end = data.find(b"\xff", at, at + MAX_STRAY_BYTES + 1)
            if end < 0:
                return data
            stray += end - at
            edits.append((at, end, b""))
            at = end
            continue
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0x00:  # libjpeg passes over a stuffed zero as it does over stray bytes
            stray += 2
            edits.append((at, at + 2, b""))
            at += 2
            continue
        if marker in _WITHOUT_BODY:
            at += 2
            continue
        if marker == _EOI:
            return data
        size = int.from_bytes(data[at + 2 : at + 4], "big")
        body, end = at + 4, at + 2 + size
        if size < 2 or end > len(data):
            return data
        if marker in _FRAMES and size >= 8:
            frame, components = marker, data[body + 5]
        elif marker == _APP0 and data[body : body + 5] == b"JFIF\0" and size >= 9 and data[body + 5] != 1:
            edits.append((body + 5, body + 7, b"\x01\x02"))
        elif marker == _APP14 and data[body : body + 5] == b"Adobe" and size >= 14:
            transform_at = body + _ADOBE_TRANSFORM_AT
            if data[transform_at] > 2:
                edits.append((transform_at, transform_at + 1, b"\x02" if components == 4 else b"\x01"))
        elif marker == _SOS:
            if frame in _SEQUENTIAL:
                edits += _scan_edits(data, at)
            break
        at = end
    if not edits or stray > MAX_STRAY_BYTES:
        return data
    return _edited(data, edits)


def _scan_edits(data: bytes, at: int) -> list[tuple[int, int, bytes]]:
    """The edits for the scan parameters of a sequential file, if the first scan at `at` is odd."""
    edits: list[tuple[int, int, bytes]] = []
    while at >= 0 and at + 4 <= len(data):
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end > len(data) or end < at + 8:
            break
        if data[end - 3 : end] == _SEQUENTIAL_SCAN:
            if not edits:
                break
        else:
            edits.append((end - 3, end, _SEQUENTIAL_SCAN))
        at = data.find(b"\xff\xda", end)  # inside coded data a 0xFF is followed by 0 or a restart marker only
    return edits


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    parts, last = [], 0
    for start, end, instead in edits:
        parts += [data[last:start], instead]
        last = end
    return b"".join([*parts, data[last:]])
