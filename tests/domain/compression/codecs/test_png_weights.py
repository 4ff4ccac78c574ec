"""Shrunk for the quantiser, stretched for the file: white stays white, and an area of one colour keeps it."""

from __future__ import annotations

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs import png_weights
from plume_app.domain.compression.codecs.png_palette import Recipe, quantize


def shrunk(*colours: tuple[int, int, int, int]) -> list[tuple[int, ...]]:
    values = bytes(png_weights.shrunk(bytes(value for colour in colours for value in colour), len(colours), 1))
    return [tuple(values[at : at + 4]) for at in range(0, len(values), 4)]


def test_red_and_blue_shrink_green_and_alpha_stay() -> None:
    black, white, veil = shrunk((0, 0, 0, 255), (255, 255, 255, 255), (255, 255, 255, 9))

    assert black == (0, 0, 0, 255)
    assert white[1] == veil[1] == 255
    assert max(white[0], white[2]) < 255
    assert (white[3], veil[3]) == (255, 9)


@pytest.mark.parametrize("height", [1, 3, 4, 9])
def test_a_colour_of_its_own_comes_back_exactly(height: int) -> None:
    colours = [(value, 255 - value, value // 2, 255) for value in range(0, 256, 5)]
    rgba = bytes(value for _ in range(height) for colour in colours for value in colour)
    indices = bytes(range(len(colours))) * height

    stretched = png_weights.stretched(shrunk(*colours), indices, rgba, len(colours), height)  # type: ignore[arg-type]

    assert stretched == colours


def test_a_colour_that_no_pixel_has_is_stretched_to_the_nearest() -> None:
    palette = [*shrunk((10, 20, 30, 255)), *shrunk((255, 255, 255, 255)), *shrunk((0, 0, 0, 0))]

    stretched = png_weights.stretched(palette, bytes(4), bytes((10, 20, 30, 255)) * 4, 4, 1)  # type: ignore[arg-type]

    assert stretched == [(10, 20, 30, 255), (255, 255, 255, 255), (0, 0, 0, 0)]


def test_the_colour_of_a_plain_ground_survives_the_palette() -> None:
    ground = (201, 232, 243)
    image = Image.new("RGB", (200, 150), ground)
    image.paste(images.photo(100, 70), (50, 40))

    found = quantize(image.convert("RGBA").tobytes(), *image.size, Recipe((87,), 2, 0.4))

    assert found is not None
    assert found.palette[found.indices[0]] == (*ground, 255)


def test_green_is_kept_better_than_red_and_blue() -> None:
    image = images.noise(160, 120, "RGB", seed=5)

    found = quantize(image.convert("RGBA").tobytes(), 160, 120, Recipe((87,), 2, 0.4))

    assert found is not None
    pixels = zip(found.indices, image.get_flattened_data(), strict=True)
    wrong = [[abs(one - two) for one, two in zip(found.palette[at][:3], pixel, strict=True)] for at, pixel in pixels]
    red, green, blue = (sum(channel) for channel in zip(*wrong, strict=True))
    assert green < 0.9 * min(red, blue)
