"""A lossy wish never gives more bytes than a lossless one, whatever the picture is and whatever it comes from."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

import pytest
from PIL import Image, ImageDraw

import images
from plume_app.domain.compression.codecs import png, webp
from plume_app.domain.compression.codecs.lossless_guess import may_be_smaller
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.pixels import Source

ENCODERS = {"png": png.encode, "webp": webp.encode}
SOURCES: dict[str, Callable[[Image.Image], bytes]] = {
    "png": images.png_bytes,
    "png hardly deflated": lambda image: images.png_bytes(image, compress_level=0),
    "bmp": images.bmp_bytes,
    "tiff": images.tiff_bytes,
    "webp": lambda image: images.webp_bytes(image, lossless=True),
    "gif": images.gif_bytes,
}


def screenshot() -> Image.Image:
    """Letters, a bar and a ramp."""
    image = images.text(480, 320)
    image.paste((34, 51, 79), (0, 0, 480, 30))
    image.paste(images.gradient(160, 120), (20, 180))
    return image


def line_art() -> Image.Image:
    """Soft-edged black strokes on white."""
    large, chance = Image.new("L", (960, 640), 255), random.Random(2)
    draw = ImageDraw.Draw(large)
    for _ in range(30):
        draw.line([(chance.randrange(960), chance.randrange(640)) for _ in range(3)], fill=0, width=4)
    return large.resize((480, 320), Image.Resampling.LANCZOS).convert("RGB")


@cache
def drawn(name: str) -> Image.Image:
    return {
        "ramp": lambda: images.gradient(600, 400),
        "screenshot": screenshot,
        "line art": line_art,
        "letters": lambda: images.text(480, 320),
        "photograph": lambda: images.photo(480, 320),
        "noise": lambda: images.noise(240, 160),
    }[name]()


DRAWN = ["ramp", "screenshot", "line art", "letters", "photograph", "noise"]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("target", ENCODERS)
def test_lossy_is_never_larger_than_lossless(target: str, name: str, source: str) -> None:
    data = SOURCES[source](drawn(name))
    lossless, lossy = (
        len(ENCODERS[target](Source.open(data), Settings(target, lossless=without_loss)).data)
        for without_loss in (True, False)
    )
    assert lossy <= lossless


@pytest.mark.parametrize("name", ["ramp", "letters"])
@pytest.mark.parametrize("make", [images.apng_bytes, images.gif_bytes, images.animated_webp_bytes])
def test_a_lossy_animation_is_never_larger_than_a_lossless_one(make: Callable[..., bytes], name: str) -> None:
    first = drawn(name).resize((240, 160)) if name == "ramp" else images.text(240, 160)
    frames = [first.rotate(90 * turn).convert("RGBA") for turn in range(3)]
    options = {"lossless": True} if make is images.animated_webp_bytes else {}
    data = make(frames, **options)
    lossless, lossy = (
        len(webp.encode(Source.open(data), Settings("webp", lossless=without_loss)).data)
        for without_loss in (True, False)
    )
    assert lossy <= lossless


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_photograph_is_spared_the_lossless_trial(mode: str) -> None:
    image = images.photo(480, 320, mode=mode)
    typical = {1.5: len(image.tobytes()) // 10, 2.5: len(image.tobytes()) // 20}  # a palette, a lossy WebP
    for margin, lossy_bytes in typical.items():
        assert not may_be_smaller(memoryview(image.tobytes()), image.size, lossy_bytes, margin)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7, 5), (20_000, 3), (3, 20_000)])
def test_a_picture_of_any_shape_can_be_asked(size: tuple[int, int]) -> None:
    pixels = memoryview(Image.new("RGB", size, "red").tobytes())
    assert may_be_smaller(pixels, size, len(pixels), 1.0)
