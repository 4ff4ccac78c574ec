"""Tables in one segment each, and a setting's own tables known again: a result is not worked on twice."""

from __future__ import annotations

import io

import pytest
from mozjpeg_lossless_optimization import COPY_MARKERS, optimize
from PIL import Image

import images
from plume_app.domain.compression.codecs.jpeg import encode
from plume_app.domain.compression.codecs.jpeg_tables import is_sequential_at, merged
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.pixels import Source

PHOTO = images.photo(160, 120)


def written(quality: int, effort: str, mode: str = "RGB") -> bytes:
    source = Source.open(images.png_bytes(PHOTO.convert(mode)))
    return encode(source, Settings(output_format="jpeg", quality=quality, effort=effort)).data


def test_merged_tables_show_the_same_picture_in_fewer_bytes() -> None:
    data = images.jpeg_bytes(PHOTO)
    smaller = merged(data)
    assert len(data) - len(smaller) == 4 * (1 + 3)  # Pillow writes two DQT and four DHT segments
    shown = [Image.open(io.BytesIO(one)).convert("RGB").tobytes() for one in (data, smaller)]
    assert shown[0] == shown[1]
    assert merged(smaller) == smaller


@pytest.mark.parametrize("effort", ["balanced", "max"])
def test_the_lossless_pass_finds_nothing_in_a_new_file(effort: str) -> None:
    data = written(70, effort)
    assert len(optimize(data, copy=COPY_MARKERS.ALL)) >= len(data)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xdb\x00\x43", b"\xff\xd8\xff\xc4\x00\x01\xff"])
def test_what_cannot_be_followed_stays_as_it_is(data: bytes) -> None:
    assert merged(data) == data
    assert not is_sequential_at(data, 80)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("quality", [1, 2, 50, 80, 100])
def test_the_tables_of_effort_fast_are_known_again(quality: int, mode: str) -> None:
    data = written(quality, "fast", mode)
    assert is_sequential_at(data, max(1, quality - 2))
    assert not is_sequential_at(data, 60)


def test_a_progressive_file_and_the_tables_of_others_are_not_taken_for_it() -> None:
    assert not is_sequential_at(written(78, "balanced"), 78)
    assert not is_sequential_at(images.jpeg_bytes(PHOTO, 78), 78)
