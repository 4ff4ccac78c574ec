"""JPEG segments: found, replaced, and everything else left where it was."""

from __future__ import annotations

import struct

import pytest

import images
import planted
from plume_app.domain.compression.settings import METADATA_POLICIES
from plume_app.domain.image.containers import Density, Metadata, Part, jpeg
from plume_app.domain.image.metadata import apply_policy
from plume_app.domain.shared.errors import CorruptImage

PICTURE = images.photo(40, 24, seed=1)
PLAIN = images.jpeg_bytes(PICTURE)
MPF_AT = 4  # the index's own header stands behind "MPF\0" in its segment


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def _behind_start(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


def test_what_is_written_is_read_again() -> None:
    metadata = Metadata(
        exif=planted.exif_block(), xmp=planted.xmp_packet(), iptc=planted.iptc_records(), icc=bytes(range(256)) * 600,
        comments=(b"one", b"two"), density=Density(300.0, 150.0, "cm"),
        others=(Part("jpeg", "APP5", b"five"), Part("jpeg", "8BIM 0x03ed", planted.resource(0x03ED, b"r" * 16))),
    )  # fmt: skip

    assert jpeg.read(jpeg.write(PLAIN, metadata)) == metadata


def test_pixels_and_tables_keep_every_byte() -> None:
    made = jpeg.write(PLAIN, Metadata(exif=planted.exif_block()))
    scan_at = jpeg.segments(PLAIN)[1]

    assert made.endswith(PLAIN[scan_at:])
    tables = [(s.marker, s.data) for s in jpeg.segments(PLAIN)[0] if s.is_structure]
    assert [(s.marker, s.data) for s in jpeg.segments(made)[0] if s.is_structure] == tables


def test_no_metadata_leaves_none() -> None:
    data = planted.planted(PICTURE, "jpeg")

    assert jpeg.read(jpeg.write(data, Metadata())) == Metadata()


def test_a_large_profile_is_cut_and_joined() -> None:
    profile = bytes(range(256)) * 1000
    made = jpeg.write(PLAIN, Metadata(icc=profile))

    assert planted.opened(made).info["icc_profile"] == profile


def test_fill_bytes_and_stray_bytes_between_segments_are_passed_over() -> None:
    data = _behind_start(PLAIN, b"\xff\xff\xff", _segment(0xFE, b"remark"), b"stray", b"\xff\xff")

    assert jpeg.read(data).comments == (b"remark",)


def test_bytes_after_the_end_stay() -> None:
    data = planted.planted(PICTURE, "jpeg") + b"a film"

    assert apply_policy(data, "jpeg", "safe").endswith(b"\xff\xd9a film")


def test_adobes_marker_stays_and_no_jfif_header_overrules_it() -> None:
    data = images.cmyk_jpeg_bytes()
    made = jpeg.write(data, Metadata(density=Density(72.0, 72.0)))

    assert b"Adobe" in made
    assert b"JFIF" not in made
    assert planted.opened(made).tobytes() == planted.opened(data).tobytes()


def test_t30_thumbnails_of_jfif_go_under_safe() -> None:
    header = b"JFIF\0\1\2\1\0\x48\0\x48\1\1" + b"rgb"
    data = b"\xff\xd8" + _segment(0xE0, header) + _segment(0xE0, b"JFXX\0\x10tiny") + PLAIN[20:]

    kinds = [part.kind for part in jpeg.read(data).others]
    cleaned = apply_policy(data, "jpeg", "safe")

    assert kinds == ["JFIF thumbnail", "APP0"]
    assert jpeg.read(cleaned).others == ()
    assert jpeg.read(cleaned).density == Density(72.0, 72.0, "inch")
    assert b"tiny" not in cleaned
    assert planted.opened(cleaned).tobytes() == planted.opened(data).tobytes()


def test_extended_xmp_is_joined_from_its_pieces() -> None:
    packet = b"<x:xmpmeta>" + b"y" * 150_000
    data = jpeg.write(PLAIN, Metadata(xmp=planted.xmp_packet(private=False), extended_xmp=packet))

    assert jpeg.read(data).extended_xmp == packet


def test_extended_xmp_with_a_missing_piece_is_not_believed() -> None:
    data = jpeg.write(PLAIN, Metadata(extended_xmp=b"y" * 150_000))
    first = jpeg.segments(data)[0][1]
    cut = data[: first.at] + data[first.at + 4 + len(first.data) :]

    assert jpeg.read(cut).extended_xmp is None


def _with_index(before: bytes = b"", behind: bytes = b"") -> tuple[bytes, bytes]:
    """A JPEG with an MPF index that points at a second picture behind it."""
    second = images.jpeg_bytes(images.noise(8, 8))
    entries_at = 8 + 2 + 12 + 4

    def built(first_size: int, offset: int) -> bytes:
        index = b"MPF\0" + b"MM\0*" + struct.pack(">IH", 8, 1) + struct.pack(">HHII", 0xB002, 7, 32, entries_at)
        index += bytes(4) + struct.pack(">IIIHH", 0x030000, first_size, 0, 0, 0)
        index += struct.pack(">IIIHH", 0, len(second), offset, 0, 0)
        return _behind_start(PLAIN, before, _segment(0xE2, index), behind)

    size = len(built(0, 0))
    index_at = 2 + len(before) + 4 + MPF_AT
    return built(size, size - index_at) + second, second


def _pointed_at(data: bytes) -> tuple[int, bytes]:
    """The first picture's size and the second picture, as the index tells them."""
    index_at = data.index(b"MPF\0") + MPF_AT
    first_size, _ = struct.unpack_from(">II", data, index_at + 26 + 4)
    size, offset = struct.unpack_from(">II", data, index_at + 26 + 16 + 4)
    return first_size, data[index_at + offset : index_at + offset + size]


@pytest.mark.parametrize("place", ["before", "behind", "both"])
def test_t28_the_index_of_further_pictures_is_right_after_segments_went(place: str) -> None:
    removed = _segment(0xE1, b"Exif\0\0" + planted.exif_block())
    before = removed if place in ("before", "both") else b""
    behind = _segment(0xE4, b"maker" * 9) if place in ("behind", "both") else b""
    data, second = _with_index(before, behind)
    assert _pointed_at(data) == (len(data) - len(second), second)

    cleaned = apply_policy(data, "jpeg", "safe")

    assert len(cleaned) < len(data)
    assert _pointed_at(cleaned) == (len(cleaned) - len(second), second)


def test_t28_an_index_that_points_nowhere_is_dropped() -> None:
    data, second = _with_index()
    cut = data.removesuffix(second)

    assert jpeg.points_nowhere(cut)
    assert not jpeg.points_nowhere(data)
    assert b"MPF\0" not in apply_policy(cut, "jpeg", "all")


def test_t28_a_note_about_a_film_goes_with_the_film() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:GCamera="http://ns.google.com/photos/1.0/camera/" GCamera:MotionPhoto="1"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"/></rdf:RDF></x:xmpmeta>'
    )
    alone = jpeg.write(PLAIN, Metadata(xmp=packet))
    kept = jpeg.read(apply_policy(alone, "jpeg", "all")).xmp

    assert kept is not None
    assert b"MotionPhoto" not in kept
    assert b"image/jpeg" in kept
    assert apply_policy(alone + b"film", "jpeg", "all") == alone + b"film"


