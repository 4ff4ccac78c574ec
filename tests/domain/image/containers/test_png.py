"""PNG chunks: found, replaced in an order that decoders accept, and everything else left where it was."""

from __future__ import annotations

import struct
import zlib

import pytest
from PIL import PngImagePlugin

import images
import planted
from plume_app.domain.image.containers import Density, Metadata, Part, Text, png, png_text, tiff
from plume_app.domain.image.metadata import apply_policy
from plume_app.domain.shared.errors import CorruptImage

PICTURE = images.photo(40, 24, seed=1)
PLAIN = images.png_bytes(PICTURE)
GAMMA, PRIMARIES = (
    Part("png", "gAMA", (50_000).to_bytes(4, "big")),
    Part("png", "cHRM", struct.pack(">8I", *range(1, 9))),
)


def _with(data: bytes, *chunks: tuple[str, bytes]) -> bytes:
    return data[:33] + b"".join(png.chunk(name, payload) for name, payload in chunks) + data[33:]


def _names(data: bytes) -> list[str]:
    return [name for name, _, _ in png.chunks(data)[0]]


def test_what_is_written_is_read_again() -> None:
    metadata = Metadata(
        exif=planted.exif_block(), xmp=planted.xmp_packet(), iptc=planted.iptc_records(), icc=bytes(range(256)) * 40,
        texts=(
            Text("Title", "short"), Text("Long", "x" * 5000), Text("Far", "日本"), Text("Farther", "日本" * 2000),
            Text("Labelled", "chat", "fr", "étiquette"),
        ),
        density=Density(3000.0, 2000.0, "metre"), colour=(GAMMA, PRIMARIES, Part("png", "sBIT", b"\5\6\5")),
        others=(Part("png", "tIME", b"\7\xe8\1\2\3\4\5"), Part("png", "prVt", b"own")),
    )  # fmt: skip

    assert png.read(png.write(PLAIN, metadata)) == metadata


def test_pixels_keep_every_byte_and_the_order_is_legal() -> None:
    data = images.png_bytes(images.palette(40, 24, transparent=True))
    metadata = Metadata(icc=planted.ICC, colour=(GAMMA, Part("png", "bKGD", b"\1"), Part("png", "sBIT", b"\5\6\5")))
    made = png.write(data, metadata)
    names = _names(made)

    assert b"".join(made[a:b] for n, a, b in png.chunks(made)[0] if n == "IDAT") == b"".join(
        data[a:b] for n, a, b in png.chunks(data)[0] if n == "IDAT"
    )
    assert names.index("gAMA") < names.index("iCCP") < names.index("PLTE") < names.index("sBIT") < names.index("tRNS")
    assert planted.opened(made).tobytes() == planted.opened(data).tobytes()


def test_every_written_chunk_has_its_checksum() -> None:
    made = png.write(PLAIN, Metadata(exif=planted.exif_block(), icc=planted.ICC, texts=(Text("A", "b"),)))

    for name, start, end in png.chunks(made)[0]:
        assert made[end : end + 4] == zlib.crc32(name.encode() + made[start:end]).to_bytes(4, "big"), name


def test_t26_animation_chunks_stay_where_they_are() -> None:
    data = images.apng_bytes(images.frames(3))
    made = png.write(data, Metadata(texts=(Text("A", "b"),)))
    animated = ("acTL", "fcTL", "fdAT", "IDAT")

    assert [n for n in _names(made) if n in animated] == [n for n in _names(data) if n in animated]
    assert planted.opened(made).n_frames == 3


@pytest.mark.parametrize("policy", ["safe", "none"])
def test_t19_colour_chunks_survive_every_policy(policy: str) -> None:
    hdr = (Part("png", "cICP", b"\x09\x10\0\1"), Part("png", "mDCV", bytes(24)), Part("png", "cLLI", bytes(8)))
    stated = [(part.kind, part.data) for part in (*hdr, GAMMA, PRIMARIES)]
    data = _with(PLAIN, *stated, ("tEXt", b"Thumb::URI\0/home/ada"))

    cleaned = apply_policy(data, "png", policy)

    assert png.read(cleaned).colour == (*hdr, GAMMA, PRIMARIES)
    assert b"/home/ada" not in cleaned


