from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import images
from plume_app.domain.image.finders import vp8
from plume_app.domain.image.header import header_of
from plume_app.domain.image.traits import find_traits

QUALITIES = (1, 5, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100)
MAX_ERROR = 3  # measured: -1 to +2 on 12 photographs and graphics


def estimated(data: bytes) -> int | None:
    return find_traits(data, header_of(data)).source_quality


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("method", [0, 4, 6])
def test_a_lossy_webp_is_estimated_near_its_quality(quality: int, method: int) -> None:
    for picture in (
        images.photo(160, 120),
        images.text(160, 120),
        images.noise(80, 60),
        images.photo(96, 96, mode="RGBA"),
    ):
        told = estimated(images.webp_bytes(picture, quality=quality, method=method))
        assert told is not None
        assert abs(told - quality) <= MAX_ERROR


def test_a_lossless_webp_has_no_quality() -> None:
    assert estimated(images.webp_bytes(images.photo(60, 40), lossless=True)) is None


def test_an_animation_has_the_quality_of_its_best_lossy_frame() -> None:
    data = images.animated_webp_bytes(images.frames(3, 120, 90, "RGB"), lossless=False, quality=60)
    told = estimated(data)
    assert told is not None
    assert abs(told - 60) <= MAX_ERROR


@given(st.binary(max_size=200))
def test_any_bytes_have_a_quality_from_1_to_100_or_none(data: bytes) -> None:
    for frame in (data, b"\x10\0\0\x9d\x01\x2a\x08\0\x08\0" + data):
        told = vp8.quality_of(frame)
        assert told is None or 1 <= told <= 100


@pytest.mark.corpus
def test_real_photographs_are_estimated_near_their_quality(corpus: Path) -> None:
    for path in sorted((corpus / "kodak").glob("*.png"))[::6]:
        with Image.open(path) as opened:
            picture = opened.convert("RGB").crop((0, 0, 384, 256))
        for quality in (30, 50, 75, 80, 90):
            told = estimated(images.webp_bytes(picture, quality=quality))
            assert told is not None
            assert abs(told - quality) <= MAX_ERROR, (path, quality, told)