@pytest.mark.parametrize("policy", METADATA_POLICIES)
def test_t28_the_directory_of_a_gain_map_survives_every_policy_in_place(policy: str) -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description rdf:about="" xmlns:Container="http://ns.google.com/photos/1.0/container/"'
        b' xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
        b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0" exif:GPSLatitude="48,51.5N">'
        b'<Container:Directory><rdf:Seq><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary"'
        b' Item:Mime="image/jpeg"/></rdf:li><rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap"'
        b' Item:Mime="image/jpeg" Item:Length="1234"/></rdf:li></rdf:Seq></Container:Directory>'
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    data = jpeg.write(PLAIN, Metadata(xmp=packet, comments=(b"x",))) + PLAIN
    made = apply_policy(data, "jpeg", policy)
    kept = jpeg.read(made).xmp or b""

    assert b'hdrgm:Version="1.0"' in kept
    assert kept.count(b"<Container:Item") == 2
    assert b'Item:Length="1234"' in kept
    assert (b"GPSLatitude" in kept) == (policy == "all")
    assert made.endswith(PLAIN)
    assert apply_policy(made, "jpeg", policy) is made


def test_the_end_of_the_picture_is_not_a_marker_inside_a_segment() -> None:
    progressive = images.jpeg_bytes(PICTURE, progressive=True)
    scan_at = jpeg.segments(progressive)[1]
    disguised = progressive[:-2] + _segment(0xFE, b"\xff\xd9 not yet") + progressive[-2:]

    assert jpeg.end_of_picture(progressive + b"tail", scan_at) == len(progressive)
    assert jpeg.end_of_picture(disguised + b"tail", scan_at) == len(disguised)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\0\x10short", b"\xff\xd8\xff\xe1\0\0", b"GIF89a"])
def test_t35_a_header_that_ends_early_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        jpeg.read(data)
    with pytest.raises(CorruptImage):
        jpeg.write(data, Metadata())
