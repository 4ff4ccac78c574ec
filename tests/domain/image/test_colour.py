"""Every picture becomes grey or RGB and still looks the same."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

import images
from plume_app.domain.image import colour, decode
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import UnsupportedFormat

PHOTO = images.photo(61, 43)


def decoded(data: bytes, *, upright: bool = False) -> bytes:
    with decode.reading():
        return bytes(Source.open(data).picture(upright).image.write_to_memory())


def test_eight_bits_of_sixteen_are_the_upper_ones() -> None:
    picture = Source.open(images.tiff16_bytes(6, 4, 3)).picture(upright=False).eight_bits()
    assert bytes(picture.image.write_to_memory()) == random.Random(1).randbytes(6 * 4 * 3 * 2)[1::2]


def test_t27_cmyk_becomes_srgb_and_is_neither_black_nor_inverted() -> None:
    picture = Source.open(images.cmyk_jpeg_bytes(48, 32)).picture(upright=False)
    assert picture.icc == colour.NO_PROFILE
    assert picture.image.bands == 3
    small = Image.frombytes("RGB", (48, 32), picture.image.write_to_memory())
    difference = [
        abs(a - b) for a, b in zip(small.tobytes(), images.photo(48, 32).convert("RGB").tobytes(), strict=True)
    ]
    assert sum(difference) / len(difference) < 60


def test_floating_point_tiff_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        decoded(images.saved(images.gradient(8, 8, "L").convert("F"), "TIFF"))


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_t17_grey_in_rgb_looks_the_same_under_the_twin_profile(gamma: float) -> None:
    from PIL import ImageCms

    grey_profile = images.grey_icc_bytes(gamma)
    twin = colour.rgb_twin(grey_profile)
    assert twin is not None
    assert colour.profile_model(twin) == "RGB"
    grey = images.gradient(32, 8, "L")
    srgb, exact = ImageCms.createProfile("sRGB"), ImageCms.Flags.NOOPTIMIZE
    as_grey = ImageCms.profileToProfile(
        grey, ImageCms.ImageCmsProfile(io.BytesIO(grey_profile)), srgb, outputMode="RGB", flags=exact
    )
    as_rgb = ImageCms.profileToProfile(
        grey.convert("RGB"), ImageCms.ImageCmsProfile(io.BytesIO(twin)), srgb, outputMode="RGB", flags=exact
    )
    assert as_grey is not None
    assert as_rgb is not None
    assert max(abs(a - b) for a, b in zip(as_grey.tobytes(), as_rgb.tobytes(), strict=True)) <= 1


@pytest.mark.parametrize("profile", [b"", b"nonsense" * 30, images.icc_bytes("RGB"), images.grey_icc_bytes()[:140]])
def test_what_is_no_grey_profile_has_no_twin(profile: bytes) -> None:
    assert colour.rgb_twin(profile) is None
