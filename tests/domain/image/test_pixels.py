"""What comes out of `Source`: the picture, upright, in all its channels; refused before it is decoded if too large."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

import images
from plume_app.domain.image import decode
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import ImageTooLarge

PHOTO = images.photo(61, 43)


def decoded(data: bytes, *, upright: bool = False) -> bytes:
    with decode.reading():
        return bytes(Source.open(data).picture(upright).image.write_to_memory())


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_t20_the_picture_is_turned_upright_by_its_tag(image_format: str, orientation: int) -> None:
    upright = images.gradient(16, 24)
    options = {"lossless": True} if image_format == "WEBP" else {"quality": 100} if image_format == "JPEG" else {}
    stored = images.turned(upright, orientation)
    if image_format == "TIFF":
        exif = Image.Exif()
        exif[images.EXIF_ORIENTATION] = orientation
        data = images.saved(stored, image_format, exif=exif)
    else:
        data = images.saved(stored, image_format, exif=images.exif_bytes(orientation), **options)
    image = Source.open(data).picture(upright=True).image
    assert (image.width, image.height) == upright.size
    got = Image.frombytes("RGB", upright.size, image.write_to_memory())
    worst = max(abs(a - b) for a, b in zip(got.tobytes(), upright.tobytes(), strict=True))
    assert worst <= (12 if image_format == "JPEG" else 0)
    if orientation > 1:
        assert Source.open(data).picture(upright=False).image.width == stored.width


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_t22_grey_of_every_depth_stays_grey(bits: int) -> None:
    image = images.gradient(19, 7, "L").point(lambda value: value >> (8 - bits) << (8 - bits))
    mode = image.convert("1", dither=Image.Dither.NONE) if bits == 1 else image
    source = Source.open(images.png_bytes(mode, bits=bits) if bits > 1 else images.png_bytes(mode))
    assert source.picture(upright=False).is_grey


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_t22_channels_are_kept(mode: str) -> None:
    picture = Source.open(images.png_bytes(images.noise(9, 5, mode))).picture(upright=False)
    assert picture.image.bands == len(mode)
    assert picture.is_grey == (mode[0] == "L")
    assert picture.has_alpha == (mode[-1] == "A")
    assert bytes(picture.image.write_to_memory()) == images.noise(9, 5, mode).tobytes()


def test_palette_transparency_becomes_alpha() -> None:
    data = images.png_bytes(images.palette(20, 10, transparent=True))
    assert decoded(data) == shown(data).convert("RGBA").tobytes()


def test_transparent_colour_of_a_png_becomes_alpha() -> None:
    data = images.png_bytes(images.text(20, 12), transparency=(255, 255, 255))
    assert decoded(data) == shown(data).convert("RGBA").tobytes()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_t21_sixteen_bits_are_read_as_sixteen(channels: int) -> None:
    image = Source.open(images.png16_bytes(7, 5, channels)).picture(upright=False).image
    assert (image.format, image.bands) == ("ushort", channels)
    row = random.Random(1).randbytes(7 * channels * 2)
    expected = [int.from_bytes(row[at : at + 2], "big") for at in range(0, len(row), 2)]
    top = bytes(image.crop(0, 0, 7, 1).write_to_memory())
    assert [int.from_bytes(top[at : at + 2], "little") for at in range(0, len(top), 2)] == expected


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_t21_sixteen_bit_tiff_is_read_as_sixteen(channels: int) -> None:
    data = images.tiff16_bytes(6, 4, channels)
    assert decoded(data) == random.Random(1).randbytes(6 * 4 * channels * 2)


def test_a_picture_in_its_own_profile_keeps_it() -> None:
    data = images.jpeg_bytes(PHOTO, icc_profile=images.icc_bytes())
    assert Source.open(data).picture(upright=False).icc is None


def test_t43_a_picture_over_the_limit_is_refused_from_its_header() -> None:
    with pytest.raises(ImageTooLarge):
        Source.open(images.png_bytes(PHOTO), Limits(max_decoded_bytes=61 * 43 * 3 - 1))
    with pytest.raises(ImageTooLarge):
        Source.open(images.png_bytes(PHOTO), Limits(max_file_bytes=10))
