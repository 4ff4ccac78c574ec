"""Metadata that is broken: cleaned or dropped under "safe", carried under "all", never a crash."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import images
import planted
from plume_app.domain.compression.settings import METADATA_POLICIES
from plume_app.domain.image.containers import Metadata, tiff
from plume_app.domain.image.metadata import apply_policy, private_kinds, read_metadata, select, write_metadata
from plume_app.domain.shared.errors import CorruptImage

FORMATS = ("jpeg", "png", "webp")
PICTURE = images.photo(48, 32, seed=2)
BROKEN_EXIF = {
    "cut": planted.exif_block(6)[:200],
    "garbage": b"MM\0*\0\0\0\x08" + bytes(range(200)),
    "no header": b"nothing at all",
    "loop": b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x0112, 3, 1, 6, 8),
    "empty": b"MM",
}


@pytest.mark.parametrize("name", BROKEN_EXIF)
def test_t30_broken_exif_goes_under_safe_but_its_orientation_stays(name: str) -> None:
    block = BROKEN_EXIF[name]
    kept = select(Metadata(exif=block), "safe", upright=False)

    assert private_kinds(kept) == ()
    assert tiff.orientation(kept.exif or b"") == tiff.orientation(block)
    assert planted.MAKER_NOTE not in (kept.exif or b"")


@pytest.mark.parametrize("name", BROKEN_EXIF)
def test_broken_exif_stays_as_it_is_under_all(name: str) -> None:
    assert select(Metadata(exif=BROKEN_EXIF[name]), "all", upright=False).exif == BROKEN_EXIF[name]


def test_t30_bytes_that_no_tag_claims_go_under_safe() -> None:
    block = planted.exif_block(private=False) + b"a position that was only unlinked" * 3
    kept = select(Metadata(exif=block), "safe", upright=False).exif

    assert kept is not None
    assert b"unlinked" not in kept
    assert planted.COPYRIGHT.encode() in kept


def test_t30_an_unreadable_packet_goes_under_safe_and_stays_under_all() -> None:
    packet = b"<x:xmpmeta GPSLatitude='48,51.5N'"

    assert select(Metadata(xmp=packet), "safe", upright=False).xmp is None
    assert select(Metadata(xmp=packet), "all", upright=False).xmp == packet


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_t30_a_packet_in_another_encoding_is_cleaned_too(encoding: str) -> None:
    packet = planted.xmp_packet().decode().replace("\ufeff", "").encode(encoding)
    kept = select(Metadata(xmp=packet), "safe", upright=False).xmp

    assert kept is not None
    assert planted.COPYRIGHT.encode() in kept
    assert [secret for secret in planted.PRIVATE_BYTES if secret in kept] == []


def test_t30_iptc_that_cannot_be_followed_goes_under_safe() -> None:
    assert select(Metadata(iptc=b"\x1c\x02\x5a\x7f\xffSecretville"), "safe", upright=False).iptc is None


_SOURCES = {image_format: planted.planted(PICTURE, image_format, 6) for image_format in FORMATS}


@given(
    image_format=st.sampled_from(FORMATS),
    policy=st.sampled_from(METADATA_POLICIES),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    length=st.floats(0, 1),
)
@settings(max_examples=300)
def test_t35_damage_is_corrupt_or_carried_but_never_a_crash(
    image_format: str, policy: str, flips: list[tuple[float, int]], length: float
) -> None:
    data = bytearray(_SOURCES[image_format])
    metadata_end = min(len(data), 6_000)  # where most of the metadata stands
    for where, value in flips:
        data[int(where * metadata_end)] = value
    damaged = bytes(data[: len(data) if length > 0.5 else int(2 * length * len(data))])

    try:
        metadata = read_metadata(damaged, image_format)
        private_kinds(metadata)
        apply_policy(damaged, image_format, policy)
        for target in FORMATS:
            write_metadata(_SOURCES[target], target, select(metadata, policy, upright=True))
    except CorruptImage:
        return


@given(exif=st.binary(max_size=200), order=st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_t35_any_bytes_as_exif_are_cleaned_or_dropped(exif: bytes, order: bytes) -> None:
    kept = select(Metadata(exif=order + exif), "safe", upright=True)

    assert private_kinds(kept) == ()
