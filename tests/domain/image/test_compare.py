"""The judge of every lossless promise: it must see one changed bit anywhere, and not mind how pixels are stored."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from mozjpeg_lossless_optimization import COPY_MARKERS, optimize
from PIL import Image

import images
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage


def same(before: bytes, after: bytes, *, upright: bool = False) -> bool:
    return same_pixels(Source.open(before), after, upright=upright)


def one_pixel_off(image: Image.Image, channel: int = 0) -> Image.Image:
    changed = image.copy()
    x, y = image.width - 1, image.height - 1
    pixel = changed.getpixel((x, y))
    values = list(pixel) if isinstance(pixel, tuple) else [pixel]
    values[channel] ^= 1
    changed.putpixel((x, y), tuple(values) if len(values) > 1 else values[0])
    return changed


LOSSLESS: dict[str, Callable[[Image.Image], bytes]] = {
    "png": images.png_bytes,
    "webp": lambda image: images.webp_bytes(image, lossless=True),
    "tiff": images.tiff_bytes,
}


@pytest.mark.parametrize("after", LOSSLESS)
@pytest.mark.parametrize("before", LOSSLESS)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_t31_the_same_pixels_are_the_same_in_any_lossless_format(mode: str, before: str, after: str) -> None:
    image = images.noise(23, 11, "RGBA") if mode == "LA" and "tiff" in (before, after) else images.noise(23, 11, mode)
    assert same(LOSSLESS[before](image), LOSSLESS[after](image))


@pytest.mark.parametrize("after", LOSSLESS)
@pytest.mark.parametrize("channel", [0, 1, 2, 3])
def test_t31_one_bit_of_one_pixel_is_a_difference(channel: int, after: str) -> None:
    image = images.noise(23, 11, "RGBA")
    assert not same(images.png_bytes(image), LOSSLESS[after](one_pixel_off(image, channel)))


def test_t24_colour_under_full_transparency_counts() -> None:
    clear = Image.new("RGBA", (8, 8), (10, 20, 30, 0))
    other = Image.new("RGBA", (8, 8), (10, 20, 31, 0))
    assert not same(images.png_bytes(clear), images.png_bytes(other))
    assert same(images.png_bytes(clear), images.webp_bytes(clear, lossless=True))


@pytest.mark.parametrize("mode", ["1", "P", "L"])
def test_how_few_colours_are_stored_does_not_matter(mode: str) -> None:
    image = images.text(40, 24).convert(mode)
    assert same(images.png_bytes(image), images.png_bytes(image.convert("RGB")))
    assert same(images.png_bytes(image.convert("RGBA")), images.png_bytes(image))


def test_an_opaque_alpha_may_go_and_a_real_one_may_not() -> None:
    image = images.photo(20, 10)
    opaque, clear = image.convert("RGBA"), image.convert("RGBA")
    clear.putpixel((3, 3), (0, 0, 0, 254))
    assert same(images.png_bytes(opaque), images.png_bytes(image))
    assert not same(images.png_bytes(clear), images.png_bytes(image))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_t21_the_lower_eight_bits_count(channels: int) -> None:
    deep = images.png16_bytes(9, 7, channels)
    assert same(deep, deep + b"")
    assert not same(deep, images.png16_bytes(9, 7, channels, seed=2))
    shallow = Source.open(deep).picture(upright=False).eight_bits().image.pngsave_buffer()
    assert not same(deep, shallow)


def test_sixteen_bits_that_repeat_eight_are_the_same() -> None:
    import pyvips

    grey = pyvips.Image.new_from_buffer(images.png_bytes(images.gradient(16, 16, "L")), "")
    deep = (grey * 257).cast("ushort").copy(interpretation="grey16").pngsave_buffer()
    assert Source.open(deep).header.bits == 16
    assert same(deep, images.png_bytes(images.gradient(16, 16, "L")))


def test_another_size_is_another_picture() -> None:
    assert not same(images.png_bytes(images.gradient(8, 8)), images.png_bytes(images.gradient(8, 9)))


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_upright_compares_the_turned_picture(orientation: int) -> None:
    upright = images.photo(14, 22)
    stored = images.png_bytes(images.turned(upright, orientation), exif=images.exif_bytes(orientation))
    assert same(stored, images.png_bytes(upright), upright=True)
    assert same(stored, images.png_bytes(upright), upright=False) == (orientation == 1)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": "4:2:0"}], ids=str)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_t31_a_rewritten_jpeg_is_the_same_and_a_new_encoding_is_not(mode: str, options: dict[str, object]) -> None:
    image = images.photo(67, 35).convert(mode)
    data = images.saved(image, "JPEG", quality=90, **options)
    assert same(data, optimize(data, copy=COPY_MARKERS.ALL))
    assert not same(data, images.saved(image, "JPEG", quality=89, **options))


def test_the_source_itself_is_the_same_if_it_decodes() -> None:
    source = Source.open(images.jpeg_bytes(images.photo(40, 30)))
    assert same_pixels(source, source.data, upright=False)
    broken = Source.open(images.truncated(source.data, 80))
    with pytest.raises(CorruptImage):
        same_pixels(broken, broken.data, upright=False)


@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp"])
def test_t36_a_damaged_source_raises_and_a_damaged_result_is_a_difference(image_format: str) -> None:
    image = images.photo(60, 40)
    whole = {"jpeg": images.jpeg_bytes, "png": images.png_bytes, "webp": images.webp_bytes}[image_format](image)
    assert not same(whole, images.truncated(whole, 70))
    assert not same(whole, b"not an image at all")
    if image_format != "webp":  # whose header alone tells
        with pytest.raises(CorruptImage):
            same(images.truncated(whole, 70), whole)


ANIMATED: dict[str, Callable[..., bytes]] = {
    "png": images.apng_bytes,
    "webp": images.animated_webp_bytes,
}


@pytest.mark.parametrize("after", ANIMATED)
@pytest.mark.parametrize("before", ANIMATED)
def test_t25_animations_are_compared_frame_by_frame(before: str, after: str) -> None:
    frames = images.frames(4)
    data = ANIMATED[before](frames, [50, 60, 70, 80], loop=3)
    assert same(data, ANIMATED[after](frames, [50, 60, 70, 80], loop=3))
    changed = [*frames[:2], one_pixel_off(frames[2]), frames[3]]
    assert not same(data, ANIMATED[after](changed, [50, 60, 70, 80], loop=3))
    assert not same(data, ANIMATED[after](frames, [50, 60, 71, 80], loop=3))
    assert not same(data, ANIMATED[after](frames, [50, 60, 70, 80], loop=2))
    assert not same(data, ANIMATED[after](frames[:3], [50, 60, 70], loop=3))
    assert not same(data, images.png_bytes(frames[0]))


def test_t26_the_picture_before_an_apng_is_no_frame() -> None:
    frames = images.frames(3)
    data = images.apng_bytes([images.photo(40, 30, 9, "RGBA"), *frames], default_image=True)
    assert Image.open(io.BytesIO(data)).n_frames == 4  # type: ignore[attr-defined]
    assert same(data, images.apng_bytes(frames))
