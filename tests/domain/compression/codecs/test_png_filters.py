from __future__ import annotations

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs.png_filters import options
from plume_app.domain.compression.codecs.png_sample import Sample
from plume_app.domain.compression.settings import EFFORTS


def sample(image: Image.Image) -> Sample:
    return Sample(image.tobytes(), image.width, image.height, len(image.getbands()))


@pytest.mark.parametrize("flat", [False, True], ids=["photograph", "flat"])
@pytest.mark.parametrize("effort", EFFORTS)
def test_no_effort_touches_metadata_or_colours_under_transparency(effort: str, flat: bool) -> None:
    how = options(effort, None, flat=flat)

    assert how["strip"] == "none"
    assert how["optimize_alpha"] is False
    assert "timeout" not in how  # a clock would make the bytes depend on the machine


def test_a_sample_leaves_fewer_filters_to_try_on_the_whole_picture() -> None:
    blind = options("balanced", None, flat=False)["filter"]
    chosen = options("balanced", sample(images.photo(200, 100)), flat=False)["filter"]

    assert chosen
    assert set(chosen) < set(blind)


def test_a_ramp_from_left_to_right_gets_the_filter_that_subtracts_the_left_pixel() -> None:
    ramp = Image.linear_gradient("L").rotate(90)

    assert "sub" in options("fast", sample(ramp), flat=False)["filter"]


def test_the_most_effort_asks_no_sample() -> None:
    picture = sample(images.photo(200, 100))

    assert options("max", picture, flat=False)["filter"] == options("max", None, flat=False)["filter"]


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_flat_picture_is_also_tried_without_a_filter(effort: str) -> None:
    assert "none" in options(effort, sample(images.text(90, 60)), flat=True)["filter"]
