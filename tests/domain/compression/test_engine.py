"""One picture from bytes to a verdict: every pair of formats, every promise, every way to be kept."""

from __future__ import annotations

import base64
import io
import itertools
import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

import images
from plume_app.domain.compression.codecs import all_codecs, writable_codecs
from plume_app.domain.compression.engine import compress, compress_file_to_file
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.compression.verdict import Kept, Reason, Written
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import (
    CorruptImage,
    DimensionsUnsupported,
    DiskFull,
    ImageTooLarge,
    InvalidRequest,
    PlumeError,
    SourceMissing,
    TargetUnwritable,
    UnsupportedFormat,
)

PHOTO = images.photo(61, 43)  # odd sizes find padding bugs
DRAWN = {
    "png": images.png_bytes(PHOTO),
    "jpeg": images.jpeg_bytes(PHOTO, quality=97),
    "webp": images.webp_bytes(PHOTO, quality=97),
    "gif": images.gif_bytes(images.palette(61, 43)),
    "tiff": images.tiff_bytes(PHOTO),
    "bmp": images.bmp_bytes(PHOTO),
}
PAIRS = list(itertools.product(DRAWN, writable_codecs()))
TINY = images.jpeg_bytes(images.gradient(8, 8), quality=30)
SMALLEST = {name: compress(DRAWN[name], Settings()).data or DRAWN[name] for name in ("png", "jpeg", "webp")}


def located_jpeg() -> bytes:
    """A JPEG with a position, which the default policy removes."""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    return images.jpeg_bytes(PHOTO, quality=60, exif=exif.tobytes())


def test_every_registered_format_is_drawn_here() -> None:
    assert set(DRAWN) == {codec.name for codec in all_codecs().values()}


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("lossless", [False, True], ids=["lossy", "lossless"])
def test_t12_every_pair_of_formats_gives_a_whole_picture_never_larger_in_its_own(
    before: str, after: str, lossless: bool
) -> None:
    data = DRAWN[before]
    made = compress(data, Settings(output_format=after, lossless=lossless))

    assert (made.input_format, made.output_format) == (before, after)
    assert (made.header.width, made.header.height) == (61, 43)
    match made.verdict:
        case Written(saved_bytes=saved):
            assert made.data is not None
            assert saved == len(data) - len(made.data)
            assert before != after or saved > 0
            with Image.open(io.BytesIO(made.data)) as opened:
                opened.load()
                assert (opened.format, opened.size) == (after.upper(), (61, 43))
            assert made.codec_version
        case Kept(reason=reason):
            assert reason in (Reason.NOT_SMALLER, Reason.WOULD_LOSE)
            assert before == after or lossless


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_t31_lossless_gives_the_same_pixels_or_keeps_the_file(before: str, after: str) -> None:
    made = compress(DRAWN[before], Settings(output_format=after, lossless=True))

    if after == "jpeg" and before != "jpeg":  # its coefficients cannot hold what another format's decoder gives
        assert (made.verdict, made.losses) == (Kept(Reason.WOULD_LOSE), ("pixels",))
    elif isinstance(made.verdict, Written):
        assert made.data is not None
        assert same_pixels(Source.open(DRAWN[before]), made.data, upright=before != after)
    else:
        assert made.verdict == Kept(Reason.NOT_SMALLER)


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("name", SMALLEST)
def test_t15_there_is_one_lossy_encode_straight_from_the_source(name: str, effort: str) -> None:
    settings = Settings(output_format=name, effort=effort, metadata="none")
    source = Source.open(DRAWN["png"])
    encode = writable_codecs()[name].encode
    assert encode is not None

    assert compress(DRAWN["png"], settings).data == encode(source, settings).data


@pytest.mark.parametrize("name", SMALLEST)
def test_t16_a_result_is_not_made_smaller_again_by_the_same_settings(name: str) -> None:
    again = compress(SMALLEST[name], Settings())

    if isinstance(again.verdict, Written):  # lossless only: the pixels are stable
        assert again.data is not None
        assert same_pixels(Source.open(SMALLEST[name]), again.data, upright=False)


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_same_bytes_and_settings_give_the_same_bytes(before: str, after: str) -> None:
    settings = Settings(output_format=after)

    assert compress(DRAWN[before], settings) == compress(DRAWN[before], settings)


@pytest.mark.parametrize("name", [name for name in DRAWN if name not in writable_codecs()])
def test_what_plume_reads_but_does_not_write_is_kept(name: str) -> None:
    made = compress(DRAWN[name], Settings())

    assert (made.verdict, made.output_format, made.data) == (Kept(Reason.NO_ENCODER), name, None)


def test_a_format_that_cannot_be_written_is_refused_as_a_target() -> None:
    for name in ("gif", "nonsense"):
        with pytest.raises(InvalidRequest):
            compress(DRAWN["png"], Settings(output_format=name))


