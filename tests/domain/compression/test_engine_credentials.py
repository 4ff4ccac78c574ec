"""A signed manifest (C2PA) names a hash of the file's bytes: what Plume writes anew never carries one, and says so."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from PIL import TiffImagePlugin

import images
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import METADATA_POLICIES, Settings
from plume_app.domain.compression.verdict import Kept, Written
from plume_app.domain.image.containers import Metadata, Part, png, webp

PHOTO = images.photo(90, 60)
TYPE = b"c2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71"
CLAIM = b"signed by somebody"


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


MANIFEST = box(b"jumb", box(b"jumd", TYPE + b"\3c2pa\0") + box(b"cbor", CLAIM))


def signed_jpeg(kind: bytes = MANIFEST) -> bytes:
    """Over two segments, of which the second repeats the head of the outer box only, as the standard asks."""
    data = images.jpeg_bytes(PHOTO, quality=97)
    half = len(kind) - 9
    pieces = (kind[:half], kind[:8] + kind[half:])
    segments = [b"JP" + struct.pack(">HI", 1, number) + piece for number, piece in enumerate(pieces, 1)]
    return data[:2] + b"".join(b"\xff\xeb" + struct.pack(">H", 2 + len(one)) + one for one in segments) + data[2:]


def signed_png() -> bytes:
    data = images.png_bytes(PHOTO)
    return data[:33] + png.chunk("caBX", MANIFEST) + data[33:]


def signed_webp() -> bytes:
    return webp.write(images.webp_bytes(PHOTO, lossless=True), Metadata(others=(Part("webp", "C2PA", MANIFEST),)))


SIGNED = {"jpeg": signed_jpeg(), "png": signed_png(), "webp": signed_webp()}


@pytest.mark.parametrize("metadata", METADATA_POLICIES)
@pytest.mark.parametrize("lossless", [False, True], ids=["lossy", "lossless"])
@pytest.mark.parametrize("after", ["keep", "jpeg", "png", "webp"])
@pytest.mark.parametrize("before", SIGNED)
def test_t28_what_is_written_has_no_broken_seal_and_says_so(
    before: str, after: str, lossless: bool, metadata: str
) -> None:
    made = compress(SIGNED[before], Settings(after, lossless=lossless, metadata=metadata, quality=60))

    if isinstance(made.verdict, Written):
        assert made.data is not None
        assert "credentials" in made.losses
        assert b"c2pa" not in made.data
    else:
        assert made.losses == ("pixels",) or (made.data or SIGNED[before]).count(b"c2pa") in (0, 2)


def test_a_signed_photo_is_compressed_and_not_kept_for_its_seal() -> None:
    for metadata in METADATA_POLICIES:
        assert isinstance(compress(SIGNED["jpeg"], Settings(lossless=True, metadata=metadata)).verdict, Written)


def test_a_signed_png_is_kept_whole_where_everything_is_to_stay() -> None:
    made = compress(SIGNED["png"], Settings(lossless=True, metadata="all"))

    assert isinstance(made.verdict, Kept)
    assert made.data is None


def test_another_box_in_a_jpeg_stays_under_all() -> None:
    other = box(b"jumb", box(b"jumd", b"jp3d" + bytes(12) + b"\3mine\0") + box(b"cbor", CLAIM))
    made = compress(signed_jpeg(other), Settings(lossless=True, metadata="all"))

    assert made.losses == ()
    assert made.data is not None
    assert b"mine" in made.data


def signed_tiff() -> bytes:
    manifest = TiffImagePlugin.ImageFileDirectory_v2()
    manifest[52545] = MANIFEST
    manifest.tagtype[52545] = 7
    return images.tiff_bytes(PHOTO, tiffinfo=manifest)


def signed_gif() -> bytes:
    data = images.gif_bytes(images.palette(90, 60))
    behind_table = 13 + (3 << ((data[10] & 7) + 1))
    extension = b"\x21\xff\x0bC2PA_GIF\1\0\0" + bytes((len(MANIFEST),)) + MANIFEST + b"\0"
    return data[:behind_table] + extension + data[behind_table:]


@pytest.mark.parametrize("target", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("signed", [signed_tiff, signed_gif])
def test_t28_the_seal_of_a_tiff_or_gif_is_named_where_it_goes(signed: Callable[[], bytes], target: str) -> None:
    data = signed()
    assert b"c2pa" in data

    made = compress(data, Settings(target))

    assert made.data is not None
    assert "credentials" in made.losses
    assert b"c2pa" not in made.data
