from __future__ import annotations

import pytest

from plume_app.domain.compression.curves import NEVER
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.model import shipped
from plume_app.domain.compression.routes import guess, needs_trial, switch_of
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
