from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from images import (
    animated_webp_bytes,
    bmp_bytes,
    exif_bytes,
    gif_bytes,
    icc_bytes,
    jpeg_bytes,
    palette,
    photo,
    png_bytes,
    truncated,
    webp_bytes,
)
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.image.header import MAX_LOOK_BYTES, header_of
from plume_app.domain.shared.errors import PlumeError


def features_of_bytes(data: bytes) -> Features:
    return header_features(lambda offset, count: data[offset : offset + count], len(data), header_of(data))


def test_a_jpeg_tells_its_quality_its_colour_and_its_layout() -> None:
    found = features_of_bytes(jpeg_bytes(photo(96, 64), quality=83, subsampling=2, progressive=True))

    assert (found.source_quality, found.subsampling, found.progressive) == (83, "4:2:0", True)


@pytest.mark.parametrize("write", [jpeg_bytes, png_bytes, webp_bytes])
def test_metadata_is_no_part_of_the_coded_picture(write: object) -> None:
    assert callable(write)
    image = photo(96, 64)
    bare, full = write(image), write(image, exif=exif_bytes(orientation=6), icc_profile=icc_bytes())

    one, other = features_of_bytes(bare), features_of_bytes(full)

    assert other.file_size > one.file_size
    assert other.scan_bytes == pytest.approx(one.scan_bytes, abs=24)
    assert 0 < other.kept_none <= other.kept_safe <= other.kept_all <= other.file_size - other.scan_bytes


def test_a_webp_tells_its_quality_and_a_lossless_one_that_it_has_none() -> None:
    lossy = features_of_bytes(webp_bytes(photo(96, 64), quality=60))
    lossless = features_of_bytes(webp_bytes(photo(96, 64, mode="RGBA"), lossless=True))

    assert lossy.source_quality is not None
    assert abs(lossy.source_quality - 60) <= 5
    assert (lossless.source_quality, lossless.has_alpha) == (None, True)


def test_a_palette_is_told() -> None:
    assert features_of_bytes(png_bytes(palette(64, 64))).palette


@pytest.mark.parametrize(
    "data",
    [
        jpeg_bytes(photo(40, 40)),
        png_bytes(photo(40, 40, mode="LA")),
        gif_bytes([photo(20, 20)]),
        bmp_bytes(photo(9, 9)),
    ],
)
def test_a_row_of_the_database_gives_them_back(data: bytes) -> None:
    found = features_of_bytes(data)

    assert Features.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert Features.from_json(found.to_json() | {"of_a_later_version": 1}) == found


@given(st.sampled_from(["jpeg", "png", "webp", "film"]), st.integers(1, 100))
def test_a_file_that_ends_early_is_told_as_far_as_it_goes(kind: str, percent: int) -> None:
    data = truncated(_WHOLE[kind], percent)
    try:
        header_of(data)
    except PlumeError:
        return

    found = features_of_bytes(data)

    assert 1 <= found.scan_bytes <= max(1, found.file_size)


def test_no_more_of_a_file_is_read_than_the_owner_of_the_files_may() -> None:
    data = jpeg_bytes(photo(64, 64), exif=exif_bytes(orientation=3)) + bytes(10**6)
    read = 0

    def read_at(offset: int, count: int) -> bytes:
        nonlocal read
        read += count
        return data[offset : offset + count]

    header_features(read_at, len(data), header_of(data))

    assert read <= MAX_LOOK_BYTES


_WHOLE = {
    "jpeg": jpeg_bytes(photo(64, 48), exif=exif_bytes(orientation=6)),
    "png": png_bytes(photo(64, 48)),
    "webp": webp_bytes(photo(64, 48, mode="RGBA")),
    "film": animated_webp_bytes([photo(32, 32, seed=1), photo(32, 32, seed=9)]),
}
