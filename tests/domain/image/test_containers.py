"""What holds for every container."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

import images
import planted
from plume_app.domain.image.containers import Density, Metadata, bmp, gif, jpeg, png, tiff, webp
from plume_app.domain.shared.errors import CorruptImage

PICTURE = images.palette(24, 16)
COLOUR = PICTURE.convert("RGB")
SAMPLES: dict[ModuleType, bytes] = {
    jpeg: planted.planted(COLOUR, "jpeg"),
    png: planted.planted(COLOUR, "png"),
    webp: planted.planted(COLOUR, "webp"),
    tiff: images.tiff_bytes(COLOUR, icc_profile=planted.ICC),
    gif: images.gif_bytes(PICTURE),
    bmp: images.bmp_bytes(COLOUR),
}
WRITERS = (jpeg, png, webp)


def _name(container: ModuleType) -> str:
    return container.__name__.rpartition(".")[2]


@pytest.mark.parametrize("container", WRITERS, ids=_name)
def test_writing_what_was_read_changes_nothing_more_the_second_time(container: ModuleType) -> None:
    once = container.write(SAMPLES[container], container.read(SAMPLES[container]))

    assert container.read(once) == container.read(SAMPLES[container])
    assert container.write(once, container.read(once)) == once


@pytest.mark.parametrize("container", WRITERS, ids=_name)
def test_metadata_of_another_container_leaves_no_foreign_parts(container: ModuleType) -> None:
    for other in WRITERS:
        made = container.write(SAMPLES[container], other.read(SAMPLES[other]))
        assert all(part.format == _name(container) for part in container.read(made).others)


@pytest.mark.parametrize("container", SAMPLES, ids=_name)
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=5),
    kept=st.floats(0, 1),
)
def test_t35_a_damaged_file_is_read_or_corrupt(
    container: ModuleType, flips: list[tuple[float, int]], kept: float
) -> None:
    damaged = bytearray(SAMPLES[container])
    for where, value in flips:
        damaged[int(where * len(damaged))] = value
    try:
        assert isinstance(container.read(bytes(damaged[: int(kept * 2 * len(damaged))])), Metadata)
    except CorruptImage:
        assert container in WRITERS


@pytest.mark.parametrize(
    ("density", "unit", "expected"),
    [
        (Density(72.0, 36.0, "inch"), "inch", Density(72.0, 36.0, "inch")),
        (Density(254.0, 254.0, "inch"), "cm", Density(100.0, 100.0, "cm")),
        (Density(10_000.0, 10_000.0, "metre"), "inch", Density(254.0, 254.0, "inch")),
        (Density(2.0, 1.0, ""), "inch", None),
    ],
)
def test_a_density_is_told_in_another_unit(density: Density, unit: str, expected: Density | None) -> None:
    told = density.per(unit)

    assert (told is None) == (expected is None)
    if told and expected:
        assert (told.x, told.y, told.unit) == (pytest.approx(expected.x), pytest.approx(expected.y), unit)


def test_a_pixel_is_square_within_a_thousandth() -> None:
    assert Density(2835.0, 2834.0, "metre").is_square
    assert not Density(2.0, 1.0, "").is_square
