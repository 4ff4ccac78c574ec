from __future__ import annotations

import pytest
import pyvips

from images import noise, photo, png_bytes
from plume_app.domain.image.decode import from_pillow
from plume_app.domain.image.header import header_of
from plume_app.domain.image.tiles import TILE_PX, activity_of, montage, one_pixel


def test_the_sample_is_a_square_of_whole_tiles() -> None:
    found = montage(from_pillow(photo(1000, 700)), 36)

    assert (found.width, found.height) == (6 * TILE_PX, 6 * TILE_PX)


@pytest.mark.parametrize("size", [(10, 10), (63, 500), (128, 128), (500, 64)])
def test_a_picture_without_more_tiles_than_that_is_its_own_sample(size: tuple[int, int]) -> None:
    image = from_pillow(photo(*size))

    assert montage(image, 36).width * montage(image, 36).height <= size[0] * size[1]


def test_quiet_and_busy_parts_are_in_the_sample_as_in_the_picture() -> None:
    quiet = pyvips.Image.black(1024, 768, bands=3).cast("uchar").copy(interpretation="srgb")
    image = quiet.insert(from_pillow(noise(1024, 256)), 0, 512).copy_memory()  # a third of it is noise

    found = montage(image, 36)

    assert found.avg() == pytest.approx(image.avg(), rel=0.1)


def test_tiles_stand_where_the_blocks_of_the_source_stood() -> None:
    image = from_pillow(photo(640, 480, mode="L"))
    tile = montage(image, 1)

    assert any(
        (image.crop(left, top, TILE_PX, TILE_PX) - tile).abs().max() == 0
        for left in range(0, 640 - TILE_PX + 1, 16)
        for top in range(0, 480 - TILE_PX + 1, 16)
    )


@pytest.mark.parametrize("file_format", ["jpeg", "png", "webp"])
def test_the_smallest_file_is_one(file_format: str) -> None:
    assert header_of(one_pixel(file_format)).format == file_format
    assert len(png_bytes(photo(1, 1))) > 0


def test_the_tiles_of_a_montage_are_those_of_the_picture_pixel_by_pixel() -> None:
    image = from_pillow(photo(500, 400))
    found = montage(image, 9)

    def tiles_of(one: pyvips.Image, columns: int, rows: int) -> set[bytes]:
        places = [(column * TILE_PX, row * TILE_PX) for row in range(rows) for column in range(columns)]
        return {bytes(one.crop(left, top, TILE_PX, TILE_PX).write_to_memory()) for left, top in places}

    shown = tiles_of(found, 3, 3)
    assert len(shown) == 9
    assert shown <= tiles_of(image, 7, 6)
    assert found.interpretation == image.interpretation


def test_a_plain_area_has_no_activity_and_noise_has_much() -> None:
    plain = pyvips.Image.black(2 * TILE_PX, TILE_PX, bands=3).cast("uchar").copy(interpretation="srgb")
    image = plain.insert(from_pillow(noise(TILE_PX, TILE_PX)), TILE_PX, 0).copy_memory()

    calm, busy = activity_of(image)

    assert calm < 1 < 3 < busy  # the last column of the plain one meets the noise
