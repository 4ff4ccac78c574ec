"""The tables at the head of a JPEG: in as few segments as can be, and whether a setting would write the same.

Source: ITU-T T.81, B.1.1.4 and B.2.4: a DQT or DHT segment may hold several tables, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from plume_app.domain.image.finders.jpeg_quality import mozjpeg_tables

_SOS, _DQT, _DHT, _BASELINE = 0xDA, 0xDB, 0xC4, 0xC0
_MAX_BODY = 65_533


def merged(data: bytes) -> bytes:
    """The same file with neighbouring table segments before the first scan made one: four bytes less for each.

    mozjpeg's lossless pass writes them so; a file that has it already is not made smaller by a second run.
    """
    parts: list[tuple[int, bytes]] = []
    end = 2
    for marker, body in _head(data):
        end += 4 + len(body)
        neighbour = parts[-1] if parts else (None, b"")
        if marker in (_DQT, _DHT) and marker == neighbour[0] and len(neighbour[1] + body) <= _MAX_BODY:
            parts[-1] = marker, neighbour[1] + body
        else:
            parts.append((marker, body))
    return b"".join([data[:2], *(_segment(*part) for part in parts), data[end:]])


def is_sequential_at(data: bytes, quality: int) -> bool:
    """Is this a sequential file with exactly the quantisation tables that mozjpeg writes at `quality`?"""
    head = list(_head(data))
    found = b"".join(body for marker, body in head if marker == _DQT)
    expected = b"".join(bytes((number, *table)) for number, table in enumerate(mozjpeg_tables(quality)))
    return found in (expected, expected[: len(expected) // 2]) and any(marker == _BASELINE for marker, _ in head)


def _head(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and body of the segments before the first scan, as long as each follows the last at once."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data) and data[at + 1] != _SOS:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if end < at + 4 or end > len(data):
            return
        yield data[at + 1], data[at + 4 : end]
        at = end


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body
