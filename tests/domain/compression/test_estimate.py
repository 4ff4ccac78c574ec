from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.estimate import TYPICAL, Estimate, estimate, total
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.image.header import Header

FORMATS = ("png", "jpeg", "webp", "gif", "tiff", "bmp", "of_another_package")
PAIRS = list(itertools.product(FORMATS, ("keep", "png", "jpeg", "webp", "of_another_package")))


def header(input_format: str, width: int = 1000, height: int = 800, **more: int) -> Header:
    return Header(input_format, width, height, **more)


@pytest.mark.parametrize(("input_format", "output_format"), PAIRS)
@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("quality", [1, 49, 50, 80, 100])
def test_every_pair_has_an_ordered_labelled_guess(
    input_format: str, output_format: str, lossless: bool, quality: int
) -> None:
    settings = Settings(output_format=output_format, lossless=lossless, quality=quality)

    guess = estimate(header(input_format), 500_000, settings, input_format)

    assert 1 <= guess.low <= guess.compressed_size <= guess.high
    assert guess.time_ms >= 1
    assert (guess.basis, guess.sample_count) == (TYPICAL, 0)


@pytest.mark.parametrize("input_format", FORMATS)
def test_t12_within_a_format_nothing_larger_is_foretold(input_format: str) -> None:
    guess = estimate(header(input_format), 1000, Settings(quality=100), input_format)

    assert guess.high <= 1000


@pytest.mark.parametrize(
    ("input_format", "settings", "ratio"),
    [
        ("jpeg", Settings(), 0.44),
        ("jpeg", Settings(lossless=True), 0.925),
        ("png", Settings(lossless=True), 0.966),
        ("png", Settings(output_format="webp"), 0.075),
        ("jpeg", Settings(output_format="webp"), 0.36),
    ],
)
def test_the_measured_ratios_are_given_back(input_format: str, settings: Settings, ratio: float) -> None:
    guess = estimate(header(input_format), 1_000_000, settings, input_format)

    assert guess.compressed_size == round(1_000_000 * ratio)


@given(st.integers(1, 99), st.sampled_from(["jpeg", "webp", "png"]))
def test_a_higher_quality_is_never_foretold_to_be_smaller(quality: int, output_format: str) -> None:
    lower, higher = (
        estimate(header("tiff"), 2_400_000, Settings(output_format=output_format, quality=step), "tiff")
        for step in (quality, quality + 1)
    )

    assert lower.compressed_size <= higher.compressed_size


def test_more_effort_and_more_pixels_take_longer() -> None:
    times = [estimate(header("png"), 500_000, Settings(effort=effort), "png").time_ms for effort in EFFORTS]

    assert times == sorted(set(times))
    once = estimate(header("gif"), 500_000, Settings(output_format="webp"), "gif")
    film = estimate(header("gif", frames=10), 500_000, Settings(output_format="webp"), "gif")
    assert film.time_ms > 5 * once.time_ms


def test_a_plain_file_is_judged_by_its_pixels() -> None:
    small, large = (
        estimate(header("bmp"), size, Settings(output_format="jpeg"), "bmp") for size in (10_000, 2_400_000)
    )

    assert small.compressed_size == large.compressed_size


def test_the_total_is_the_sum_with_a_narrower_interval() -> None:
    one = Estimate(100, 50, 200, 7)

    whole = total([one] * 100)

    assert (whole.compressed_size, whole.time_ms) == (10_000, 700)
    assert 5_000 < whole.low < 10_000 < whole.high < 20_000
    assert total([one]) == one


def test_the_total_of_nothing_is_nothing() -> None:
    assert total([]) == Estimate(0, 0, 0, 0)


def test_the_total_says_when_its_parts_rest_on_different_things() -> None:
    assert total([Estimate(1, 1, 1, 1), Estimate(1, 1, 1, 1, basis="history", sample_count=9)]).basis == "mixed"
