"""BMP, which is only read."""

from __future__ import annotations

import struct

import images
import planted
from plume_app.domain.image.containers import Density, Metadata, bmp


def test_resolution_of_a_bmp_is_read() -> None:
    data = bytearray(images.bmp_bytes(images.gradient(8, 8)))
    struct.pack_into("<ii", data, 38, 2835, 2835)

    assert bmp.read(bytes(data)).density == Density(2835.0, 2835.0, "metre")
    assert bmp.read(b"BM") == Metadata()


def test_t17_the_profile_of_a_version_5_bmp_is_read() -> None:
    header = bytearray(124)
    struct.pack_into("<I", header, 0, 124)
    header[56:60] = b"DEBM"
    struct.pack_into("<II", header, 112, 124, len(planted.ICC))

    assert bmp.read(b"BM" + bytes(12) + bytes(header) + planted.ICC).icc == planted.ICC
    assert bmp.read(b"BM" + bytes(12) + bytes(header) + planted.ICC[:9]).icc is None
