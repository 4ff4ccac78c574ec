from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import images
from plume_app.domain.compression.codecs.png_sample import (
    SAMPLE_PIXELS,
    Sample,
    chunk_names,
    is_flat,
    is_palette,
    of_file,
    of_pixels,
    pixels_of,
    sample_rows,
)
from plume_app.domain.image.pixels import Source


@given(height=st.integers(1, 20_000), width=st.integers(1, 20_000))
def test_the_bands_lie_in_the_picture_one_below_the_other_and_are_few(height: int, width: int) -> None:
    bands = sample_rows(height, width)

    ends = [top + rows for top, rows in bands]
    assert all(rows > 0 for _, rows in bands)
    assert all(end <= top for end, (top, _) in zip(ends, bands[1:], strict=False))
    if bands:
        assert bands[0][0] == 0
        assert ends[-1] == height
        assert sum(rows for _, rows in bands) * width <= max(SAMPLE_PIXELS, len(bands) * width)


def test_a_small_picture_is_not_sampled() -> None:
    assert sample_rows(200, 300) == []
    assert of_file(Source.open(images.png_bytes(images.photo(300, 200)))) == (None, False)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_file_and_decoded_pixels_give_the_same_sample(mode: str) -> None:
    source = Source.open(images.png_bytes(images.gradient(400, 300, mode)))
    image = source.image()

    sample, _ = of_file(source)

    assert sample == of_pixels(memoryview(image.write_to_memory()), image)
    assert isinstance(sample, Sample)
    assert len(sample.pixels) == sample.width * sample.height * sample.bands


@pytest.mark.parametrize(
    "data",
    [
        images.png_bytes(images.palette(400, 300)),
        images.png16_bytes(400, 300),
        images.apng_bytes(images.frames(2, 400, 300)),
    ],
    ids=["palette", "16 bits", "animation"],
)
def test_what_is_no_plain_picture_of_8_bits_gives_no_sample(data: bytes) -> None:
    assert of_file(Source.open(data))[0] is None


def test_few_colours_are_flat_and_a_photograph_is_not() -> None:
    text, photo = images.palette(400, 300, 64).convert("RGB"), images.photo(400, 300)

    assert is_flat(Sample(text.tobytes(), 400, 300, 3))
    assert not is_flat(Sample(photo.tobytes(), 400, 300, 3))


def test_the_colour_type_tells_a_palette() -> None:
    assert is_palette(images.png_bytes(images.palette(20, 10)))
    assert not is_palette(images.png_bytes(images.photo(20, 10)))


def test_the_chunks_of_a_file_are_listed() -> None:
    assert chunk_names(images.png_bytes(images.photo(20, 10))) == {b"IHDR", b"IDAT", b"IEND"}


@given(st.binary(max_size=200))
def test_any_bytes_have_a_list_of_chunks(data: bytes) -> None:
    assert all(len(name) == 4 for name in chunk_names(data))


def test_the_header_of_a_png_tells_its_pixels() -> None:
    assert pixels_of(images.png_bytes(images.photo(31, 20))) == 620
