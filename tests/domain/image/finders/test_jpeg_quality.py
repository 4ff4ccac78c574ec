from __future__ import annotations

import pytest
import pyvips

import images
from plume_app.domain.image.finders.jpeg_quality import quality_of
from plume_app.domain.image.header import header_of
from plume_app.domain.image.traits import find_traits

SAME_TABLES = (1, 2, 3)  # of mozjpeg's third set: every step is at its limit


def estimated(data: bytes) -> int | None:
    return find_traits(data, header_of(data)).source_quality


def vips_picture(mode: str) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(images.png_bytes(images.photo(24, 16, mode=mode)), "")


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"trellis_quant": True, "optimize_scans": True, "interlace": True}])
def test_t16_what_plume_encodes_is_estimated_exactly(mode: str, options: dict[str, bool]) -> None:
    picture = vips_picture(mode)
    told = {
        quality: estimated(picture.jpegsave_buffer(Q=quality, quant_table=3, keep=0, **options))
        for quality in range(1, 101)
    }
    assert told == {quality: 1 if quality in SAME_TABLES else quality for quality in range(1, 101)}


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_what_libjpeg_encodes_is_estimated_exactly(mode: str) -> None:
    picture = images.photo(24, 16, mode=mode)
    told = {quality: estimated(images.saved(picture, "JPEG", quality=quality)) for quality in range(1, 101)}
    assert told == {quality: quality for quality in range(1, 101)}


def test_tables_of_a_stranger_are_estimated_by_how_coarse_they_are() -> None:
    flat = [estimated(images.saved(images.photo(24, 16), "JPEG", qtables=[[step] * 64] * 2)) for step in range(1, 256)]
    assert flat == sorted(flat, reverse=True)
    assert flat[0] == 100
    assert flat[-1] == 1


def test_a_table_that_is_hardly_changed_is_estimated_nearly_the_same() -> None:
    data = images.saved(images.photo(24, 16), "JPEG", quality=80)
    at = data.index(b"\xff\xdb") + 5
    luma, chroma = tuple(data[at : at + 64]), tuple(data[at + 69 : at + 133])
    assert quality_of(luma, chroma) == 80
    assert quality_of((luma[0] + 1, *luma[1:]), chroma) in (79, 80)


def test_a_table_of_another_length_has_no_quality() -> None:
    assert quality_of((1, 2, 3), None) is None
