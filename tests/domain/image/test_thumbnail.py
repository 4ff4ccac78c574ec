from __future__ import annotations

import io

import pytest
from PIL import Image

import images
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.thumbnail import Piece, shown, thumbnail, upright
from plume_app.domain.shared.errors import CorruptImage


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_thumbnail_shows_the_picture_upright(orientation: int) -> None:
    wanted = images.gradient(160, 96)
    data = images.jpeg_bytes(images.turned(wanted, orientation), exif=images.exif_bytes(orientation=orientation))
    small = Image.open(io.BytesIO(thumbnail(Source.open(data), 80))).convert("RGB")

    assert small.size == (80, 48)
    expected = wanted.convert("RGB").resize((80, 48), Image.Resampling.BOX)
    difference = sum(abs(a - b) for a, b in zip(small.tobytes(), expected.tobytes(), strict=True))
    assert difference / (80 * 48 * 3) < 12


def test_a_small_picture_is_not_made_larger_and_transparency_stays() -> None:
    data = images.png_bytes(images.noise(20, 10, mode="RGBA"))
    small = Image.open(io.BytesIO(thumbnail(Source.open(data), 80)))

    assert (small.size, small.mode) == ((20, 10), "RGBA")


def test_a_piece_is_these_very_pixels() -> None:
    picture = images.noise(50, 40)
    made = shown(upright(Source.open(images.png_bytes(picture))), Piece(5, 6, 7, 8), 1.0)

    assert Image.open(io.BytesIO(made)).tobytes() == picture.crop((5, 6, 12, 14)).tobytes()


def test_a_piece_is_clipped_to_the_picture() -> None:
    assert Piece(-5, 30, 100, 100).within(50, 40) == Piece(0, 30, 50, 10)
    assert Piece(90, 90, 5, 5).within(50, 40) == Piece(49, 39, 1, 1)


def test_what_cannot_be_decoded_is_said() -> None:
    broken = images.truncated(images.png_bytes(images.noise(50, 40)), 60)
    with pytest.raises(CorruptImage):
        upright(Source.open(broken))
