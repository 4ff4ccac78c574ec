"""Profiles made from what a PNG says of its colours."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image, ImageCms

from plume_app.domain.image import icc_profile
from plume_app.domain.image.containers import Part

GAMMA_LINEAR = Part("png", "gAMA", (100_000).to_bytes(4, "big"))


def _as_srgb(profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    """The colour under this profile, by LittleCMS."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    picture = ImageCms.profileToProfile(Image.new("RGB", (1, 1), colour), source, ImageCms.createProfile("sRGB"))
    assert picture is not None
    found = picture.getpixel((0, 0))
    assert isinstance(found, tuple)
    return found


def test_t19_linear_values_become_brighter() -> None:
    made = icc_profile.icc_from_gamma(1.0, None, grey=False)

    assert made is not None
    assert _as_srgb(made, (55, 55, 55)) == pytest.approx((128, 128, 128), abs=2)
    assert _as_srgb(made, (255, 255, 255)) == pytest.approx((255, 255, 255), abs=1)


def test_the_curve_of_srgb_with_its_own_primaries_is_the_identity() -> None:
    made = icc_profile.profile(icc_profile._SRGB_CURVE, icc_profile.SRGB)

    for colour in ((200, 30, 60), (10, 250, 128), (90, 90, 90)):
        assert _as_srgb(made, colour) == pytest.approx(colour, abs=2)


@pytest.mark.parametrize("gamma", [None, 0.45455, 0.4545, 0.0, -1.0])
def test_t19_what_means_srgb_needs_no_profile(gamma: float | None) -> None:
    assert icc_profile.icc_from_gamma(gamma, None, grey=False) is None
    assert icc_profile.icc_from_gamma(gamma, icc_profile.SRGB, grey=True) is None


def test_t17_display_p3_by_code_point_is_wider_than_srgb() -> None:
    made = icc_profile.icc_from_chunks([Part("png", "cICP", bytes((12, 13, 0, 1)))], grey=False)

    assert made is not None
    red = _as_srgb(made, (200, 100, 100))
    assert red[0] > 205
    assert red[1] < 98


def test_plain_srgb_by_code_point_needs_no_profile_and_overrules_gamma() -> None:
    assert icc_profile.icc_from_chunks([Part("png", "cICP", bytes((1, 13, 0, 1))), GAMMA_LINEAR], grey=False) is None


def test_an_srgb_chunk_overrules_gamma() -> None:
    assert icc_profile.icc_from_chunks([Part("png", "sRGB", b"\0"), GAMMA_LINEAR], grey=False) is None


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_no_profile(transfer: int) -> None:
    chunks = [Part("png", "cICP", bytes((9, transfer, 0, 1)))]

    assert icc_profile.icc_from_chunks(chunks, grey=False) is None
    assert not icc_profile.is_expressible(chunks)


def test_primaries_of_a_png_become_those_of_the_profile() -> None:
    values = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    made = icc_profile.icc_from_chunks([Part("png", "cHRM", struct.pack(">8I", *values))], grey=False)

    assert made is not None
    assert _as_srgb(made, (200, 100, 100))[0] > 205


@pytest.mark.parametrize(
    "chunk", [Part("png", "gAMA", b"\0"), Part("png", "cHRM", bytes(32)), Part("png", "cICP", b"")]
)
def test_t35_a_broken_chunk_makes_no_profile(chunk: Part) -> None:
    assert icc_profile.icc_from_chunks([chunk], grey=False) is None


def test_primaries_on_one_line_make_a_profile_that_cannot_crash() -> None:
    values = struct.pack(">8I", 31270, 32900, 10000, 10000, 20000, 20000, 30000, 30000)

    assert icc_profile.icc_from_chunks([Part("png", "cHRM", values)], grey=False)


def test_t35_extreme_values_do_not_overflow() -> None:
    for value in (1, 2**32 - 1):
        chunks = [Part("png", "gAMA", value.to_bytes(4, "big")), Part("png", "cHRM", struct.pack(">8I", *[value] * 8))]
        icc_profile.icc_from_chunks(chunks, grey=False)
