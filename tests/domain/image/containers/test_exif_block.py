"""Small EXIF blocks."""

from __future__ import annotations

import pytest

import images
import planted
from plume_app.domain.image.containers import Density, exif_block, tiff

PICTURE = images.gradient(20, 12)


def test_a_built_block_is_read_by_others() -> None:
    block = exif_block.block({0x0112: 3, 0x8298: b"Ada"}, Density(300.0, 300.0))
    exif = planted.opened(images.jpeg_bytes(PICTURE, exif=b"Exif\0\0" + (block or b""))).getexif()

    assert (exif[0x0112], exif[0x8298], exif[0x011A]) == (3, "Ada", 300)
    assert exif_block.block({}) is None


def test_a_broken_block_gives_up_its_harmless_tags() -> None:
    block = planted.exif_block(8)
    rescued = exif_block.rescued(block[: block.index(planted.MAKER_NOTE)]) or b""

    assert tiff.orientation(rescued) == 8
    assert planted.COPYRIGHT.encode() in rescued
    assert planted.SERIAL.encode() not in rescued


@pytest.mark.parametrize(
    ("number", "fraction"), [(72.009, (72, 1)), (300.0, (300, 1)), (72.5, (72500, 1000)), (0.0, (1, 1))]
)
def test_a_resolution_is_a_whole_number_where_it_nearly_is(number: float, fraction: tuple[int, int]) -> None:
    assert exif_block.ratio(number) == fraction
