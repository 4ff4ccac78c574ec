"""Metadata that has to change its words on the way into another container."""

from __future__ import annotations

import pytest

import images
import planted
from plume_app.domain.image import metadata_xmp
from plume_app.domain.image.containers import Density, Metadata, Part, Text, tiff
from plume_app.domain.image.metadata import read_metadata, write_metadata

PICTURE = images.gradient(20, 12)
BARE = {"jpeg": images.jpeg_bytes(PICTURE), "png": images.png_bytes(PICTURE), "webp": images.webp_bytes(PICTURE)}
TWO_INCHES = Density(300.0, 300.0, "inch")


def _dpi(data: bytes, image_format: str) -> int:
    metadata = read_metadata(data, image_format)
    density = metadata.density or tiff.density(metadata.exif or b"")
    found = density.per("inch") if density else None
    return round(found.x) if found else 0


@pytest.mark.parametrize("after", BARE)
@pytest.mark.parametrize("density", [TWO_INCHES, Density(11811.0, 11811.0, "metre"), Density(118.11, 118.11, "cm")])
def test_t29_a_resolution_arrives_in_every_container(after: str, density: Density) -> None:
    assert _dpi(write_metadata(BARE[after], after, Metadata(density=density)), after) == 300


@pytest.mark.parametrize("after", BARE)
def test_t29_a_resolution_that_only_exif_states_arrives_in_every_container(after: str) -> None:
    made = write_metadata(BARE[after], after, Metadata(exif=planted.exif_block()))

    assert _dpi(made, after) == 240
    assert planted.opened(made).info.get("dpi", (240, 240))[0] == pytest.approx(240, abs=0.1)


def test_t29_a_resolution_joins_an_exif_block_without_one() -> None:
    block = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"
    made = write_metadata(BARE["webp"], "webp", Metadata(exif=block, density=TWO_INCHES))

    assert _dpi(made, "webp") == 300
    assert planted.opened(made).getexif()[images.EXIF_ORIENTATION] == 6


def test_pixels_that_are_not_square_keep_their_shape_from_jpeg_to_png_and_back() -> None:
    shape = Density(2.0, 1.0, "")
    png = write_metadata(BARE["png"], "png", Metadata(density=shape))
    jpeg = write_metadata(BARE["jpeg"], "jpeg", read_metadata(png, "png"))

    assert read_metadata(png, "png").density == shape
    assert read_metadata(jpeg, "jpeg").density == shape


def test_t29_a_jpeg_comment_arrives_in_png_and_webp_and_comes_back() -> None:
    remark = Metadata(comments=("Grüße".encode(),))
    png = write_metadata(BARE["png"], "png", remark)
    webp = write_metadata(BARE["webp"], "webp", remark)
    back = write_metadata(BARE["jpeg"], "jpeg", read_metadata(png, "png"))

    assert planted.opened(png).info["Comment"] == "Grüße"
    assert "Grüße".encode() in (read_metadata(webp, "webp").xmp or b"")
    assert planted.opened(back).info["comment"] == "Grüße".encode()


@pytest.mark.parametrize("after", ["jpeg", "webp"])
def test_t29_png_texts_become_xmp(after: str) -> None:
    texts = (Text("Author", "Ada & Co"), Text("Copyright", "(c) Ada <1>"), Text("Title", "Böat"), Text("Own", "x"))
    made = read_metadata(write_metadata(BARE[after], after, Metadata(texts=texts)), after)
    values = metadata_xmp.xmp_values(made.xmp or b"")

    assert values is not None
    assert values["Xmp.dc.creator"] == "Ada & Co"
    assert values["Xmp.dc.rights"] == 'lang="x-default" (c) Ada <1>'
    assert values["Xmp.dc.title"] == 'lang="x-default" Böat'


def test_a_statement_in_xmp_is_not_replaced_by_a_text() -> None:
    metadata = Metadata(xmp=planted.xmp_packet(private=False), texts=(Text("Copyright", "someone else"),))
    made = read_metadata(write_metadata(BARE["jpeg"], "jpeg", metadata), "jpeg").xmp

    assert made is not None
    assert planted.COPYRIGHT.encode() in made
    assert b"someone else" not in made


def test_t19_gamma_and_primaries_become_a_profile_where_there_are_no_chunks() -> None:
    gamma = Part("png", "gAMA", (100_000).to_bytes(4, "big"))
    for after in ("jpeg", "webp"):
        made = write_metadata(BARE[after], after, Metadata(colour=(gamma,)))
        assert len(planted.opened(made).info["icc_profile"]) > 128
    png = write_metadata(BARE["png"], "png", Metadata(colour=(gamma,)))
    assert planted.opened(png).info["gamma"] == 1.0
    assert "icc_profile" not in planted.opened(png).info


def test_t19_nothing_is_invented_for_a_picture_that_says_nothing() -> None:
    for after, bare in BARE.items():
        made = planted.opened(write_metadata(bare, after, Metadata()))
        assert not {"icc_profile", "gamma", "srgb", "chromaticity", "exif", "xmp"} & set(made.info)


def test_t17_a_grey_profile_is_not_put_on_a_colour_picture() -> None:
    made = write_metadata(BARE["webp"], "webp", Metadata(icc=images.grey_icc_bytes()))

    assert planted.opened(made).info["icc_profile"][16:20] == b"RGB "


def test_t17_a_grey_picture_gets_a_grey_profile_for_its_gamma() -> None:
    grey = images.jpeg_bytes(images.gradient(20, 12, mode="L"))
    made = write_metadata(grey, "jpeg", Metadata(colour=(Part("png", "gAMA", (100_000).to_bytes(4, "big")),)))

    assert planted.opened(made).info["icc_profile"][16:20] == b"GRAY"


def test_exif_that_a_jpeg_cannot_hold_is_carried_without_its_largest_part() -> None:
    block = planted.exif_block() + bytes(70_000)
    made = write_metadata(BARE["jpeg"], "jpeg", Metadata(exif=block))

    assert planted.COPYRIGHT in planted.opened(made).getexif().values()


def test_a_packet_that_a_jpeg_segment_cannot_hold_is_split_and_read_again() -> None:
    long = b"<own:Long>" + b"long " * 20_000 + b"</own:Long></rdf:Description>"
    packet = planted.xmp_packet(private=False).replace(b"</rdf:Description>", long)
    made = write_metadata(BARE["jpeg"], "jpeg", Metadata(xmp=packet))
    back = read_metadata(made, "jpeg")
    png = read_metadata(write_metadata(BARE["png"], "png", back), "png")

    assert back.extended_xmp == packet
    assert png.xmp is not None
    assert b"long long" in png.xmp
    assert b"HasExtendedXMP" not in png.xmp
