from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import images
from plume_app.domain.image.finders.exif import orientation_of
from plume_app.domain.image.header import Header, header_of
from plume_app.domain.image.traits import ALL_TRAITS, Traits, find_traits
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

W, H = 40, 30
SHORT, LONG = 3, 4


def traits(data: bytes) -> Traits:
    return find_traits(data, header_of(data))


def tiff_pages(*pages: dict[int, int], endian: str = "<") -> bytes:
    """A TIFF of pages with SHORT fields; only what says what a page is."""
    data = (b"II*\0" if endian == "<" else b"MM\0*") + struct.pack(endian + "I", 8)
    for number, page in enumerate(pages):
        data += struct.pack(endian + "H", len(page))
        for tag, value in sorted(page.items()):
            data += struct.pack(endian + "HHIHH", tag, SHORT, 1, value, 0)
        data += struct.pack(endian + "I", len(data) + 4 if number + 1 < len(pages) else 0)
    return data


def bmp_bytes(alpha_mask: int) -> bytes:
    """A BMP whose fourth channel has a mask, which Pillow does not write."""
    info = struct.pack("<IiiHHI", 56, W, H, 1, 32, 3).ljust(40, b"\0")
    info += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask)
    return b"BM" + struct.pack("<IHHI", 70 + 4 * W * H, 0, 0, 70) + info + bytes(4 * W * H)


PAGE = {256: W, 257: H, 258: 8, 262: 2, 277: 3}


def with_cicp(transfer: int) -> bytes:
    """A PNG that states BT.2020 primaries and a transfer function by its number in ITU-T H.273."""
    plain = images.png_bytes(images.gradient(W, H))
    body = b"cICP" + bytes((9, transfer, 0, 1))
    return plain[:33] + struct.pack(">I", 4) + body + struct.pack(">I", zlib.crc32(body)) + plain[33:]


def signed_jpeg(kind: bytes) -> bytes:
    """A JPEG with the head of a box in APP11 whose type is `kind`."""
    plain = images.jpeg_bytes(images.photo(W, H))
    body = b"JP\0\1\0\0\0\1\0\0\0\x2djumb\0\0\0\x25jumd" + kind + bytes(12) + b"\3label\0"
    return plain[:2] + b"\xff\xeb" + struct.pack(">H", 2 + len(body)) + body + plain[2:]


DRAWN: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "png": (lambda: images.png_bytes(images.photo(W, H)), set()),
    "png alpha": (lambda: images.png_bytes(images.photo(W, H, mode="RGBA")), {"alpha"}),
    "png grey alpha": (lambda: images.png_bytes(images.photo(W, H, mode="LA")), {"alpha"}),
    "png see-through palette": (lambda: images.png_bytes(images.palette(W, H, transparent=True)), {"alpha"}),
    "png 16 bits": (lambda: images.png16_bytes(W, H), {"bit_depth"}),
    "png 16 bits alpha": (lambda: images.png16_bytes(W, H, channels=2), {"bit_depth", "alpha"}),
    "apng": (lambda: images.apng_bytes(images.frames(3, W, H)), {"alpha", "animation"}),
    "png in HDR (PQ)": (lambda: with_cicp(16), {"hdr"}),
    "png in HDR (HLG)": (lambda: with_cicp(18), {"hdr"}),
    "png in Display P3": (lambda: with_cicp(13), set()),
    "apng with another still": (
        lambda: images.apng_bytes(images.frames(2, W, H), default_image=True),
        {"alpha", "animation"},
    ),
    "jpeg": (lambda: images.jpeg_bytes(images.photo(W, H)), set()),
    "jpeg grey": (lambda: images.jpeg_bytes(images.photo(W, H, mode="L")), set()),
    "jpeg signed": (lambda: signed_jpeg(b"c2pa"), {"credentials"}),
    "jpeg with another box": (lambda: signed_jpeg(b"jp3d"), set()),
    "jpeg cmyk": (lambda: images.cmyk_jpeg_bytes(W, H), {"cmyk"}),
    "webp": (lambda: images.webp_bytes(images.photo(W, H)), set()),
    "webp alpha": (lambda: images.webp_bytes(images.noise(W, H, "RGBA")), {"alpha"}),
    "webp lossless": (lambda: images.webp_bytes(images.photo(W, H), lossless=True), set()),
    "webp lossless alpha": (lambda: images.webp_bytes(images.noise(W, H, "RGBA"), lossless=True), {"alpha"}),
    "webp animated": (
        lambda: images.animated_webp_bytes(images.frames(3, W, H)),
        {"alpha", "animation"},
    ),
    "gif": (lambda: images.gif_bytes(images.photo(W, H).convert("P")), set()),
    "gif animated": (lambda: images.gif_bytes(images.frames(3, W, H, "RGB")), {"animation"}),
    "gif see-through": (
        lambda: images.saved(images.palette(W, H, transparent=True), "GIF", transparency=0),
        {"alpha"},
    ),
    "tiff": (lambda: images.tiff_bytes(images.photo(W, H)), set()),
    "tiff alpha": (lambda: images.tiff_bytes(images.photo(W, H, mode="RGBA")), {"alpha"}),
    "tiff 16 bits": (lambda: images.tiff16_bytes(W, H), {"bit_depth"}),
    "tiff cmyk": (lambda: images.tiff_bytes(images.photo(W, H).convert("CMYK")), {"cmyk"}),
    "tiff of two pages": (
        lambda: images.saved(images.photo(W, H), "TIFF", save_all=True, append_images=[images.photo(W, H, seed=2)]),
        {"embedded_pictures"},
    ),
    "tiff with a small copy": (lambda: tiff_pages(PAGE, PAGE | {254: 1}), set()),
    "tiff with pages below": (lambda: tiff_pages(PAGE | {330: 8}), {"embedded_pictures"}),
    "bmp": (lambda: images.bmp_bytes(images.photo(W, H)), set()),
    "bmp of 32 bits": (lambda: images.bmp_bytes(images.photo(W, H, mode="RGBA")), set()),
    "bmp alpha": (lambda: bmp_bytes(alpha_mask=0xFF000000), {"alpha"}),
}


