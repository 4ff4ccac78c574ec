"""What is private, by name."""

from __future__ import annotations

import pytest

from plume_app.domain.image import metadata_policy


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("Xmp.exif.GPSLatitude", "gps"),
        ("Xmp.photoshop.City", "gps"),
        ("Xmp.photoshop.State", "gps"),
        ("Xmp.photoshop.Country", "gps"),
        ("Xmp.iptc.Location", "gps"),
        ("Xmp.iptc.CountryCode", "gps"),
        ("Xmp.iptcExt.LocationShown[2]/iptcExt:City", "gps"),
        ("Xmp.iptcExt.LocationCreated", "gps"),
        ("Xmp.drone-dji.GpsLongitude", "gps"),
        ("Xmp.drone-dji.AbsoluteAltitude", "gps"),
        ("Xmp.own.Deep/own:Deeper[1]/exif:GPSLatitude", "gps"),
        ("Xmp.aux.SerialNumber", "serials"),
        ("Xmp.aux.LensSerialNumber", "serials"),
        ("Xmp.exifEX.BodySerialNumber", "serials"),
        ("Xmp.exif.MakerNote", "maker_notes"),
        ("Xmp.xmp.Thumbnails[1]/xmpGImg:image", "thumbnails"),
        ("Xmp.xmpGImg.image", "thumbnails"),
        ("Xmp.dc.rights", None),
        ("Xmp.dc.creator", None),
        ("Xmp.iptc.CreatorContactInfo/iptc:CiAdrCity", None),
        ("Xmp.iptc.CreatorContactInfo/iptc:CiAdrCtry", None),
        ("Xmp.xmpMM.DocumentID", None),
        ("Xmp.exif.SubjectLocation", None),
        ("Xmp.tiff.Model", None),
        ("Xmp.aux.Lens", None),
        ("Xmp.aux.OwnerName", None),
        ("Xmp.xmp.Rating", None),
    ],
)
def test_a_property_is_private_by_its_name(key: str, kind: str | None) -> None:
    assert metadata_policy.xmp_kind(key) == kind


@pytest.mark.parametrize(
    "key", ["Xmp.hdrgm.Version", "Xmp.Container.Directory[1]/Container:Item/Item:Mime", "Xmp.GCamera.MotionPhoto"]
)
def test_descriptions_of_further_pictures_are_known(key: str) -> None:
    assert metadata_policy.describes_further_pictures(key)


def test_a_camera_setting_describes_no_further_picture() -> None:
    assert not metadata_policy.describes_further_pictures("Xmp.GCamera.SpecialTypeID")


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ("Thumb::URI", "thumbnails"), ("exif:GPSLatitude", "gps"), ("exif:MakerNote", "maker_notes"), ("City", "gps"),
        ("aux:SerialNumber", "serials"), ("Comment", None), ("Copyright", None), ("Software", None), ("Title", None),
    ],
)  # fmt: skip
def test_a_png_text_is_private_by_its_keyword(keyword: str, kind: str | None) -> None:
    assert metadata_policy.text_kind(keyword) == kind


def test_every_name_that_is_private_is_looked_for_in_a_packet() -> None:
    names = "GPSLatitude SerialNumber MakerNote Thumbnails City State Country CountryCode Location LocationShown"
    for name in (*names.split(), "ProvinceState", "Sub-location", "WorldRegion", "GeoTag", "LatitudeRef"):
        assert metadata_policy.xmp_kind(f"Xmp.a.{name}"), name
        assert metadata_policy.may_hold_private(f"<a:{name}>".encode()), name
    assert not metadata_policy.may_hold_private(b'<rdf:Description dc:rights="Ada" tiff:Orientation="1"/>')
