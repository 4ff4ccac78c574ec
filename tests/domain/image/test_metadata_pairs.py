"""Every pair of formats, orientation and policy, planted with secrets and read back by ExifTool and by bytes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageChops, ImageOps, ImageStat

import images
import planted
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import METADATA_POLICIES, Settings

FORMATS = ("jpeg", "png", "webp")
PAIRS = [(before, after) for before in FORMATS for after in FORMATS]
PICTURE = images.photo(96, 64, seed=5)
PRIVATE_WORDS = ("gps", "serial", "makernote", "maker note", "thumbnail", "city", "location", "latitude", "longitude")

Case = tuple[str, str, int, str]
Results = dict[Case, tuple[bytes, dict[str, Any]]]


def _converted(case: Case) -> bytes:
    before, after, orientation, policy = case
    source = planted.planted(PICTURE, before, orientation)
    made = compress(source, Settings(output_format=after, metadata=policy, quality=80))
    return made.data if made.data is not None else source


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, exiftool: str) -> Results:
    """Every result by its case, with what ExifTool reads in it."""
    folder = tmp_path_factory.mktemp("pairs")
    made: dict[Path, tuple[Case, bytes]] = {}
    for before, after in PAIRS:
        for orientation in images.ORIENTATIONS:
            for policy in METADATA_POLICIES:
                case = (before, after, orientation, policy)
                path = folder / f"{before}-{orientation}-{policy}.{after}"
                made[path] = (case, _converted(case))
                path.write_bytes(made[path][1])
    command = [exiftool, "-json", "-G1", "-a", "-u", "-struct", "-n", "-q", "-ext", "*", str(folder)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {made[Path(tags["SourceFile"])][0]: (made[Path(tags["SourceFile"])][1], tags) for tags in told}


def _words(value: object) -> Iterator[str]:
    """Every key and text of nested JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    else:
        yield str(value)


def _metadata_words(tags: dict[str, Any]) -> str:
    about_the_file = ("SourceFile", "System:", "ICC", "File:")
    own = {key: value for key, value in tags.items() if not key.startswith(about_the_file)}
    return "\n".join(_words(own)).lower()


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t30_safe_leaves_nothing_private(results: Results, before: str, after: str, orientation: int) -> None:
    data, tags = results[before, after, orientation, "safe"]
    words = _metadata_words(tags)

    assert [word for word in PRIVATE_WORDS if word in words] == []
    readable = planted.everything_readable(data)
    assert [secret for secret in planted.PRIVATE_BYTES if secret in readable] == []


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t29_safe_keeps_rights_captions_dates_and_resolution(
    results: Results, before: str, after: str, orientation: int
) -> None:
    _, tags = results[before, after, orientation, "safe"]

    assert tags["IFD0:Copyright"] == planted.COPYRIGHT
    assert tags["IFD0:Artist"] == planted.ARTIST
    assert tags["IFD0:Model"] == "Model 5"
    assert tags["ExifIFD:DateTimeOriginal"] == "2024:05:06 07:08:09"
    assert tags["XMP-dc:Rights"] == planted.COPYRIGHT
    assert tags["XMP-xmp:Rating"] == 4
    assert tags["IFD0:XResolution"] == 240
    if after == "png":
        assert round(tags["PNG-pHYs:PixelsPerUnitX"] * 0.0254) == 240
    if after == "jpeg":
        assert tags["JFIF:XResolution"] == 240
    if before != "webp":
        _assert_iptc(tags, after)


def _assert_iptc(tags: dict[str, Any], after: str) -> None:
    """WebP has no place for IPTC, so there it speaks XMP."""
    if after == "webp":
        assert (tags["XMP-dc:Description"], tags["XMP-dc:Subject"]) == (planted.CAPTION, [planted.KEYWORD])
        assert tags["XMP-dc:Creator"] == [planted.ARTIST]
    else:
        assert (tags["IPTC:Caption-Abstract"], tags["IPTC:Keywords"]) == (planted.CAPTION, planted.KEYWORD)
        assert tags["IPTC:CopyrightNotice"] == planted.COPYRIGHT


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t18_all_keeps_every_planted_thing(results: Results, before: str, after: str, orientation: int) -> None:
    data, tags = results[before, after, orientation, "all"]

    assert tags["GPS:GPSLatitude"] == pytest.approx(48.858327, abs=1e-4)
    assert (tags["ExifIFD:SerialNumber"], tags["ExifIFD:LensSerialNumber"]) == (planted.SERIAL, planted.LENS_SERIAL)
    assert any("MakerNote" in key for key in tags)
    assert tags["IFD1:ThumbnailLength"] == len(planted.thumbnail())
    assert tags["XMP-exif:GPSLatitude"] == pytest.approx(48.858327, abs=1e-4)
    assert tags["XMP-photoshop:City"] == planted.CITY
    assert tags["IFD0:Copyright"] == planted.COPYRIGHT
    assert planted.MAKER_NOTE in data
    if before != "webp":
        _assert_iptc(tags, after)
        assert tags["XMP-photoshop:City" if after == "webp" else "IPTC:City"] == planted.CITY


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t30_none_leaves_only_what_looks_right(results: Results, before: str, after: str, orientation: int) -> None:
    data, tags = results[before, after, orientation, "none"]
    ours = {key for key in tags if key.startswith(("IFD", "ExifIFD", "GPS", "XMP", "IPTC", "Photoshop", "InteropIFD"))}

    assert ours <= {"IFD0:Orientation"}
    assert planted.COPYRIGHT.encode() not in planted.everything_readable(data)
    assert [secret for secret in planted.PRIVATE_BYTES if secret in planted.everything_readable(data)] == []


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("policy", METADATA_POLICIES)
def test_t17_the_profile_is_the_same_byte_for_byte(results: Results, before: str, after: str, policy: str) -> None:
    for orientation in images.ORIENTATIONS:
        data, _ = results[before, after, orientation, policy]
        assert planted.opened(data).info["icc_profile"] == planted.ICC


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
@pytest.mark.parametrize("policy", METADATA_POLICIES)
def test_t20_a_picture_is_upright_exactly_once(
    results: Results, before: str, after: str, orientation: int, policy: str
) -> None:
    data, tags = results[before, after, orientation, policy]
    shown = ImageOps.exif_transpose(planted.opened(data)).convert("RGB")
    stated = orientation if before == after else 1

    assert shown.size == PICTURE.size
    assert max(ImageStat.Stat(ImageChops.difference(shown, PICTURE)).mean) < 12
    assert tags.get("IFD0:Orientation", 1) == stated
    assert tags.get("XMP-tiff:Orientation", stated) == stated
    if "ExifIFD:ExifImageWidth" in tags:
        assert (tags["ExifIFD:ExifImageWidth"], tags["ExifIFD:ExifImageHeight"]) == planted.opened(data).size