@pytest.mark.parametrize("name", DRAWN)
def test_t21_t23_t25_t27_a_picture_has_the_traits_that_were_drawn(name: str) -> None:
    draw, expected = DRAWN[name]
    found = traits(draw())
    assert found.names == expected
    assert found.bits == (16 if "bit_depth" in expected else 8)
    assert found.private == ()


def test_all_traits_occur_somewhere_in_the_tests() -> None:
    drawn = set[str]().union(*(names for _, names in DRAWN.values()))
    assert drawn | {"gain_map", "motion_photo"} == set(ALL_TRAITS)


@pytest.mark.parametrize(
    "data",
    [
        images.apng_bytes(images.frames(5, W, H)),
        images.animated_webp_bytes(images.frames(5, W, H)),
        images.gif_bytes(images.frames(5, W, H, "RGB")),
    ],
    ids=["apng", "webp", "gif"],
)
def test_t25_the_frames_of_an_animation_are_counted(data: bytes) -> None:
    assert traits(data).frames == 5


def test_frames_that_a_header_left_open_are_counted() -> None:
    data = images.gif_bytes(images.frames(4, W, H, "RGB"))
    found = find_traits(data, Header("gif", W, H, frames=None))
    assert found.frames == 4
    assert "animation" in found.names


def test_an_animation_chunk_behind_the_pixels_means_nothing() -> None:
    ihdr = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = images.png_of_chunks((b"IHDR", ihdr), (b"IDAT", b"x"), (b"acTL", struct.pack(">II", 3, 0)), (b"IEND", b""))
    assert traits(data).names == frozenset()


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
@pytest.mark.parametrize("write", [images.jpeg_bytes, images.png_bytes, images.webp_bytes])
def test_t20_the_orientation_of_a_picture_is_found(write: Callable[..., bytes], orientation: int) -> None:
    data = write(images.photo(W, H), exif=images.exif_bytes(orientation))
    assert traits(data).orientation == orientation


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_the_orientation_of_a_tiff_is_found(orientation: int, endian: str) -> None:
    assert traits(tiff_pages(PAGE | {274: orientation}, endian=endian)).orientation == orientation


def exif(endian: str, value: int, kind: int = SHORT, tag: int = 0x0112, count: int = 1) -> bytes:
    mark = b"II*\0" if endian == "<" else b"MM\0*"
    held = struct.pack(endian + ("H" if kind == SHORT else "I"), value).ljust(4, b"\0")
    return mark + struct.pack(endian + "IHHHI", 8, count, tag, kind, 1) + held


