"""ICC profiles for the tests; asked for through `images`."""

from __future__ import annotations

import struct
from typing import Any

from PIL import ImageCms


def icc_bytes(model: str = "RGB") -> bytes:
    """A real profile of the colour model RGB (sRGB) or LAB."""
    name: Any = {"RGB": "sRGB", "LAB": "LAB"}[model]
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes()


def grey_icc_bytes(gamma: float = 2.2) -> bytes:
    """A grey profile with one gamma curve, built by hand (ICC.1:2001-04, version 2)."""
    white = b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"plain grey\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    description += bytes(-len(description) % 4)
    right = b"text\0\0\0\0no one\0\0"
    bodies = {b"desc": description, b"cprt": right, b"wtpt": white, b"kTRC": curve}
    offset, table, data = 128 + 4 + 12 * len(bodies), b"", b""
    for tag, body in bodies.items():
        table += tag + struct.pack(">II", offset + len(data), len(body))
        data += body
    size = offset + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    head += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">iii", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(bodies)) + table + data
