"""TIFF structures: read with patience, patched in place."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import TiffImagePlugin

import images
import planted
from plume_app.domain.image.containers import Density, exif_block, tiff
from plume_app.domain.image.metadata import private_kinds, read_metadata, select

PICTURE = images.gradient(20, 12)


def _tiff(**options: object) -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[tiff.XMP] = planted.xmp_packet()
    tags.tagtype[tiff.XMP] = 1
    tags[tiff.IPTC] = planted.iptc_records() + bytes(-len(planted.iptc_records()) % 4)
    tags.tagtype[tiff.IPTC] = 7
    tags[0x8298] = planted.COPYRIGHT
    tags[tiff.ORIENTATION] = 6
    return images.tiff_bytes(PICTURE, tiffinfo=tags, icc_profile=planted.ICC, dpi=(300, 300), **options)


def test_a_block_is_walked_to_its_last_byte() -> None:
    found = tiff.structure(planted.exif_block())

    assert found is not None
    assert found.is_sound
    assert {entry.ifd for entry in found.entries} == {"0", "1", "exif", "gps"}


@pytest.mark.parametrize(
    "block", [b"", b"MM\0*", b"II*\0\xff\xff\xff\x7f", b"XX*\0\x08\0\0\0", b"II*\0\x08\0\0\0\xff\xff"]
)
def test_t35_a_broken_block_is_not_sound(block: bytes) -> None:
    found = tiff.structure(block)

    assert found is None or not found.is_sound
    assert tiff.orientation(block) == 1
    assert tiff.density(block) is None


def test_a_loop_of_directories_ends() -> None:
    found = tiff.structure(b"MM\0*\0\0\0\x08" + struct.pack(">HHHIII", 1, 0x0112, 3, 1, 6 << 16, 8))

    assert found is not None
    assert not found.is_sound


@given(st.binary(max_size=300))
def test_t35_any_bytes_are_walked(data: bytes) -> None:
    for header in (b"MM\0*\0\0\0\x08", b"II*\0\x08\0\0\0", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"):
        tiff.structure(header + data)
        tiff.density(header + data)
        tiff.orientation(header + data)
        tiff.read(header + data)
        exif_block.rescued(header + data)


def test_numbers_change_in_place_and_nothing_else_does() -> None:
    block = planted.exif_block(6)
    found = tiff.structure(block)
    assert found is not None
    entry = found.find("0", tiff.ORIENTATION)
    assert entry is not None

    patched = tiff.with_numbers(block, [(entry, 1)], found.order)

    assert [at for at in range(len(block)) if block[at] != patched[at]] == [entry.at + 1]
    assert tiff.with_numbers(block, [(entry, 70_000)], found.order) == block


@pytest.mark.parametrize("big", [False, True])
def test_t17_a_tiff_file_gives_its_profile_and_packets(big: bool) -> None:
    metadata = read_metadata(_tiff(big_tiff=big), "tiff")

    assert metadata.icc == planted.ICC
    assert metadata.xmp == planted.xmp_packet()
    assert metadata.iptc == planted.iptc_records()
    assert metadata.density == Density(300.0, 300.0, "inch")


def test_t18_a_tiff_file_gives_its_exif_without_its_layout() -> None:
    block = read_metadata(_tiff(), "tiff").exif
    assert block is not None
    found = tiff.structure(block)

    assert found is not None
    tags = {entry.tag for entry in found.entries}
    assert 0x8298 in tags
    assert not tags & {0x0111, 0x0117, 0x0103, tiff.XMP, tiff.IPTC, tiff.ICC}
    assert tiff.orientation(block) == 6


def test_t30_a_tiff_file_is_cleaned_on_its_way() -> None:
    kept = select(read_metadata(_tiff(), "tiff"), "safe", upright=True)

    assert private_kinds(kept) == ()
    assert tiff.orientation(kept.exif or b"") == 1
