"""WebP chunks: found, replaced, announced by the right flags."""

from __future__ import annotations

import pytest

import images
import planted
from plume_app.domain.image.containers import Metadata, Part, webp
from plume_app.domain.image.metadata import apply_policy
from plume_app.domain.shared.errors import CorruptImage

FULL = Metadata(
    exif=planted.exif_block(), xmp=planted.xmp_packet(), icc=planted.ICC, others=(Part("webp", "OWN ", b"odd"),)
)
SOURCES = {
    "lossy": images.webp_bytes(images.photo(41, 25)),
    "lossless": images.webp_bytes(images.photo(41, 25), lossless=True),
    "lossy with alpha": images.webp_bytes(images.photo(41, 25, mode="RGBA")),
    "lossless with alpha": images.webp_bytes(images.photo(41, 25, mode="RGBA"), lossless=True),
    "animated": images.animated_webp_bytes(images.frames(3)),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_written_is_read_again(name: str) -> None:
    assert webp.read(webp.write(SOURCES[name], FULL)) == FULL


@pytest.mark.parametrize("name", SOURCES)
def test_pixels_alpha_and_frames_stay(name: str) -> None:
    before, after = planted.opened(SOURCES[name]), planted.opened(webp.write(SOURCES[name], FULL))

    assert (after.mode, after.size) == (before.mode, before.size)
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    assert after.tobytes() == before.tobytes()
    assert after.info["icc_profile"] == planted.ICC


@pytest.mark.parametrize("name", SOURCES)
def test_metadata_that_went_is_no_longer_announced(name: str) -> None:
    emptied = webp.write(webp.write(SOURCES[name], FULL), Metadata())
    flags = [emptied[start] for kind, start, _ in webp.chunks(emptied)[0] if kind == "VP8X"]

    assert webp.read(emptied) == Metadata()
    assert all(not value & 0b101100 for value in flags)
    assert planted.opened(emptied).tobytes() == planted.opened(SOURCES[name]).tobytes()


def test_the_size_in_the_header_is_the_size_of_the_file() -> None:
    made = webp.write(SOURCES["lossy"], FULL)

    assert int.from_bytes(made[4:8], "little") + 8 == len(made)


def test_exif_with_a_jpegs_prefix_is_understood() -> None:
    made = webp.write(SOURCES["lossy"], Metadata(exif=b"Exif\0\0" + planted.exif_block()))

    assert webp.read(made).exif == planted.exif_block()


def test_t30_bytes_after_the_riff_and_unknown_chunks_go_under_safe() -> None:
    full = webp.write(SOURCES["lossy"], FULL) + b"tail"
    cleaned = apply_policy(full, "webp", "safe")

    assert b"tail" not in cleaned
    assert apply_policy(SOURCES["lossy"] + b"tail", "webp", "safe") == SOURCES["lossy"]
    assert apply_policy(full, "webp", "all") == full
    assert webp.read(cleaned).others == ()


@pytest.mark.parametrize("cut", [0, 12, 16, 25, 100])
def test_t35_a_file_that_ends_early_is_corrupt(cut: int) -> None:
    with pytest.raises(CorruptImage):
        webp.write(SOURCES["lossy"][:cut], FULL)
