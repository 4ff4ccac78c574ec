"""JPEG: lossless keeps every coefficient and marker, lossy is really mozjpeg and respects its source."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from mozjpeg_lossless_optimization import COPY_MARKERS, optimize
from PIL import Image

import images
from plume_app.domain.compression.codecs.jpeg import CODEC, encode
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.traits import CMYK, find_traits
from plume_app.domain.shared.errors import CorruptImage, PlumeError

PHOTO = images.photo(320, 240)
RED_TEXT = images.text(160, 120)
LOSSLESS = Settings(lossless=True)


def shown(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def subsampling(data: bytes) -> str | None:
    source = Source.open(data)
    return find_traits(data, source.header).chroma_subsampling


def difference(one: Image.Image, other: Image.Image) -> float:
    pairs = zip(one.convert("RGB").tobytes(), other.convert("RGB").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height * 3)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": "4:2:2"}, {"subsampling": "4:2:0"}])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_t31_lossless_is_smaller_with_the_same_pixels(mode: str, options: dict[str, object]) -> None:
    source = Source.open(images.saved(PHOTO.convert(mode), "JPEG", quality=92, **options))
    made = encode(source, LOSSLESS)
    assert made.same_pixels
    assert made.carries_metadata
    assert len(made.data) < len(source.data) or made.data is source.data
    assert same_pixels(source, made.data, upright=made.upright)


def test_t18_lossless_keeps_every_marker() -> None:
    data = images.jpeg_bytes(
        PHOTO, exif=images.exif_bytes(6, "mine"), icc_profile=images.icc_bytes(), comment=b"a remark", dpi=(300, 300)
    )
    result = shown(encode(Source.open(data), LOSSLESS).data)
    assert result.getexif()[images.EXIF_ORIENTATION] == 6
    assert result.getexif()[images.EXIF_COPYRIGHT] == "mine"
    assert result.info["icc_profile"] == images.icc_bytes()
    assert result.info["comment"] == b"a remark"
    assert result.info["dpi"] == (300, 300)


@pytest.mark.parametrize("effort", EFFORTS)
def test_lossy_is_smaller_and_without_metadata_and_progressive_unless_fast(effort: str) -> None:
    source = Source.open(images.jpeg_bytes(PHOTO, exif=images.exif_bytes(3, "mine"), icc_profile=images.icc_bytes()))
    made = encode(source, Settings(quality=70, effort=effort))
    result = shown(made.data)
    assert len(made.data) < len(source.data) / 2
    assert bool(result.info.get("progressive")) == (effort != "fast")
    assert not made.carries_metadata
    assert not made.same_pixels
    assert "exif" not in result.info
    assert "icc_profile" not in result.info
    assert difference(result, PHOTO) < 6


def test_efforts_trade_time_for_bytes() -> None:
    source = Source.open(images.png_bytes(PHOTO))
    sizes = {effort: len(encode(source, Settings(quality=80, effort=effort)).data) for effort in EFFORTS}
    assert sizes["max"] <= sizes["balanced"] < sizes["fast"]


def test_max_stores_an_icon_in_the_smaller_layout() -> None:
    source = Source.open(images.png_bytes(images.photo(48, 48)))
    progressive, smallest = (encode(source, Settings(effort=effort)).data for effort in ("balanced", "max"))
    assert shown(progressive).info.get("progressive")
    assert not shown(smallest).info.get("progressive")
    assert len(smallest) < len(progressive)
    assert difference(shown(smallest), shown(progressive)) < 2


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_jpeg_to_jpeg_leaves_the_pixels_as_they_are_stored(orientation: int) -> None:
    data = images.jpeg_bytes(images.turned(images.photo(40, 24), orientation), exif=images.exif_bytes(orientation))
    made = encode(Source.open(data), Settings(quality=60))
    assert not made.upright
    assert shown(made.data).size == shown(data).size


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
@pytest.mark.parametrize("image_format", ["PNG", "WEBP"])
def test_t20_a_conversion_turns_the_picture_upright(image_format: str, orientation: int) -> None:
    upright = images.photo(40, 24)
    stored = images.turned(upright, orientation)
    options = {"lossless": True} if image_format == "WEBP" else {}
    data = images.saved(stored, image_format, exif=images.exif_bytes(orientation), **options)
    made = encode(Source.open(data), Settings(quality=95))
    assert made.upright
    assert shown(made.data).size == upright.size
    assert difference(shown(made.data), upright) < 6


@pytest.mark.parametrize("quality", [60, 75, 85])
def test_t16_a_source_at_or_below_the_quality_is_rewritten_without_loss(quality: int) -> None:
    source = Source.open(images.jpeg_bytes(PHOTO, quality=quality))
    made = encode(source, Settings(quality=quality))
    assert made.same_pixels
    assert same_pixels(source, made.data, upright=False)


@pytest.mark.parametrize("quality", [50, 80, 90])
@pytest.mark.parametrize("effort", EFFORTS)
def test_t16_twenty_runs_change_nothing_after_the_first(effort: str, quality: int) -> None:
    settings = Settings(quality=quality, effort=effort)
    first = encode(Source.open(images.jpeg_bytes(PHOTO, quality=97)), settings).data
    again = first
    for _ in range(20):
        made = encode(Source.open(again), settings)
        assert made.same_pixels
        again = made.data
    assert same_pixels(Source.open(first), again, upright=False)


def test_a_result_that_would_be_larger_is_rewritten_instead() -> None:
    source = Source.open(images.jpeg_bytes(images.noise(64, 64), quality=50, subsampling="4:2:0"))
    assert len(encode(source, Settings(quality=100)).data) <= len(source.data)


@pytest.mark.parametrize("stored", ["4:4:4", "4:2:2"])
def test_t32_red_text_keeps_all_its_colour(stored: str) -> None:
    data = images.jpeg_bytes(RED_TEXT, quality=98, subsampling=stored)
    assert subsampling(encode(Source.open(data), Settings(quality=80)).data) == "4:4:4"


def test_t32_red_text_of_a_png_keeps_all_its_colour() -> None:
    result = encode(Source.open(images.png_bytes(RED_TEXT)), Settings(quality=80)).data
    assert subsampling(result) == "4:4:4"
    halved = shown(images.jpeg_bytes(RED_TEXT, quality=80, subsampling="4:2:0"))
    assert difference(shown(result), RED_TEXT) < difference(halved, RED_TEXT) * 0.6


def test_photographs_are_stored_with_half_the_colour_as_other_encoders_do() -> None:
    assert subsampling(encode(Source.open(images.png_bytes(PHOTO)), Settings(quality=80)).data) == "4:2:0"


def test_colour_that_is_not_there_is_not_invented() -> None:
    data = images.jpeg_bytes(RED_TEXT, quality=98, subsampling="4:2:0")
    assert subsampling(encode(Source.open(data), Settings(quality=80)).data) == "4:2:0"


def test_t27_cmyk_is_rewritten_without_loss_even_when_asked_for_less() -> None:
    source = Source.open(images.cmyk_jpeg_bytes(64, 48))
    assert CMYK in source.traits.names
    made = encode(source, Settings(quality=20))
    assert made.same_pixels
    assert shown(made.data).mode == "CMYK"
    assert same_pixels(source, made.data, upright=False)


def test_grey_stays_grey() -> None:
    source = Source.open(images.png_bytes(images.photo(64, 48, mode="L")))
    assert shown(encode(source, Settings()).data).mode == "L"


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_t23_transparent_becomes_white(mode: str) -> None:
    clear = Image.new(mode, (32, 32), (0,) * len(mode))
    result = shown(encode(Source.open(images.png_bytes(clear)), Settings(quality=90)).data)
    assert result.convert("RGB").getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bits_can_be_encoded(channels: int) -> None:
    made = encode(Source.open(images.png16_bytes(20, 10, channels)), Settings())
    assert shown(made.data).size == (20, 10)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("percent", [10, 50, 90, 99])
def test_t36_a_truncated_source_fails_on_every_way(percent: int, lossless: bool) -> None:
    with pytest.raises(CorruptImage):
        source = Source.open(images.truncated(images.jpeg_bytes(PHOTO), percent))
        made = encode(source, Settings(quality=50, lossless=lossless))
        same_pixels(source, made.data, upright=False)


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_t35_flipped_bits_end_in_a_result_or_a_known_error(seed: int, lossless: bool) -> None:
    try:
        source = Source.open(images.flipped(images.jpeg_bytes(PHOTO), seed))
        made = encode(source, Settings(quality=50, lossless=lossless))
        if made.same_pixels:
            same_pixels(source, made.data, upright=False)
    except PlumeError as error:
        assert error.code == "corrupt_image"


@pytest.mark.parametrize("effort", EFFORTS)
def test_the_same_input_gives_the_same_bytes(effort: str) -> None:
    data, settings = images.png_bytes(PHOTO), Settings(effort=effort)
    assert encode(Source.open(data), settings).data == encode(Source.open(data), settings).data


def test_the_lossless_pass_is_the_package_s_own_asked_more_directly() -> None:
    data = images.jpeg_bytes(PHOTO, quality=90)
    made = encode(Source.open(data), Settings(lossless=True)).data
    assert made == optimize(data, copy=COPY_MARKERS.ALL)
    assert len(made) < len(data)


def test_the_codec_names_its_encoders() -> None:
    assert "mozjpeg" in CODEC.version()


def test_no_decoder_is_imported_with_the_codec() -> None:
    """The parent process asks the registry; it must not load what decodes."""
    for module in ("jpeg.py", "jpeg_chroma.py", "webp.py"):
        text = (Path(__file__).parents[4] / "plume_app/domain/compression/codecs" / module).read_text()
        at_module_level = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in at_module_level if "pyvips" in line or "PIL" in line or "mozjpeg" in line]
