"""What is over a limit is refused, what is exactly at it is not."""

from __future__ import annotations

import pytest

import images
from plume_app.domain.image.header import header_of
from plume_app.domain.image.limits import MAX_DECODED_BYTES, MAX_FILE_BYTES, Limits
from plume_app.domain.shared.errors import ImageTooLarge
from plume_app.sentences import facts_in, locale


def test_t43_a_file_over_the_limit_is_refused_by_its_size_alone() -> None:
    Limits().check_file(MAX_FILE_BYTES)
    with pytest.raises(ImageTooLarge) as refused:
        Limits().check_file(MAX_FILE_BYTES + 1)

    assert refused.value.facts == {"size": MAX_FILE_BYTES + 1, "limit": MAX_FILE_BYTES, "what": "file"}


def test_t43_a_picture_over_the_limit_is_refused_by_its_header() -> None:
    header = header_of(images.png16_bytes(10, 20, channels=4))
    size = 10 * 20 * 4 * 2

    Limits(max_decoded_bytes=size).check_header(header)
    with pytest.raises(ImageTooLarge) as refused:
        Limits(max_decoded_bytes=size - 1).check_header(header)

    assert refused.value.facts == {"size": size, "limit": size - 1, "what": "decoded"}


def test_t43_every_frame_of_an_animation_counts() -> None:
    header = header_of(images.gif_bytes(images.frames(5, 40, 30)))

    with pytest.raises(ImageTooLarge):
        Limits(max_decoded_bytes=40 * 30 * 5 - 1).check_header(header)


def test_t43_a_bomb_of_a_few_bytes_is_refused() -> None:
    header = b"\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0"  # 65535 x 65535 RGBA
    bomb = images.png_of_chunks((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))

    assert header_of(bomb).decoded_bytes > MAX_DECODED_BYTES
    with pytest.raises(ImageTooLarge):
        Limits().check_header(header_of(bomb))


@pytest.mark.parametrize("what", ["file", "decoded"])
def test_both_refusals_have_a_sentence_that_needs_no_other_fact(what: str) -> None:
    assert facts_in(locale("en")["errors"][f"image_too_large.{what}"]) <= {"size", "limit", "what"}
