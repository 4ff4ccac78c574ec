from __future__ import annotations

from dataclasses import replace

import pytest

from plume_app.domain.compression.curves import NEVER, Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.model import shipped
from plume_app.domain.compression.routes import guess, is_drawn, needs_trial, switch_of
from plume_app.domain.compression.settings import Settings

JPEG = Features("jpeg", 800, 600, 100_000, 90_000, source_quality=80, subsampling="4:4:4")
PNG = Features("png", 800, 600, 700_000, 700_000)


@pytest.mark.parametrize(
    ("features", "target", "settings", "lossless"),
    [
        (JPEG, "jpeg", Settings(quality=80), True),
        (JPEG, "jpeg", Settings(quality=79), False),
        (JPEG, "webp", Settings(quality=95), False),
        (PNG, "png", Settings(), False),
        (PNG, "png", Settings(lossless=True), True),
        (Features("png", 800, 600, 700_000, 700_000, bits=16), "png", Settings(), True),
        (Features("png", 800, 600, 700_000, 700_000, palette=True), "png", Settings(), True),
        (Features("jpeg", 800, 600, 90_000, 90_000, channels=1), "png", Settings(), True),
        (Features("webp", 800, 600, 90_000, 90_000, source_quality=70), "webp", Settings(quality=75), True),
    ],
)
def test_the_way_is_the_engines(features: Features, target: str, settings: Settings, lossless: bool) -> None:
    found = guess(shipped(), features, settings, target, None)

    assert found.lossless == lossless


@pytest.mark.parametrize(
    ("features", "target", "settings", "needed"),
    [
        (JPEG, "jpeg", Settings(quality=79), True),
        (JPEG, "jpeg", Settings(quality=80), False),
        (JPEG, "png", Settings(lossless=True), True),
        (PNG, "png", Settings(lossless=True), False),
        (PNG, "webp", Settings(lossless=True), True),
        (Features("webp", 800, 600, 90_000, 90_000, source_quality=70), "webp", Settings(quality=75), False),
        (Features("webp", 800, 600, 90_000, 90_000, frames=9), "jpeg", Settings(), False),
    ],
)
def test_the_encoder_is_tried_where_the_header_does_not_know(
    features: Features, target: str, settings: Settings, needed: bool
) -> None:
    assert needs_trial(features, settings, target) == needed


def test_half_the_colour_by_the_rule_of_the_encoder() -> None:
    assert switch_of(JPEG, is_fine=False) == 90
    assert switch_of(JPEG, is_fine=True) == 1
    assert switch_of(Features("jpeg", 8, 8, 9, 9, subsampling="4:2:0"), is_fine=True) == NEVER
    assert switch_of(Features("png", 8, 8, 9, 9, channels=1), is_fine=True) == NEVER


def test_a_drawing_is_told_by_its_bits_before_its_pixels_are_known() -> None:
    photo = Features("jpeg", 1000, 1000, 250_000, 250_000, source_quality=80)
    letters = Features("jpeg", 1000, 1000, 50_000, 50_000, source_quality=80)
    heavy_letters = Features("jpeg", 1000, 1000, 50_000, 50_000, source_quality=40)
    calm, busy = (Probe("webp", False, "balanced", activity=activity) for activity in (0.8, 2.5))

    assert [is_drawn(shipped(), one, None) for one in (photo, letters, heavy_letters)] == [False, True, False]
    assert is_drawn(shipped(), photo, calm)
    assert not is_drawn(shipped(), letters, busy)


def test_beside_tiles_the_header_has_a_say_where_it_was_found_to_help() -> None:
    tried = Probe("png", False, "balanced", ((80, 12.0),), activity=2.5)
    model = shipped()
    pair = replace(model.pairs["png", "png", False, False], header_share=0.5)
    model = replace(model, pairs={**model.pairs, ("png", "png", False, False): pair})
    alone = replace(model, pairs={**model.pairs, ("png", "png", False, False): replace(pair, header_share=0.0)})

    both = guess(model, PNG, Settings(quality=80), "png", tried)
    tiles, header = (guess(alone, PNG, Settings(quality=80), "png", probe) for probe in (tried, None))

    assert both.log == pytest.approx((tiles.log + header.log) / 2)
