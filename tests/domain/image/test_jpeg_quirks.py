"""Odd but whole JPEG files are read; what is odd there is no damage."""

from __future__ import annotations

import pytest

import images
from plume_app.domain.image import decode
from plume_app.domain.image.jpeg_quirks import cured
from plume_app.domain.image.pixels import Source

PHOTO = images.photo(61, 43)
WHOLE = images.jpeg_bytes(PHOTO)


def decoded(data: bytes, *, upright: bool = False) -> bytes:
    with decode.reading():
        return bytes(Source.open(data).picture(upright).image.write_to_memory())


ODD_HEADS = {
    "jfif version": lambda data: data.replace(b"JFIF\0\1\1", b"JFIF\0\x12\x13", 1),
    "adobe transform": lambda data: data[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x09" + data[2:],
    "stray bytes": lambda data: data[:20] + b"\0\1\2" + data[20:],
    "scan parameters": lambda data: data.replace(b"\x3f\0", b"\0\0", 1) if b"\x3f\0" in data else data,
}


@pytest.mark.parametrize("oddity", ODD_HEADS)
def test_an_odd_but_whole_jpeg_gives_its_pixels(oddity: str) -> None:
    data = WHOLE
    at = data.index(b"\xff\xda")
    odd = ODD_HEADS[oddity](data) if oddity != "scan parameters" else data[:at] + ODD_HEADS[oddity](data[at:])
    assert odd != data
    assert cured(odd) != odd
    assert decoded(odd) == decoded(data)


def test_an_ordinary_jpeg_needs_no_cure() -> None:
    assert cured(WHOLE) is WHOLE
    progressive = images.jpeg_bytes(PHOTO, progressive=True)
    assert cured(progressive) is progressive
