from __future__ import annotations

import pytest
import pyvips

from images import noise, photo, png_bytes
from plume_app.domain.image.decode import from_pillow
from plume_app.domain.image.header import header_of
from plume_app.domain.image.tiles import TILE_PX, activity_of, grid, montage, one_pixel, strips


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


def test_strips_are_parts_of_the_rows_of_the_picture_from_its_top_to_its_bottom() -> None:
    image = from_pillow(noise(300, 400))
    found = strips(image, 19_200)  # sixteen of four rows

    assert (found.width, found.height) == (300, 64)
    rows = [bytes(image.crop(0, top, 300, 4).write_to_memory()) for top in range(397)]
    tops = [rows.index(bytes(found.crop(0, top, 300, 4).write_to_memory())) for top in range(0, 64, 4)]
    assert tops[0] == 0
    assert tops[-1] == 396
    assert tops == sorted(set(tops))


@pytest.mark.parametrize("size", [(20_000, 100), (100, 20_000), (1500, 1400), (90, 90), (3, 5)])
def test_strips_have_no_more_pixels_than_asked_for_whatever_the_shape(size: tuple[int, int]) -> None:
    image = pyvips.Image.black(*size, bands=3).cast("uchar")
    found = strips(image, 36_000)

    assert 30_000 <= found.width * found.height <= 36_000 or found is image
    assert (found is image) == (size[0] * size[1] <= 36_000)


def test_a_grid_has_pixels_of_all_of_the_picture_and_few_of_them() -> None:
    image = pyvips.Image.xyz(1000, 800)[0] / 4  # from left to right
    found = grid(image.cast("uchar").copy_memory(), 50_000)

    assert 25_000 <= found.width * found.height <= 50_000
    assert found.avg() == pytest.approx(image.avg(), rel=0.02)
    assert grid(image, 800_000) is image
