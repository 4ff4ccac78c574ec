"""Fine colour is seen at every size; greys have none."""

from __future__ import annotations

import pytest

import images
from plume_app.domain.compression.codecs.jpeg_chroma import has_fine_colour
from plume_app.domain.image.pixels import Source


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 40), (3, 2), (17, 16), (33, 15), (200, 131)])
def test_every_size_can_be_looked_at_for_fine_colour(width: int, height: int) -> None:
    grey = Source.open(images.png_bytes(images.gradient(width, height, "L").convert("RGB")))
    fine = has_fine_colour(grey.picture(upright=False).in_memory().image)
    assert fine == (min(width, height) < 2)


def test_red_letters_in_a_corner_of_a_photograph_are_fine_colour() -> None:
    image = images.photo(400, 300)
    assert not has_fine_colour(Source.open(images.png_bytes(image)).picture(upright=False).in_memory().image)
    image.paste(images.text(120, 80), (270, 10))
    assert has_fine_colour(Source.open(images.png_bytes(image)).picture(upright=False).in_memory().image)
