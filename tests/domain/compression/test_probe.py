"""The trial on tiles: what it says is near what the engine then makes."""

from __future__ import annotations

import math

import pytest
from PIL import Image

from images import exif_bytes, gradient, icc_bytes, jpeg_bytes, photo, png_bytes, text, webp_bytes
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.estimate import MEASURED, estimate
from plume_app.domain.compression.probe import features_of, probe
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.pixels import Source


def made_size(data: bytes, settings: Settings) -> int:
    made = compress(data, settings).data
    return len(data) if made is None else len(made)


@pytest.mark.parametrize("output_format", ["jpeg", "webp", "png"])
@pytest.mark.parametrize("image", [photo(320, 240), photo(300, 200, mode="RGBA")], ids=["opaque", "alpha"])
def test_a_small_picture_is_tried_whole(image: Image.Image, output_format: str) -> None:
    data = png_bytes(image, icc_profile=icc_bytes(), exif=exif_bytes(orientation=6))
    source, settings = Source.open(data), Settings(output_format=output_format, quality=70)
    known = features_of(source)

    guess = estimate(known, settings, probe(source, known, settings))

    assert guess.basis == MEASURED
    assert guess.compressed_size == pytest.approx(made_size(data, settings), rel=0.04)


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
@pytest.mark.parametrize("quality", [45, 89, 90])
def test_another_quality_is_told_without_another_trial(output_format: str, quality: int) -> None:
    data = png_bytes(photo(320, 240))
    source = Source.open(data)
    known = features_of(source)
    tried = probe(source, known, Settings(output_format=output_format, quality=70))

    asked = Settings(output_format=output_format, quality=quality)

    assert estimate(known, asked, tried).compressed_size == pytest.approx(made_size(data, asked), rel=0.15)


def test_a_large_picture_is_told_from_its_tiles() -> None:
    data = jpeg_bytes(photo(1400, 1000), quality=92)
    source, settings = Source.open(data), Settings(quality=75)
    known = features_of(source)
    tried = probe(source, known, settings)

    assert tried is not None
    assert 0 < tried.tile_pixels <= 512 * 512
    assert estimate(known, settings, tried).compressed_size == pytest.approx(made_size(data, settings), rel=0.1)


def test_letters_in_colour_keep_it_at_any_quality() -> None:
    data = png_bytes(text(400, 300))
    source, settings = Source.open(data), Settings(output_format="jpeg")
    tried = probe(source, features_of(source), settings)

    assert tried is not None
    assert tried.full_colour_from == 1


def test_what_the_header_knows_is_not_tried() -> None:
    data = webp_bytes(photo(200, 200), quality=50)
    source = Source.open(data)
    tried = probe(source, features_of(source), Settings(quality=80))

    assert tried is not None
    assert tried.points == ()


def test_what_the_header_knows_is_not_tried_where_the_picture_is_at_hand_either() -> None:
    source, settings = Source.open(png_bytes(photo(200, 200))), Settings(lossless=True)
    image = source.picture(upright=False).eight_bits().in_memory().image

    tried = probe(source, features_of(source), settings, picture=image)

    assert tried is not None
    assert tried.lossless_log is None


def test_the_metadata_of_each_policy_is_weighed() -> None:
    data = jpeg_bytes(
        photo(64, 64), exif=exif_bytes(orientation=6, copyright_notice="A. Nyone"), icc_profile=icc_bytes()
    )
    known = features_of(Source.open(data))

    assert 0 < known.kept_none < known.kept_all
    assert known.scan_bytes + known.kept_all == pytest.approx(len(data), abs=40)


def test_points_rise_with_quality() -> None:
    source = Source.open(png_bytes(photo(200, 150)))
    for output_format in ("jpeg", "webp", "png"):
        tried = probe(source, features_of(source), Settings(output_format=output_format))
        assert tried is not None
        logs = [log for _, log in tried.points]
        assert logs == sorted(logs)
        assert all(math.isfinite(log) for log in logs)


def test_a_jpeg_is_tried_on_both_sides_of_the_jump_in_its_size() -> None:
    source = Source.open(png_bytes(photo(900, 700)))
    tried = probe(source, features_of(source), Settings(output_format="jpeg", quality=80))

    assert tried is not None
    assert tried.full_colour_from == 90
    points = dict(tried.points)
    assert {40, 80, 90, 95} <= set(points)
    assert points[90] > points[80] + 0.15  # colour of twice the resolution, and ten of quality


@pytest.mark.parametrize("output_format", ["jpeg", "webp", "png"])
def test_what_is_tried_whole_is_the_encoders_own_size(output_format: str) -> None:
    data = png_bytes(photo(320, 240))
    source, settings = Source.open(data), Settings(output_format=output_format, quality=75, metadata="none")
    tried = probe(source, features_of(source), settings)

    assert tried is not None
    assert tried.whole
    assert math.exp(dict(tried.points)[75]) == pytest.approx(made_size(data, settings), abs=2)


def drawing(width: int, height: int) -> Image.Image:
    """Letters and a shaded pane on a plain ground: calm, and of more colours than a palette has."""
    image = Image.new("RGB", (width, height), "ivory")
    image.paste(text(width // 4, height // 4), (0, 0))
    image.paste(gradient(width // 4, height // 4), (width // 2, height // 2))
    return image


@pytest.mark.parametrize("data", [png_bytes(drawing(1200, 900)), jpeg_bytes(drawing(1200, 900), quality=90)])
def test_a_drawing_as_png_is_tried_all_of_it(data: bytes) -> None:
    source, settings = Source.open(data), Settings(output_format="png", quality=70)
    known = features_of(source)
    tried = probe(source, known, settings)

    assert tried is not None
    assert tried.is_calm
    assert tried.tile_pixels == 1200 * 900
    assert estimate(known, settings, tried).compressed_size == pytest.approx(made_size(data, settings), rel=0.25)


def test_a_drawing_in_a_lossy_format_is_tried_all_of_it_without_loss() -> None:
    data = webp_bytes(drawing(1200, 900), quality=80)
    source, settings = Source.open(data), Settings(output_format="png", lossless=True)
    known = features_of(source)
    tried = probe(source, known, settings)

    assert tried is not None
    assert tried.tile_pixels == 1200 * 900
    assert estimate(known, settings, tried).compressed_size == pytest.approx(made_size(data, settings), rel=0.3)


def test_it_is_known_before_whether_a_png_is_made_without_loss_as_well() -> None:
    for image, both in ((gradient(1200, 900), True), (photo(700, 500), False)):
        source = Source.open(png_bytes(image))
        tried = probe(source, features_of(source), Settings(quality=80))
        assert tried is not None
        assert tried.both_ways == both


def test_a_palette_is_told_at_other_qualities_from_the_same_strips() -> None:
    data = png_bytes(photo(900, 600))
    source = Source.open(data)
    known = features_of(source)
    tried = probe(source, known, Settings(quality=80))

    assert tried is not None
    assert [quality for quality, _ in tried.points] == [40, 80, 95]
    assert tried.tile_pixels <= 36_000
    for quality in (40, 60, 95):
        asked = Settings(quality=quality)
        assert estimate(known, asked, tried).compressed_size == pytest.approx(made_size(data, asked), rel=0.2)
