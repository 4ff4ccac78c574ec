"""The policies, applied in place and to new pixels."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import ImageChops

import images
import planted
from plume_app.domain.compression.settings import METADATA_POLICIES
from plume_app.domain.image.containers import Metadata, Part, jpeg, tiff
from plume_app.domain.image.metadata import apply_policy, private_kinds, read_metadata, select, write_metadata
from plume_app.domain.shared.errors import CorruptImage, InvalidRequest

FORMATS = ("jpeg", "png", "webp")
KINDS = ("gps", "serials", "maker_notes", "thumbnails")
PICTURE = images.photo(48, 32, seed=2)


@pytest.mark.parametrize("image_format", FORMATS)
def test_every_private_kind_is_named(image_format: str) -> None:
    assert private_kinds(read_metadata(planted.planted(PICTURE, image_format), image_format)) == KINDS


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_file_without_secrets_names_no_private_kind(image_format: str) -> None:
    data = planted.planted(PICTURE, image_format, private=False)

    assert private_kinds(read_metadata(data, image_format)) == ()


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        (Metadata(iptc=b"\x1c\x02\x5a\0\x04City"), "gps"),
        (Metadata(iptc=b"\x1c\x02\xca\0\x01x"), "thumbnails"),
        (Metadata(others=(Part("jpeg", "APP0", b"JFXX\0\x10"),)), "thumbnails"),
        (Metadata(others=(Part("jpeg", "APP4", b"maker's own"),)), "maker_notes"),
        (Metadata(others=(Part("jpeg", "8BIM 0x040c", b""),)), "thumbnails"),
    ],
)
def test_a_secret_outside_exif_and_xmp_is_named(metadata: Metadata, kind: str) -> None:
    assert private_kinds(metadata) == (kind,)


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize("policy", METADATA_POLICIES)
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_policy_in_place_touches_neither_pixels_nor_orientation(
    image_format: str, policy: str, orientation: int
) -> None:
    data = planted.planted(PICTURE, image_format, orientation)

    cleaned = apply_policy(data, image_format, policy)

    before, after = planted.opened(data), planted.opened(cleaned)
    assert ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox() is None
    assert after.getexif().get(images.EXIF_ORIENTATION, 1) == orientation
    assert after.info["icc_profile"] == planted.ICC


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize("policy", METADATA_POLICIES)
def test_a_policy_applied_twice_changes_nothing_more(image_format: str, policy: str) -> None:
    once = apply_policy(planted.planted(PICTURE, image_format, 6), image_format, policy)

    assert apply_policy(once, image_format, policy) is once


@pytest.mark.parametrize("image_format", FORMATS)
@pytest.mark.parametrize("policy", ["safe", "all"])
def test_a_file_with_nothing_to_remove_stays_the_same_object(image_format: str, policy: str) -> None:
    data = planted.planted(PICTURE, image_format, private=False)

    assert apply_policy(data, image_format, policy) is data


@pytest.mark.parametrize("image_format", FORMATS)
def test_t30_safe_in_place_leaves_no_secret_byte(image_format: str) -> None:
    cleaned = apply_policy(planted.planted(PICTURE, image_format), image_format, "safe")
    readable = planted.everything_readable(cleaned)

    assert [secret for secret in planted.PRIVATE_BYTES if secret in readable] == []
    assert planted.COPYRIGHT.encode() in readable
    assert private_kinds(read_metadata(cleaned, image_format)) == ()


@pytest.mark.parametrize("image_format", FORMATS)
def test_all_keeps_the_exif_block_byte_for_byte(image_format: str) -> None:
    metadata = read_metadata(planted.planted(PICTURE, image_format, 3), image_format)
    made = write_metadata(images.png_bytes(PICTURE), "png", select(metadata, "all", upright=False))

    assert read_metadata(made, "png").exif == planted.exif_block(3, 48, 32)


def test_an_exif_block_that_only_turns_keeps_every_other_byte() -> None:
    block = planted.exif_block(8, 32, 48)
    upright = select(Metadata(exif=block), "all", upright=True).exif

    assert upright == planted.exif_block(1, 48, 32)


@pytest.mark.parametrize("order", ["big", "little"])
def test_none_keeps_an_orientation_and_nothing_else(order: str) -> None:
    block = planted.exif_block(6)
    if order == "little":
        block = b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x0112, 3, 1, 6) + bytes(4)
    kept = select(Metadata(exif=block, xmp=b"<x/>", iptc=b"\x1c", comments=(b"x",)), "none", upright=False)

    assert kept == Metadata(exif=kept.exif)
    assert kept.exif is not None
    assert len(kept.exif) == 26
    assert tiff.orientation(kept.exif) == 6


def test_none_keeps_no_exif_for_upright_pixels() -> None:
    assert select(Metadata(exif=planted.exif_block(6)), "none", upright=True) == Metadata()


def test_t17_none_keeps_profile_and_colour_chunks() -> None:
    metadata = Metadata(icc=planted.ICC, colour=(Part("png", "gAMA", b"\0\0\xb1\x8f"),))

    assert select(metadata, "none", upright=True) == metadata


def test_a_nested_secret_leaves_its_harmless_siblings() -> None:
    kept = select(Metadata(xmp=planted.xmp_packet()), "safe", upright=False).xmp

    assert kept is not None
    assert b"brown" in kept
    assert b"calm" in kept


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        apply_policy(planted.planted(PICTURE, "jpeg"), "jpeg", "some")


@pytest.mark.parametrize("image_format", ["gif", "bmp", "tiff", "qoi"])
def test_a_format_that_is_not_written_comes_back_as_it_is(image_format: str) -> None:
    assert apply_policy(b"whatever", image_format, "safe") == b"whatever"
    assert write_metadata(b"whatever", image_format, Metadata(icc=b"x")) == b"whatever"


@pytest.mark.corpus
def test_t30_no_corpus_file_has_secrets_after_safe(corpus: Path) -> None:
    signatures = {b"\xff\xd8": "jpeg", b"\x89P": "png", b"RI": "webp"}
    for path in sorted(corpus.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        image_format = signatures.get(data[:2])
        if image_format is None:
            continue
        try:
            cleaned = apply_policy(data, image_format, "safe")
        except CorruptImage:
            continue
        assert private_kinds(read_metadata(cleaned, image_format)) == (), path
        assert apply_policy(cleaned, image_format, "safe") is cleaned, path


def test_t28_maker_segments_of_the_container_go_under_safe_and_stay_under_all() -> None:
    data = images.jpeg_bytes(PICTURE)
    own = b"\xff\xe4\0\x0dmaker data\0"[:15]
    data = data[:2] + own + data[2:]

    assert jpeg.read(apply_policy(data, "jpeg", "safe")).others == ()
    assert apply_policy(data, "jpeg", "all") is data
