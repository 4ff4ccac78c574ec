from __future__ import annotations

import struct

import pytest

import images
from plume_app.domain.image.header import header_of
from plume_app.domain.image.traits import EMBEDDED_PICTURES, GAIN_MAP, MOTION_PHOTO, find_traits

XMP = b"http://ns.adobe.com/xap/1.0/\0"
ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"
PRIMARY, PREVIEW, FULL_HD_PREVIEW, STEREO, UNKNOWN = 0x030000, 0x010001, 0x010002, 0x020002, 0
VIDEO = struct.pack(">I", 24) + b"ftypmp42" + bytes(12) + b"\0\0\0\x10mdat" + bytes(8)
SAMSUNG_FACTS = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1612345678901SEFH" + bytes(20) + b"\x20\0\0\0SEFT"


def plain() -> bytes:
    return images.jpeg_bytes(images.photo(24, 16))


def segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def with_segments(*segments: bytes) -> bytes:
    data = plain()
    return data[:2] + b"".join(segments) + data[2:]


def xmp(attributes: str) -> bytes:
    return segment(0xE1, XMP + f"<x:xmpmeta><rdf:Description {attributes}/></x:xmpmeta>".encode())


def names(data: bytes) -> set[str]:
    return set(find_traits(data, header_of(data)).names)


def with_pictures(*further: tuple[int, bytes], endian: str = ">") -> bytes:
    """A JPEG with further pictures behind it, and the multi-picture index that names their types."""
    count = len(further) + 1
    index_at = 8 + 2 + 12 * 3 + 4
    mark = b"MM\0*" if endian == ">" else b"II*\0"
    entries_bytes = 16 * count

    def built(entries: bytes) -> bytes:
        fields = struct.pack(endian + "HHI4s", 0xB000, 7, 4, b"0100")
        fields += struct.pack(endian + "HHII", 0xB001, 4, 1, count)
        fields += struct.pack(endian + "HHII", 0xB002, 7, entries_bytes, index_at)
        block = mark + struct.pack(endian + "IH", 8, 3) + fields + bytes(4) + entries
        return with_segments(segment(0xE2, b"MPF\0" + block))

    main = built(bytes(entries_bytes))
    base = 2 + 4 + 4  # start of image, marker and length, "MPF"
    entries, offset = struct.pack(endian + "IIIHH", PRIMARY, len(main), 0, 0, 0), len(main)
    for kind, picture in further:
        entries += struct.pack(endian + "IIIHH", kind, len(picture), offset - base, 0, 0)
        offset += len(picture)
    return built(entries) + b"".join(picture for _, picture in further)


def test_a_plain_jpeg_has_no_extras() -> None:
    assert names(plain()) == set()
    assert names(images.jpeg_bytes(images.photo(24, 16), progressive=True, exif=images.exif_bytes(3))) == set()


@pytest.mark.parametrize(
    "announced",
    [
        xmp('xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"'),
        xmp('Item:Semantic="GainMap" Item:Mime="image/jpeg"'),
        segment(0xE2, ISO_GAIN_MAP),
    ],
)
def test_t28_an_announced_gain_map_is_found(announced: bytes) -> None:
    assert names(with_segments(announced)) == {GAIN_MAP}
    assert names(with_segments(announced) + plain()) == {GAIN_MAP}


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize(
    "mark", [xmp('hdrgm:Version="1.0"'), segment(0xE2, ISO_GAIN_MAP), xmp('HDRGainMap:HDRGainMapVersion="65536"')]
)
def test_t28_a_gain_map_among_the_further_pictures_is_found(mark: bytes, endian: str) -> None:
    gain_map = with_segments(mark)
    assert names(with_pictures((UNKNOWN, gain_map), endian=endian)) == {GAIN_MAP}
    assert names(with_pictures((UNKNOWN, gain_map), (UNKNOWN, plain()), endian=endian)) == {GAIN_MAP, EMBEDDED_PICTURES}


@pytest.mark.parametrize(
    "announced",
    [
        xmp('GCamera:MotionPhoto="1"'),
        xmp('Camera:MotionPhoto = "1"'),
        xmp("GCamera:MicroVideo='1'"),
        xmp("/><GCamera:MotionPhoto>1</GCamera:MotionPhoto><x"),
        xmp('Item:Semantic="MotionPhoto"'),
    ],
)
def test_t28_an_announced_motion_photo_is_found(announced: bytes) -> None:
    assert names(with_segments(announced)) == {MOTION_PHOTO}
    assert names(with_segments(announced) + VIDEO) == {MOTION_PHOTO}


def test_t28_a_motion_photo_that_is_switched_off_is_none() -> None:
    assert names(with_segments(xmp('GCamera:MotionPhoto="0" GCamera:MotionPhotoVersion="1"'))) == set()


@pytest.mark.parametrize("trailer", [VIDEO, b"MotionPhoto_Data" + bytes(50), SAMSUNG_FACTS + VIDEO])
def test_t28_a_video_behind_the_picture_is_found_unannounced(trailer: bytes) -> None:
    assert names(plain() + trailer) == {MOTION_PHOTO}


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("kind", [STEREO, UNKNOWN, 0x020001, 0x020003])
def test_t28_further_pictures_are_found(kind: int, endian: str) -> None:
    assert names(with_pictures((kind, plain()), endian=endian)) == {EMBEDDED_PICTURES}


@pytest.mark.parametrize("kind", [PREVIEW, FULL_HD_PREVIEW])
def test_the_preview_of_a_camera_is_not_protected(kind: int) -> None:
    assert names(with_pictures((kind, plain()))) == set()
    assert names(with_pictures((kind, plain())) + bytes(100)) == set()
    assert names(with_pictures((kind, plain()), (STEREO, plain()))) == {EMBEDDED_PICTURES}
    assert names(with_pictures((kind, plain())) + plain()) == {EMBEDDED_PICTURES}


def test_an_index_whose_pictures_are_gone_protects_nothing() -> None:
    whole = with_pictures((STEREO, plain()))
    assert names(whole[: -len(plain())]) == set()


@pytest.mark.parametrize("trailer", [b"\0" * 4096, b"\r\n", b"\xff\xff", SAMSUNG_FACTS, SAMSUNG_FACTS + bytes(8)])
def test_padding_and_facts_behind_the_picture_are_not_protected(trailer: bytes) -> None:
    assert names(plain() + trailer) == set()


@pytest.mark.parametrize(
    "trailer", [b"PK\3\4 a letter to my daughter", plain(), SAMSUNG_FACTS + plain() + SAMSUNG_FACTS]
)
def test_t28_unknown_bytes_behind_the_picture_are_protected(trailer: bytes) -> None:
    assert names(plain() + trailer) == {EMBEDDED_PICTURES}


def test_a_thumbnail_inside_a_segment_is_no_end_of_the_picture() -> None:
    assert names(with_segments(segment(0xE1, b"Exif\0\0II*\0" + bytes(8) + plain()))) == set()
    assert names(with_segments(segment(0xED, b"Photoshop 3.0\0" + plain()))) == set()


def test_a_jpeg_without_its_end_has_nothing_behind_it() -> None:
    assert names(plain()[:-2]) == set()
