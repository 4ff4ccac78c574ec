"""WebP: lossy, truly lossless, and animations frame for frame. Pillow is the independent reader."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs.webp import CODEC, MAX_SIDE_PX, encode
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.containers.webp import chunks
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage

PHOTO = images.photo(160, 120)
LOSSLESS = Settings(lossless=True)


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def kinds(data: bytes) -> list[str]:
    return [name for name, _, _ in chunks(data)[0]]


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_t31_lossless_gives_the_same_pixels(mode: str, effort: str) -> None:
    image = images.noise(33, 17, mode)
    source = Source.open(images.png_bytes(image))
    made = encode(source, Settings(lossless=True, effort=effort))
    assert made.same_pixels
    assert same_pixels(source, made.data, upright=made.upright)
    assert shown(made.data).convert("RGBA").tobytes() == image.convert("RGBA").tobytes()


def test_t24_lossless_keeps_colours_under_full_transparency() -> None:
    clear = images.noise(16, 16, "RGB").convert("RGBA")
    clear.putalpha(0)
    result = encode(Source.open(images.png_bytes(clear)), LOSSLESS).data
    assert shown(result).convert("RGBA").tobytes() == clear.tobytes()


def test_lossless_from_jpeg_gives_what_its_decoder_gives() -> None:
    source = Source.open(images.jpeg_bytes(PHOTO))
    made = encode(source, LOSSLESS)
    assert shown(made.data).tobytes() == shown(source.data).tobytes()


@pytest.mark.parametrize("data", [images.png16_bytes(8, 8), images.cmyk_jpeg_bytes()], ids=["16 bits", "cmyk"])
def test_lossless_is_not_promised_where_pixels_were_converted(data: bytes) -> None:
    assert not encode(Source.open(data), LOSSLESS).same_pixels


def test_efforts_trade_time_for_bytes() -> None:
    source = Source.open(images.jpeg_bytes(PHOTO))
    sizes = {effort: len(encode(source, Settings(effort=effort)).data) for effort in EFFORTS}
    assert sizes["max"] < sizes["balanced"] < sizes["fast"]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_lossy_is_close_and_small(mode: str) -> None:
    image = images.photo(160, 120, mode=mode)
    data = images.png_bytes(image)
    made = encode(Source.open(data), Settings(quality=80))
    result = shown(made.data)
    assert len(made.data) < len(data) / 3
    assert result.mode == mode
    if mode == "RGBA":
        assert result.getchannel("A").tobytes() == image.getchannel("A").tobytes()


def test_a_drawing_is_stored_without_loss_when_that_is_smaller() -> None:
    drawing = images.text(200, 150)
    result = encode(Source.open(images.png_bytes(drawing)), Settings(quality=80)).data
    assert kinds(result) == ["VP8L"]
    assert shown(result).convert("RGB").tobytes() == drawing.tobytes()


@pytest.mark.parametrize("wanted", [LOSSLESS, Settings(quality=80), Settings(quality=95)], ids=str)
def test_t16_a_lossy_source_at_or_below_the_quality_gives_its_own_bytes(wanted: Settings) -> None:
    source = Source.open(images.webp_bytes(PHOTO, quality=75))
    made = encode(source, wanted)
    assert made.data is source.data
    assert made.carries_metadata
    assert made.same_pixels


def test_a_lossy_source_above_the_quality_is_encoded_anew() -> None:
    source = Source.open(images.webp_bytes(PHOTO, quality=95))
    made = encode(source, Settings(quality=60))
    assert len(made.data) < len(source.data)
    assert not made.upright


@pytest.mark.parametrize("quality", [40, 80, 95])
def test_t16_twenty_runs_change_nothing_after_the_first(quality: int) -> None:
    settings = Settings(quality=quality)
    first = encode(Source.open(images.png_bytes(PHOTO)), settings).data
    again = first
    for _ in range(20):
        again = encode(Source.open(again), settings).data
    assert again == first


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_t20_a_conversion_turns_the_picture_upright(image_format: str, orientation: int) -> None:
    upright = images.photo(40, 24)
    data = images.saved(images.turned(upright, orientation), image_format, exif=images.exif_bytes(orientation))
    source = Source.open(data)
    made = encode(source, LOSSLESS)
    assert made.upright
    assert shown(made.data).size == upright.size
    assert same_pixels(source, made.data, upright=True)


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_webp_to_webp_leaves_the_pixels_as_they_are_stored(orientation: int) -> None:
    stored = images.turned(images.photo(40, 24), orientation)
    source = Source.open(images.webp_bytes(stored, lossless=True, exif=images.exif_bytes(orientation)))
    made = encode(source, LOSSLESS)
    assert not made.upright
    assert shown(made.data).convert("RGB").tobytes() == stored.tobytes()


def test_t17_grey_with_its_own_curve_gets_a_profile_for_rgb() -> None:
    grey = images.jpeg_bytes(images.photo(32, 32, mode="L"), icc_profile=images.grey_icc_bytes(1.8))
    made = encode(Source.open(grey), Settings())
    assert made.icc is not None
    assert made.icc[16:20] == b"RGB "


def test_t17_a_profile_that_holds_is_not_replaced() -> None:
    data = images.jpeg_bytes(PHOTO, icc_profile=images.icc_bytes())
    assert encode(Source.open(data), Settings()).icc is None


def test_t44_the_limit_of_the_format_is_known() -> None:
    assert CODEC.max_side_px == MAX_SIDE_PX == 16_383
    wide = Image.new("L", (MAX_SIDE_PX, 1))
    assert shown(encode(Source.open(images.png_bytes(wide)), LOSSLESS).data).size == (MAX_SIDE_PX, 1)


@pytest.mark.parametrize("percent", [50, 90, 99])
@pytest.mark.parametrize("make", [images.webp_bytes, images.jpeg_bytes, images.png_bytes])
def test_t36_a_truncated_source_is_corrupt(make: Callable[[Image.Image], bytes], percent: int) -> None:
    with pytest.raises(CorruptImage):
        encode(Source.open(images.truncated(make(PHOTO), percent)), Settings(quality=50))


def test_the_same_input_gives_the_same_bytes() -> None:
    data = images.jpeg_bytes(PHOTO)
    assert encode(Source.open(data), Settings()).data == encode(Source.open(data), Settings()).data
