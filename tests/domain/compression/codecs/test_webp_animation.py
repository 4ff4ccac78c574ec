"""Animated WebP keeps the frames of its source, one for one. Pillow is the independent reader."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageSequence

import images
from plume_app.domain.compression.codecs.webp import encode
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.containers.webp import chunks
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import PlumeError

LOSSLESS = Settings(lossless=True)
MAKERS: dict[str, Callable[..., bytes]] = {
    "gif": images.gif_bytes,
    "png": images.apng_bytes,
    "webp": images.animated_webp_bytes,
}
TIMES = [50, 120, 40, 70, 330]


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def frames_of(data: bytes) -> list[tuple[bytes, int]]:
    """Every frame as Pillow composites it, with its duration."""
    found = []
    for frame in ImageSequence.Iterator(shown(data)):
        frame.load()
        found.append((frame.convert("RGBA").tobytes(), int(frame.info["duration"])))
    return found


def animation(image_format: str, mode: str = "RGBA", **options: Any) -> bytes:
    return MAKERS[image_format](images.frames(5, mode=mode), TIMES, **options)


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("image_format", MAKERS)
def test_t25_a_lossless_animation_keeps_every_frame(image_format: str, mode: str, effort: str) -> None:
    data = animation(image_format, mode)
    source = Source.open(data)
    made = encode(source, Settings(lossless=True, effort=effort))
    assert made.same_pixels
    assert frames_of(made.data) == frames_of(data)
    assert same_pixels(source, made.data, upright=made.upright)


@pytest.mark.parametrize("image_format", MAKERS)
def test_t25_a_lossy_animation_keeps_count_times_and_loop(image_format: str) -> None:
    data = animation(image_format, loop=0)
    made = encode(Source.open(data), Settings(quality=50))
    assert [duration for _, duration in frames_of(made.data)] == TIMES
    assert shown(made.data).info["loop"] == 0
    for (got, _), (expected, _) in zip(frames_of(made.data), frames_of(data), strict=True):
        assert sum(abs(a - b) for a, b in zip(got, expected, strict=True)) / len(got) < 12


@pytest.mark.parametrize(("image_format", "shown_times"), [("gif", 4), ("png", 3), ("webp", 3)])
def test_t25_an_animation_ends_after_as_many_rounds(image_format: str, shown_times: int) -> None:
    made = encode(Source.open(animation(image_format, loop=3)), LOSSLESS)
    assert shown(made.data).info["loop"] == shown_times


def test_t25_frames_that_are_equal_stay_frames() -> None:
    first, second = images.frames(2)
    frames = [first, first, second, second, second, first]
    data = b"".join([images.apng_bytes([first, second])])
    source = Source.open(data)
    made = encode(source, LOSSLESS)
    assert len(frames_of(made.data)) == 2
    still = images.gif_bytes(frames, [30, 40, 50, 60, 70, 80])
    again = encode(Source.open(still), LOSSLESS)
    assert frames_of(again.data) == frames_of(still)


def test_t25_a_frame_that_becomes_transparent_does() -> None:
    solid = images.photo(20, 16, mode="RGB").convert("RGBA")
    hole = solid.copy()
    hole.paste((0, 0, 0, 0), (4, 4, 12, 12))
    data = images.apng_bytes([solid, hole, solid])
    made = encode(Source.open(data), LOSSLESS)
    assert frames_of(made.data) == frames_of(data)


def test_t25_webp_frames_keep_place_time_and_flags() -> None:
    data = images.animated_webp_bytes(images.frames(5), TIMES, lossless=True, method=0, quality=0)
    made = encode(Source.open(data), Settings(lossless=True, effort="max"))
    assert len(made.data) < len(data)
    heads = [
        [data[start : start + 16] for name, start, _ in chunks(data)[0] if name == "ANMF"] for data in (data, made.data)
    ]
    assert heads[0] == heads[1]
    assert made.carries_metadata


def test_t25_a_lossy_animation_at_or_below_the_quality_gives_its_own_bytes() -> None:
    data = images.animated_webp_bytes(images.frames(4), lossless=False, quality=60)
    source = Source.open(data)
    assert encode(source, Settings(quality=80)).data is source.data
    assert encode(source, LOSSLESS).data is source.data


def test_t16_a_recompressed_animation_does_not_change_again() -> None:
    settings = Settings(quality=60)
    first = encode(Source.open(animation("png")), settings).data
    second = encode(Source.open(first), settings).data
    third = encode(Source.open(second), settings).data
    assert third == second
    assert len(frames_of(second)) == 5


@pytest.mark.parametrize("image_format", MAKERS)
@pytest.mark.parametrize("seed", range(6))
def test_t35_a_damaged_animation_ends_in_a_result_or_a_known_error(image_format: str, seed: int) -> None:
    try:
        source = Source.open(images.flipped(animation(image_format), seed))
        made = encode(source, Settings(quality=50))
        if made.same_pixels:
            same_pixels(source, made.data, upright=made.upright)
    except PlumeError as error:
        assert error.code in ("corrupt_image", "unsupported_format", "image_too_large")


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_the_frames_of_a_converted_animation_are_upright(orientation: int) -> None:
    upright = images.frames(3, 24, 16)
    stored = [images.turned(frame, orientation) for frame in upright]
    source = Source.open(images.apng_bytes(stored, exif=images.exif_bytes(orientation)))
    made = encode(source, LOSSLESS)
    assert made.upright
    assert [frame for frame, _ in frames_of(made.data)] == [frame.tobytes() for frame in upright]
    assert same_pixels(source, made.data, upright=True)
