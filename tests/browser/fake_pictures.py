"""Small drawn PNG pictures: hills under a sky, another for every id. Standard library only."""

from __future__ import annotations

import math
import struct
import zlib
from functools import lru_cache

BLOCK = 4  # previews are drawn in blocks: enough to see whether two lie on each other


@lru_cache(maxsize=512)
def drawn(name: str) -> bytes:
    """`t/<seed>` is a thumbnail, `p/<seed>-<side>-<numbers>` a part of a picture.

    The numbers: x, y, width and height of the part, width and height of the picture, then of what is drawn.
    """
    kind, _, rest = name.partition("/")
    if kind == "t":
        return _png(int(rest), 64, 64, (0, 0, 64, 64), (64, 64), "before")
    seed, side, *numbers = rest.split("-")
    x, y, width, height, full_width, full_height, out_width, out_height = map(int, numbers)
    return _png(int(seed), out_width, out_height, (x, y, width, height), (full_width, full_height), side)


def _png(
    seed: int, width: int, height: int, part: tuple[int, int, int, int], full: tuple[int, int], side: str
) -> bytes:
    block = 1 if width <= 64 else BLOCK
    columns, lines = -(-width // block), -(-height // block)
    x, y, part_width, part_height = part
    hue = (seed * 47) % 360
    sky, far, near = (_rgb(hue + turn, light) for turn, light in ((0, 0.78), (60, 0.5), (110, 0.32)))
    rows = []
    across = [(x + (column + 0.5) / columns * part_width) / full[0] for column in range(columns)]
    ridge = [0.45 + 0.12 * math.sin(7 * u + seed) + 0.05 * math.sin(23 * u + seed * 3) for u in across]
    front = [0.68 + 0.1 * math.sin(5 * u + seed * 2) for u in across]
    for line in range(lines):
        v = (y + (line + 0.5) / lines * part_height) / full[1]
        row = bytearray()
        for column in range(columns):
            base = near if v > front[column] else far if v > ridge[column] else sky
            shade = (
                0.85 + 0.3 * v + (0 if side == "after" else 0.03 * math.sin(400 * across[column]) * math.sin(400 * v))
            )
            row += bytes(min(255, int(channel * shade)) for channel in base) * block
        rows.append((b"\0" + bytes(row[: width * 3])) * 1)
    lines_out = b"".join(row * 1 for row in rows for _ in range(block))[: (width * 3 + 1) * height]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines_out, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _rgb(hue: float, light: float) -> tuple[int, int, int]:
    angle = math.radians(hue)
    return tuple(int(255 * min(1, max(0, light + 0.22 * math.cos(angle - turn)))) for turn in (0, 2.09, 4.19))  # type: ignore[return-value]
