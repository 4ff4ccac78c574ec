"""Fine colour is seen at every size; greys have none."""

from __future__ import annotations

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs.jpeg_chroma import has_fine_colour


def looked_at(image: Image.Image) -> bool:
    return has_fine_colour(image.tobytes(), image.width, image.height)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 40), (3, 2), (17, 16), (33, 15), (200, 131)])
def test_every_size_can_be_looked_at_for_fine_colour(width: int, height: int) -> None:
    grey = images.gradient(width, height, "L").convert("RGB")
    assert looked_at(grey) == (min(width, height) < 2)


def test_red_letters_in_a_corner_of_a_photograph_are_fine_colour() -> None:
    image = images.photo(400, 300)
    assert not looked_at(image)
    image.paste(images.text(120, 80), (270, 10))
    assert looked_at(image)