@pytest.mark.parametrize(
    ("data", "target", "trait"),
    [
        (images.apng_bytes(images.frames(3)), "jpeg", "animation"),
        (images.gif_bytes(images.frames(3)), "png", "animation"),
        (images.animated_webp_bytes(images.frames(3)), "jpeg", "animation"),
    ],
    ids=["APNG to JPEG", "GIF to PNG", "WebP to JPEG"],
)
def test_t25_what_would_be_lost_keeps_the_file_until_it_is_allowed(data: bytes, target: str, trait: str) -> None:
    settings = Settings(output_format=target)
    kept = compress(data, settings)
    assert (kept.verdict, kept.losses, kept.data) == (Kept(Reason.WOULD_LOSE), (trait,), None)

    made = compress(data, replace(settings, allow_losses=(trait,)))

    assert isinstance(made.verdict, Written)
    assert trait in made.losses


def test_t21_a_depth_that_may_go_does_not_stop_a_lossless_conversion() -> None:
    deep = images.png16_bytes(60, 40, 3)
    settings = Settings(output_format="webp", lossless=True, allow_losses=("bit_depth",))

    made = compress(deep, settings)

    assert isinstance(made.verdict, Written)
    assert made.losses == ("bit_depth",)
    assert made.data is not None
    assert b"VP8L" in made.data[:32]


def test_t23_what_a_conversion_loses_is_announced() -> None:
    made = compress(images.png_bytes(images.photo(32, 20, mode="RGBA")), Settings(output_format="jpeg"))

    assert isinstance(made.verdict, Written)
    assert made.losses == ("alpha",)


def test_t44_a_side_that_the_format_cannot_have_is_refused_before_encoding() -> None:
    stages: list[str] = []
    wide = images.png_bytes(Image.new("RGB", (16_384, 1), "red"))

    with pytest.raises(DimensionsUnsupported) as refused:
        compress(wide, Settings(output_format="webp"), progress=stages.append)

    assert (refused.value.facts["width"], refused.value.facts["limit"]) == (16_384, 16_383)
    assert stages == []
    fits = images.png_bytes(Image.new("RGB", (16_383, 1), "red"))
    assert isinstance(compress(fits, Settings(output_format="webp")).verdict, Written | Kept)


def test_t12_a_conversion_that_grows_is_written_unless_a_minimum_was_asked_for() -> None:
    noisy = images.jpeg_bytes(images.noise(64, 64), quality=20)
    grown = compress(noisy, Settings(output_format="png", lossless=True))
    assert isinstance(grown.verdict, Written)
    assert grown.verdict.saved_bytes < 0

    kept = compress(noisy, Settings(output_format="png", lossless=True, min_savings_percent=0.1))
    assert kept.verdict == Kept(Reason.BELOW_MIN_SAVINGS)


def test_below_the_minimum_the_original_is_kept() -> None:
    assert compress(DRAWN["jpeg"], Settings(min_savings_percent=100)).verdict == Kept(Reason.BELOW_MIN_SAVINGS)


def test_t30_where_nothing_is_gained_the_source_without_its_private_data_is_written() -> None:
    plain = compress(images.jpeg_bytes(PHOTO, quality=60), Settings(effort="max")).data or b""
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    block = exif.tobytes()
    located = plain[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + plain[2:]

    made = compress(located, Settings(effort="max"))

    assert isinstance(made.verdict, Written)
    assert made.data is not None
    assert len(made.data) < len(located)
    assert not made.private_data_kept
    with Image.open(io.BytesIO(made.data)) as opened:
        assert 0x8825 not in opened.getexif()
    assert same_pixels(Source.open(located), made.data, upright=False)


def test_a_kept_file_tells_of_the_private_data_that_stays() -> None:
    settings = Settings(min_savings_percent=100)
    kept = compress(located_jpeg(), settings)

    assert kept.private_data_kept
    assert kept.data is not None
    assert not compress(kept.data, settings).private_data_kept
    assert not compress(located_jpeg(), replace(settings, metadata="all")).private_data_kept


def test_t54_progress_hears_of_steps_that_are_taken_in_their_order() -> None:
    told: dict[str, list[str]] = {"lossless": [], "lossy": [], "kept": []}
    compress(DRAWN["png"], Settings(lossless=True), progress=told["lossless"].append)
    compress(DRAWN["png"], Settings(output_format="jpeg"), progress=told["lossy"].append)
    compress(DRAWN["gif"], Settings(), progress=told["kept"].append)

    assert told == {"lossless": ["encoding", "verifying"], "lossy": ["encoding"], "kept": []}


@pytest.mark.parametrize(("before", "after"), PAIRS)
@pytest.mark.parametrize("percent", [10, 50, 90])
def test_t36_a_truncated_file_is_never_written(before: str, after: str, percent: int) -> None:
    data = images.truncated(DRAWN[before], percent)
    try:
        made = compress(data, Settings(output_format=after))
    except CorruptImage:
        return
    raise AssertionError(f"{percent} % of a {before} became {made.verdict}")


@pytest.mark.parametrize("name", SMALLEST)
@pytest.mark.parametrize("lossless", [False, True], ids=["lossy", "lossless"])
def test_t35_a_damaged_file_is_a_known_failure_or_a_picture(name: str, lossless: bool) -> None:
    for seed in range(12):
        try:
            compress(images.flipped(DRAWN[name], seed), Settings(lossless=lossless))
        except PlumeError as error:
            assert error.code in ("corrupt_image", "unsupported_format", "image_too_large")


@pytest.mark.parametrize(("data", "error"), [(b"", CorruptImage), (b"just text", UnsupportedFormat)])
def test_what_is_no_picture_is_refused(data: bytes, error: type[PlumeError]) -> None:
    with pytest.raises(error):
        compress(data, Settings())


def test_t43_limits_are_the_callers() -> None:
    for limits in (Limits(max_file_bytes=len(DRAWN["png"]) - 1), Limits(max_decoded_bytes=61 * 43 * 3 - 1)):
        with pytest.raises(ImageTooLarge):
            compress(DRAWN["png"], Settings(), limits=limits)


@pytest.mark.parametrize("name", sorted(set(DRAWN) - set(writable_codecs())))
def test_a_picture_over_the_limit_that_has_no_encoder_is_kept_as_it_is(name: str) -> None:
    limits = Limits(max_decoded_bytes=100)

    assert compress(DRAWN[name], Settings(), limits=limits).verdict == Kept(Reason.NO_ENCODER)
    with pytest.raises(ImageTooLarge):
        compress(DRAWN[name], Settings(output_format="png"), limits=limits)


def test_compress_file_to_file_writes_one_new_file_with_mode_and_dates(tmp_path: Path) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "b.jpg"
    source.write_bytes(DRAWN["jpeg"])
    source.chmod(0o640)
    os.utime(source, ns=(7, 1_234_567_890_123_456_789))

    made = compress_file_to_file(source, target, Settings())

    assert target.read_bytes() == made.data == SMALLEST["jpeg"]
    assert (target.stat().st_mode & 0o777, target.stat().st_mtime_ns) == (0o640, 1_234_567_890_123_456_789)
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "b.jpg"}
    assert source.read_bytes() == DRAWN["jpeg"]


