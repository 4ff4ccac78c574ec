"""Animations give every frame, for how long, and how often round; or an error."""

from __future__ import annotations

import pytest

import images
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage

ANIMATIONS = {
    "gif": images.gif_bytes(images.frames(4)),
    "png": images.apng_bytes(images.frames(4)),
    "webp": images.animated_webp_bytes(images.frames(4)),
}


@pytest.mark.parametrize("image_format", ANIMATIONS)
@pytest.mark.parametrize("percent", [50, 90, 99])
def test_t36_a_truncated_animation_is_corrupt(image_format: str, percent: int) -> None:
    with pytest.raises(CorruptImage):
        list(Source.open(images.truncated(ANIMATIONS[image_format], percent)).animation().frames())


@pytest.mark.parametrize("image_format", ANIMATIONS)
def test_an_animation_gives_every_frame_with_its_time(image_format: str) -> None:
    made = images.frames(4)
    animation = Source.open(ANIMATIONS[image_format]).animation()
    frames = list(animation.frames())
    assert [duration for _, duration in frames] == [100] * 4
    if image_format != "gif":  # which has 256 colours only
        assert [frame.convert("RGBA").tobytes() for frame, _ in frames] == [frame.tobytes() for frame in made]
    assert animation.loop == 0


@pytest.mark.parametrize(("stored", "shown_times"), [(None, 1), (0, 0), (1, 2), (7, 8)])
def test_a_gif_is_shown_once_more_than_its_loop_count_says(stored: int | None, shown_times: int) -> None:
    options = {} if stored is None else {"loop": stored}
    first, *rest = (frame.convert("RGB") for frame in images.frames(2))
    data = images.saved(first, "GIF", save_all=True, append_images=rest, duration=50, **options)
    assert Source.open(data).animation().loop == shown_times
