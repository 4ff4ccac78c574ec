from __future__ import annotations

import itertools

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs import png
from plume_app.domain.compression.codecs.png_palette import MAX_COLOURS, Indexed, Pixels, Recipe, _by_wrapper, quantize

RECIPE = Recipe(steps=(76, 80, 84), min_colours=100, dither=0.4)


def quantized(image: Image.Image, recipe: Recipe = RECIPE) -> Indexed:
    found = quantize(image.convert("RGBA").tobytes(), *image.size, recipe)
    assert found is not None
    return found


def test_the_pinned_library_has_the_knobs_that_are_turned() -> None:
    from imagequant._libimagequant import lib

    attributes = lib.liq_attr_create()
    try:
        attributes.max_histogram_entries = 4096
        attributes.feedback_loop_trials = 0
        assert lib.liq_set_quality(attributes, 0, 80) == lib.LIQ_OK
    finally:
        lib.liq_attr_destroy(attributes)


def test_every_index_has_a_colour() -> None:
    found = quantized(images.photo(120, 90))

    assert len(found.indices) == 120 * 90
    assert max(found.indices) < len(found.palette) <= MAX_COLOURS


def test_a_smooth_picture_gets_more_colours_than_its_first_step_gives() -> None:
    image = images.gradient(200, 150)
    first = len(quantized(image, Recipe((30,), 2, 0.5)).palette)

    assert len(quantized(image, Recipe((30, 60, 90), first + 1, 0.5)).palette) > first
    assert len(quantized(image, Recipe((30, 60, 90), first, 0.5)).palette) == first


def test_with_too_few_colours_the_next_step_is_taken_with_very_few_the_last() -> None:
    image = images.gradient(200, 150)
    alone = [len(quantized(image, Recipe((step,), 2, 0.5)).palette) for step in (30, 60, 90)]
    assert alone == sorted(set(alone))

    few, very_few = (len(quantized(image, Recipe((30, 60, 90), wanted, 0.5)).palette) for wanted in (alone[0] + 1, 256))

    assert [few, very_few] == alone[1:]


def test_the_colours_can_be_chosen_for_other_pixels_than_those_that_get_them() -> None:
    plain, busy = Image.new("RGBA", (64, 64), "red"), images.photo(64, 64).convert("RGBA")

    alone = quantize(plain.tobytes(), 64, 64, RECIPE)
    part = quantize(plain.tobytes(), 64, 64, RECIPE, Pixels(busy.tobytes(), 64, 64))

    assert alone is not None
    assert part is not None
    assert len(alone.palette) == 1
    assert len(part.palette) > 50
    assert len(part.indices) == 64 * 64


def test_the_public_function_can_take_over() -> None:
    image = images.photo(60, 40)

    found = _by_wrapper(image.convert("RGBA").tobytes(), 60, 40, RECIPE)

    assert found is not None
    assert len(found.indices) == 60 * 40
    assert max(found.indices) < len(found.palette)


def test_t23_opaque_pixels_stay_opaque_and_invisible_ones_invisible() -> None:
    image = images.noise(90, 60, "RGBA", seed=3)
    alpha = images.gradient(90, 60, "L").point(lambda value: 0 if value < 70 else min(255, value * 3 - 210))
    image.putalpha(alpha)

    found = quantized(image)

    after = bytes(found.palette[index][3] for index in found.indices)
    ends = [(before, now) for before, now in zip(alpha.tobytes(), after, strict=True) if before in (0, 255)]
    assert {before for before, _ in ends} == {0, 255}
    assert all(before == now for before, now in ends)


@pytest.mark.parametrize("side_px", [120, 600])
@pytest.mark.parametrize("edges_only", [False, True])
def test_t23_a_picture_of_many_alphas_does_not_become_one_colour(side_px: int, edges_only: bool) -> None:
    image = images.noise(side_px, side_px, "RGBA", seed=5)
    if edges_only:  # solid and empty but for a third of the alphas
        image.putalpha(image.getchannel("A").point(lambda value: 0 if value < 85 else 255 if value > 170 else value))

    assert len(quantized(image, png.recipe(80)).palette) == MAX_COLOURS


def test_an_opaque_picture_gets_opaque_colours_only() -> None:
    assert {colour[3] for colour in quantized(images.photo(100, 80)).palette} == {255}


@pytest.mark.parametrize("quality", [1, 50, 80, 99, 100])
def test_every_quality_has_a_recipe_that_the_library_takes(quality: int) -> None:
    recipe = png.recipe(quality)

    assert list(recipe.steps) == sorted(set(recipe.steps))
    assert 1 <= recipe.steps[0] <= recipe.steps[-1] <= 100
    assert 2 <= recipe.min_colours <= MAX_COLOURS
    assert 0.3 <= recipe.dither <= 0.5


def test_a_higher_quality_never_aims_lower() -> None:
    recipes = [png.recipe(quality) for quality in range(1, 101)]

    assert all(low.steps[0] <= high.steps[0] for low, high in itertools.pairwise(recipes))
    assert all(low.steps[-1] <= high.steps[-1] for low, high in itertools.pairwise(recipes))
    assert all(low.min_colours <= high.min_colours for low, high in itertools.pairwise(recipes))
