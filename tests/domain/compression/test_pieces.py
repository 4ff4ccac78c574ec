"""Which pieces stand for a picture, and what is made of their bytes."""

from __future__ import annotations

import math

import pytest

from images import gradient, photo
from plume_app.domain.compression.codecs import writable_codecs
from plume_app.domain.compression.curves import NEVER, Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.pieces import fewer_of, log_size, lossless_sample_of, sample_of
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.decode import from_pillow
from plume_app.domain.image.tiles import activity_of

CALM, BUSY = (Probe("png", False, "balanced", activity=activity) for activity in (0.8, 2.5))


@pytest.mark.parametrize(
    ("target", "found", "size", "pixels"),
    [
        ("png", CALM, (1920, 1080), 1920 * 1080),
        ("png", CALM, (2560, 1440), 2_100_000),
        ("png", BUSY, (1920, 1080), 36_000),
        ("png", BUSY, (320, 240), 320 * 240),
        ("jpeg", BUSY, (1920, 1080), 36 * 64 * 64),
        ("webp", CALM, (1920, 1080), 36 * 64 * 64),
    ],
)
def test_of_a_drawing_as_png_much_is_tried_and_of_everything_else_little(
    target: str, found: Probe, size: tuple[int, int], pixels: int
) -> None:
    image = from_pillow(gradient(*size))
    codec = writable_codecs()[target]

    sample, whole = sample_of(codec, image, found, activity_of(image))

    assert sample.width * sample.height == pytest.approx(pixels, rel=0.1)
    assert whole == (size == (320, 240))
    assert fewer_of(codec, image, sample, found, activity_of(image)).width <= sample.width


def test_without_loss_a_few_tiles_are_tried_or_all_of_a_small_picture() -> None:
    small, large = from_pillow(photo(150, 100)), from_pillow(photo(900, 700))

    assert lossless_sample_of(small, activity_of(small)) == (small, True)
    tiles, whole = lossless_sample_of(large, activity_of(large))
    assert (tiles.width * tiles.height, whole) == (9 * 64 * 64, False)


def test_the_palette_that_a_png_has_but_once_is_not_counted_for_each_piece() -> None:
    image = from_pillow(photo(64, 64))
    large = Features("png", 640, 640, 10**6, 10**6)

    log = log_size(writable_codecs()["png"], image, large, Settings(output_format="png"), NEVER, None)
    small = log_size(writable_codecs()["png"], image, Features("png", 64, 64, 9000, 9000), Settings(), NEVER, None)

    assert log is not None
    assert small is not None
    assert math.exp(log) < 100 * (math.exp(small) - 500)  # 768 bytes of colours, 99 times