def test_the_background_of_a_palette_stays_with_its_own_palette() -> None:
    data = images.png_bytes(images.palette(40, 24))
    at = data.index(b"IDAT") - 4
    with_background = data[:at] + png.chunk("bKGD", b"\2") + png.chunk("tEXt", b"City\0Paris") + data[at:]

    assert "bKGD" in _names(apply_policy(with_background, "png", "safe"))
    assert "bKGD" not in _names(png.write(data, png.read(with_background)))


@pytest.mark.parametrize(
    ("kind", "data"), [("sBIT", b"\5"), ("sBIT", b"\0\1\1"), ("sBIT", b"\x09\5\5"), ("bKGD", b"\1")]
)
def test_counts_of_other_samples_are_not_put_on_a_picture(kind: str, data: bytes) -> None:
    assert kind not in _names(png.write(PLAIN, Metadata(colour=(Part("png", kind, data),))))


@pytest.mark.parametrize(("name", "block"), [("exif", b"Exif\0\0"), ("APP1", b"Exif\0\0"), ("exif", b"")])
def test_t30_exif_in_a_raw_profile_is_treated_as_exif(name: str, block: bytes) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text(f"Raw profile type {name}", planted.raw_profile(name, block + planted.exif_block(6)), zip=True)
    data = images.png_bytes(PICTURE, pnginfo=info)
    metadata = png.read(data)
    cleaned = apply_policy(data, "png", "safe")
    readable = planted.everything_readable(cleaned)

    assert metadata.exif is not None
    assert tiff.orientation(metadata.exif) == 1  # browsers never turned it, so a real eXIf chunk must not either
    assert [secret for secret in planted.PRIVATE_BYTES if secret in readable] == []
    assert planted.COPYRIGHT.encode() in readable


def test_t30_xmp_in_a_raw_profile_is_treated_as_xmp() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type xmp", planted.raw_profile("xmp", planted.xmp_packet()))
    cleaned = planted.everything_readable(apply_policy(images.png_bytes(PICTURE, pnginfo=info), "png", "safe"))

    assert [secret for secret in planted.PRIVATE_BYTES if secret in cleaned] == []
    assert planted.COPYRIGHT.encode() in cleaned


def test_a_profile_that_inflates_without_end_is_not_taken() -> None:
    bomb = zlib.compress(bytes(png.MAX_ICC_BYTES + 1), 9)

    assert png.read(_with(PLAIN, ("iCCP", b"icc\0\0" + bomb))).icc is None
    assert png_text.inflate(bomb, 1000) is None


@pytest.mark.parametrize(("policy", "stays"), [("safe", False), ("none", False), ("all", True)])
def test_t30_bytes_after_the_end_go_but_for_all(policy: str, stays: bool) -> None:
    """A screenshot that was cropped in place may keep what was cut away behind its end."""
    for data in (PLAIN, planted.planted(PICTURE, "png")):
        assert apply_policy(data + b"tail", "png", policy).endswith(b"tail") is stays


def test_a_nine_patch_stays_stretchable_and_an_unknown_chunk_goes_under_safe() -> None:
    data = _with(PLAIN, ("npTc", b"stretch"), ("prVt", b"private"), ("tEXt", b"City\0Paris"))
    names = _names(apply_policy(data, "png", "safe"))

    assert "npTc" in names
    assert "prVt" not in names


@pytest.mark.parametrize("data", [b"", PLAIN[:8], PLAIN[:-12], PLAIN[:60], PLAIN[:8] + PLAIN[33:]])
def test_t35_a_file_without_its_end_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        png.read(data)
    with pytest.raises(CorruptImage):
        png.write(data, Metadata())