def test_compress_file_to_file_takes_paths_in_any_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(DRAWN["jpeg"])

    compress_file_to_file("a.jpg", "b.jpg")

    assert Path("b.jpg").read_bytes() == SMALLEST["jpeg"]


def test_compress_file_to_file_writes_nothing_for_a_kept_file(tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(DRAWN["gif"])

    made = compress_file_to_file(tmp_path / "a.gif", tmp_path / "b.gif")

    assert made.verdict == Kept(Reason.NO_ENCODER)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize("same", [True, False], ids=["its own input", "another file"])
def test_t09_compress_file_to_file_overwrites_nothing(same: bool, tmp_path: Path) -> None:
    source = tmp_path / "a.jpg"
    source.write_bytes(DRAWN["jpeg"])
    target = source if same else tmp_path / "b.jpg"
    before = DRAWN["jpeg"] if same else b"mine"
    target.write_bytes(before)

    with pytest.raises(TargetUnwritable):
        compress_file_to_file(source, target)

    assert target.read_bytes() == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_compress_file_to_file_tells_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        compress_file_to_file(tmp_path / "a.jpg", tmp_path / "b.jpg")
    (tmp_path / "a.jpg").write_bytes(DRAWN["jpeg"])
    with pytest.raises((TargetUnwritable, DiskFull)):
        compress_file_to_file(tmp_path / "a.jpg", tmp_path / "nowhere" / "b.jpg")


@pytest.mark.parametrize("output_format", ["keep", "png", "webp"])
def test_t17_a_grey_profile_in_a_picture_with_colours_changes_nothing(output_format: str) -> None:
    """Readers pass over it; a profile for RGB made of it would be followed, and show other colours."""
    data = images.jpeg_bytes(images.photo(90, 60), quality=97, icc_profile=images.grey_icc_bytes(1.0))

    made = compress(data, Settings(output_format=output_format))

    assert made.data is not None
    assert "icc_profile" not in Image.open(io.BytesIO(made.data)).info


# A grey gradient of 16 x 16 pixels with arithmetic coding, by `cjpeg -arithmetic` of libjpeg-turbo 2.1.
ARITHMETIC_JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO"
    "UlNSMj5aYVpQYEpRUk//yQALCAAQABABAREA/8wABgAQEAX/2gAIAQEAAD8A/wB2qhVGVxjKdX4v8v5PaDr/2Q=="
)


def test_t35_a_jpeg_that_can_be_read_but_not_rewritten_is_kept_not_called_damaged() -> None:
    assert compress(ARITHMETIC_JPEG, Settings(lossless=True)).verdict == Kept(Reason.NOT_SMALLER)
    assert compress(ARITHMETIC_JPEG, Settings("png", lossless=True)).data is not None


@pytest.mark.parametrize("lossless", [True, False])
def test_t35_a_wrong_checksum_of_a_text_is_no_damage_to_the_picture(lossless: bool) -> None:
    text = struct.pack(">I", 9) + b"tEXtNote\0text" + bytes(4)
    data = DRAWN["png"][:33] + text + DRAWN["png"][33:]

    made = compress(data, Settings(lossless=lossless, metadata="all"))

    assert made.data is not None
    assert not lossless or same_pixels(Source.open(data), made.data, upright=False)