@pytest.mark.parametrize("endian", ["<", ">"])
def test_an_exif_block_tells_its_orientation_with_and_without_prefix(endian: str) -> None:
    for kind in (SHORT, LONG):
        assert orientation_of(exif(endian, 6, kind)) == 6
        assert orientation_of(b"Exif\0\0" + exif(endian, 6, kind)) == 6


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"II*\0",
        exif("<", 0),
        exif("<", 9),
        exif("<", 6, kind=7),
        exif("<", 6, tag=0x0111),
        exif("<", 6, count=65_535)[:15],
        b"II*\0\xff\xff\xff\xff",
        b"PK*\0" + exif("<", 6)[4:],
    ],
)
def test_a_broken_exif_block_means_upright(block: bytes) -> None:
    assert orientation_of(block) == 1


@pytest.mark.parametrize(
    ("factors", "expected"),
    [
        ((0x11, 0x11, 0x11), "4:4:4"),
        ((0x22, 0x22, 0x22), "4:4:4"),
        ((0x21, 0x11, 0x11), "4:2:2"),
        ((0x22, 0x11, 0x11), "4:2:0"),
        ((0x12, 0x11, 0x11), "4:4:0"),
        ((0x41, 0x11, 0x11), "4:1:1"),
        ((0x42, 0x11, 0x11), "4:1:0"),
        ((0x22, 0x12, 0x12), "4:2:2"),
        ((0x22, 0x21, 0x11), "4:2:0"),
        ((0x31, 0x11, 0x11), None),
        ((0x11, 0x21, 0x11), None),
        ((0x00, 0x00, 0x00), None),
    ],
)
def test_t32_the_chroma_subsampling_has_its_usual_name(factors: tuple[int, int, int], expected: str | None) -> None:
    data = bytearray(images.jpeg_bytes(images.photo(W, H)))
    at = data.index(b"\xff\xc0") + 10
    data[at + 1], data[at + 4], data[at + 7] = factors
    assert traits(bytes(data)).chroma_subsampling == expected


def test_a_grey_jpeg_has_no_chroma_subsampling() -> None:
    assert traits(images.jpeg_bytes(images.photo(W, H, mode="L"))).chroma_subsampling is None


@pytest.mark.parametrize("name", [name for name in DRAWN if name.split()[0] in ("png", "apng", "gif", "tiff", "bmp")])
def test_a_format_without_loss_has_no_quality(name: str) -> None:
    assert traits(DRAWN[name][0]()).source_quality is None


def test_a_format_of_a_package_has_the_traits_of_its_header() -> None:
    found = find_traits(b"TOY", Header("toy", 3, 2, channels=4, bits=16, frames=2))
    assert found.names == {"alpha", "bit_depth", "animation"}
    assert found.frames == 2


SAMPLES = [draw() for draw, _ in DRAWN.values()]


@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=8),
    st.integers(0, 100),
    st.binary(max_size=40),
)
def test_t35_damaged_files_have_traits_or_a_known_failure(
    data: bytes, changes: list[tuple[int, int]], percent: int, trailer: bytes
) -> None:
    damaged = bytearray(data + trailer)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    _has_sane_traits(bytes(damaged))
    _has_sane_traits(images.truncated(bytes(damaged), percent))


@given(st.sampled_from(["png", "jpeg", "webp", "gif", "tiff", "bmp"]), st.binary(max_size=400))
def test_t35_random_bytes_under_any_header_have_traits_or_a_known_failure(name: str, data: bytes) -> None:
    signature = {"tiff": b"II*\0\x08\0\0\0", "jpeg": b"\xff\xd8"}.get(name, b"")
    try:
        find_traits(signature + data, Header(name, 8, 8))
    except CorruptImage:
        return


def _has_sane_traits(data: bytes) -> None:
    try:
        found = traits(data)
    except (CorruptImage, UnsupportedFormat):
        return
    assert found.names <= set(ALL_TRAITS)
    assert 1 <= found.orientation <= 8
    assert found.source_quality is None or 1 <= found.source_quality <= 100
    assert found.frames >= 1


@pytest.mark.corpus
def test_t35_every_real_file_has_traits_or_a_known_failure(corpus: Path) -> None:
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        _has_sane_traits(path.read_bytes())


@pytest.mark.corpus
def test_t20_real_photographs_have_the_orientation_of_their_name(corpus: Path) -> None:
    for path in sorted((corpus / "orientation").glob("*_[1-8].jpg")):
        assert traits(path.read_bytes()).orientation == int(path.stem[-1]), path
