"""Thumbnails and previews in a real worker, which can open no file any more when it makes them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

import images
from plume_app.domain.compression.settings import Settings
from plume_app.jobs.messages import Failed, Preview, Previewed, Thumbnail, Thumbnailed
from plume_app.jobs.pool import Pool

PICTURES = {
    "jpeg": images.jpeg_bytes(images.photo(300, 200)),
    "png": images.png_bytes(images.gradient(300, 200, mode="RGBA")),
    "png16": images.png16_bytes(300, 200),
    "webp": images.webp_bytes(images.photo(300, 200)),
    "gif": images.gif_bytes(images.frames(3)),
    "tiff": images.tiff_bytes(images.photo(300, 200)),
    "bmp": images.bmp_bytes(images.photo(300, 200)),
    "cmyk": images.cmyk_jpeg_bytes(),
    "animated webp": images.animated_webp_bytes(images.frames(3)),
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(1)
    yield made
    made.close()


@pytest.mark.parametrize("kind", PICTURES)
def test_every_format_gets_a_thumbnail_within_its_square(pool: Pool, kind: str) -> None:
    outcome = pool.submit(Thumbnail(-1, PICTURES[kind], 96, 200_000)).result()

    assert isinstance(outcome, Thumbnailed)
    small = Image.open(io.BytesIO(outcome.picture))
    assert small.format == "WEBP"
    assert max(small.size) <= 96


def test_a_thumbnail_stands_upright(pool: Pool) -> None:
    data = images.jpeg_bytes(images.photo(300, 200), exif=images.exif_bytes(orientation=6))
    outcome = pool.submit(Thumbnail(-1, data, 96, 200_000)).result()

    assert isinstance(outcome, Thumbnailed)
    assert Image.open(io.BytesIO(outcome.picture)).size == (64, 96)


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("whole", [False, True])
def test_every_format_can_be_compared(pool: Pool, kind: str, whole: bool) -> None:
    settings = Settings(output_format="webp", quality=50)
    outcome = pool.submit(
        Preview(-2, kind, PICTURES[kind], settings, (4, 4, 20, 10), 1.0, whole, True, 200_000)
    ).result()

    assert isinstance(outcome, Previewed), outcome
    picture = outcome.after if whole else outcome.before
    assert picture is not None or outcome.reason is not None
    if picture is not None:
        assert Image.open(io.BytesIO(picture)).size == (20, 10)


def test_a_damaged_picture_is_data_and_the_worker_goes_on(pool: Pool) -> None:
    broken = images.truncated(PICTURES["png"], 50)
    first = pool.submit(Preview(-3, "broken", broken, Settings(), None, 1.0, False, True, 200_000)).result()
    second = pool.submit(Thumbnail(-4, PICTURES["png"], 96, 200_000)).result()

    assert isinstance(first, Failed)
    assert first.code == "corrupt_image"
    assert isinstance(second, Thumbnailed)
