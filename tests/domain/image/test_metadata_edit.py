"""EXIF and IPTC through Exiv2."""

from __future__ import annotations

import planted
from plume_app.domain.image import metadata_edit
from plume_app.domain.image.containers import Density, tiff


def test_only_wanted_tags_survive() -> None:
    edited = metadata_edit.edited_exif(planted.exif_block(), lambda group, tag: (group, tag) == ("Image", 0x8298))
    found = tiff.structure(edited or b"")

    assert found is not None
    assert [entry.tag for entry in found.entries] == [0x8298]


def test_the_order_of_bytes_stays() -> None:
    edited = metadata_edit.edited_exif(planted.exif_block(), lambda group, _tag: group == "Image")

    assert edited is not None
    assert edited.startswith(b"MM")


def test_a_resolution_is_added() -> None:
    edited = metadata_edit.edited_exif(planted.exif_block(), lambda *_: True, Density(118.11, 118.11, "cm"))

    assert tiff.density(edited or b"") == Density(300.0, 300.0, "inch")


def test_t35_what_is_no_exif_is_none() -> None:
    for block in (b"", b"garbage", b"MM\0*", b"II*\0\x08\0\0\0", bytes(300)):
        assert metadata_edit.edited_exif(block, lambda *_: True) is None


def test_iptc_loses_only_what_is_private() -> None:
    edited = metadata_edit.edited_iptc(planted.iptc_records(), frozenset({90, 92}))

    assert edited == planted.iptc_records(private=False)


def test_iptc_speaks_xmp() -> None:
    packet = metadata_edit.iptc_as_xmp(planted.iptc_records(private=False)) or b""

    assert planted.CAPTION.encode() in packet
    assert planted.KEYWORD.encode() in packet


def test_the_library_is_ready_after_preload() -> None:
    metadata_edit.preload()

    assert metadata_edit.library() is metadata_edit.library()
