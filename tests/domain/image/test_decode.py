"""Decoding is strict: every format gives its pixels or an error, never half a picture."""

from __future__ import annotations

import io
import random

import pytest
import pyvips
from PIL import Image

import images
from plume_app.domain.image import decode
from plume_app.domain.image.header import Header
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage, PlumeError, UnsupportedFormat

PHOTO = images.photo(61, 43)
FILES = {
    "png": images.png_bytes(PHOTO),
    "png interlaced": images.png_bytes(images.photo(64, 64)),
    "jpeg": images.jpeg_bytes(PHOTO),
    "jpeg progressive": images.jpeg_bytes(PHOTO, progressive=True),
    "jpeg restarts": images.jpeg_bytes(PHOTO, restart_marker_rows=1),
    "webp": images.webp_bytes(PHOTO),
    "webp lossless": images.webp_bytes(PHOTO, lossless=True),
    "gif": images.gif_bytes(PHOTO),
    "tiff": images.tiff_bytes(PHOTO),
    "tiff raw": images.tiff_bytes(PHOTO, compression="raw"),
    "bmp": images.bmp_bytes(PHOTO),
}


def decoded(data: bytes, *, upright: bool = False) -> bytes:
    with decode.reading():
        return bytes(Source.open(data).picture(upright).image.write_to_memory())


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("name", FILES)
def test_every_format_gives_the_pixels_that_pillow_gives(name: str) -> None:
    assert decoded(FILES[name]) == shown(FILES[name]).convert("RGB").tobytes()


@pytest.mark.parametrize("percent", [10, 50, 90, 99])
@pytest.mark.parametrize("name", FILES)
def test_t36_a_truncated_file_is_corrupt_at_every_length(name: str, percent: int) -> None:
    with pytest.raises(CorruptImage):
        decoded(images.truncated(FILES[name], percent))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", range(8))
def test_t35_flipped_bits_give_a_picture_or_a_known_error(name: str, seed: int) -> None:
    try:
        decoded(images.flipped(FILES[name], seed))
    except PlumeError as error:
        assert error.code in ("corrupt_image", "unsupported_format", "image_too_large")


@pytest.mark.parametrize("name", ["png", "png interlaced"])
@pytest.mark.parametrize("seed", range(8))
def test_t36_a_png_with_flipped_bits_is_corrupt(name: str, seed: int) -> None:
    damaged = bytearray(FILES[name])
    damaged[random.Random(seed).randrange(60, len(damaged) - 20)] ^= 16
    with pytest.raises(CorruptImage):
        decoded(bytes(damaged))


def test_t42_libvips_without_memory_is_no_bug_and_no_damage() -> None:
    with pytest.raises(MemoryError), decode.reading():
        raise pyvips.Error("unable to call jpegsave_buffer\n  vips_tracked: out of memory --- size == 300MB")


def test_a_format_without_a_decoder_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        decode.open_image(b"", Header("avif", 1, 1))


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        ("tiff2vips: Compression scheme 34712 strip decoding is not implemented", UnsupportedFormat),
        ("tiff2vips: ZSTD compression support is not configured", UnsupportedFormat),
        ("tiff2vips: Read error at scanline 7; got 900 bytes, expected 1200", CorruptImage),
    ],
)
def test_what_a_decoder_cannot_do_is_no_damage(told: str, failure: type[PlumeError]) -> None:
    found = decode.complaint(f"VipsForeignLoad: unable to call tiffload_buffer\n{told}")

    assert type(found) is failure
    assert found.facts["problem"] == told.removeprefix("tiff2vips: ")
