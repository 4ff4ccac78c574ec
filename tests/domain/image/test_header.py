from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import images
from plume_app.domain.compression.codecs import Codec, all_codecs
from plume_app.domain.image.header import HEAD_BYTES, MAX_LOOK_BYTES, Header, header_of, read_header
from plume_app.domain.image.headers.look import MAX_READS
from plume_app.domain.shared.errors import CorruptImage, PlumeError, UnsupportedFormat

W, H = 37, 23


def segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + struct.pack(">H", len(body) + 2) + body


def frame_header(code: int = 0xC0, bits: int = 8, width: int = W, height: int = H, channels: int = 3) -> bytes:
    parts = b"".join(bytes((number, 0x11, 0)) for number in range(1, channels + 1))
    return segment(code, struct.pack(">BHHB", bits, height, width, channels) + parts)


def tiff_bytes(endian: str, pages: int = 1, big: bool = False, **fields: int) -> bytes:
    """Pages of one SHORT field each, with nothing behind them."""
    tags = {"width": 256, "height": 257, "bits": 258, "photometric": 262, "channels": 277, "dng": 50706}
    tags |= {"sample_format": 339}
    named = {tags[name]: value for name, value in ({"width": W, "height": H} | fields).items()}
    word, count, entry = ("Q", "Q", "HHQ") if big else ("I", "H", "HHI")
    mark = b"II" if endian == "<" else b"MM"
    head = mark + (struct.pack(f"{endian}HHH", 43, 8, 0) if big else struct.pack(f"{endian}H", 42))
    data = head + struct.pack(endian + word, len(head) + struct.calcsize(endian + word))
    for page in range(pages):
        data += struct.pack(endian + count, len(named))
        for tag, value in sorted(named.items()):
            held = struct.pack(f"{endian}H", value).ljust(struct.calcsize(endian + word), b"\0")
            data += struct.pack(endian + entry, tag, 3, 1) + held
        behind = len(data) + struct.calcsize(endian + word)
        data += struct.pack(endian + word, behind if page + 1 < pages else 0)
    return data


def bmp_bytes(length: int, depth: int = 24, height: int = H, compression: int = 0, alpha_mask: int = 0) -> bytes:
    if length == 12:
        info = struct.pack("<IHHHH", 12, W, height, 1, depth)
    else:
        info = struct.pack("<IiiHHI", length, W, height, 1, depth, compression).ljust(40, b"\0")[:length]
        info += struct.pack("<IIII", 0xFF0000, 0xFF00, 0xFF, alpha_mask)[: 16 if length == 40 else max(0, length - 40)]
        info = info.ljust(length, b"\0")
    return b"BM" + bytes(12) + info + bytes(64)


DRAWN: dict[str, tuple[Callable[[], bytes], Header]] = {
    "png": (lambda: images.png_bytes(images.photo(W, H)), Header("png", W, H)),
    "png grey": (lambda: images.png_bytes(images.photo(W, H, mode="L")), Header("png", W, H, channels=1)),
    "png one bit": (lambda: images.png_bytes(images.text(W, H).convert("1")), Header("png", W, H, channels=1, bits=1)),
    "png alpha": (lambda: images.png_bytes(images.photo(W, H, mode="RGBA")), Header("png", W, H, channels=4)),
    "png palette": (lambda: images.png_bytes(images.palette(W, H)), Header("png", W, H)),
    "png see-through palette": (
        lambda: images.png_bytes(images.palette(W, H, transparent=True)),
        Header("png", W, H, channels=4),
    ),
    "png 16 bits": (lambda: images.png16_bytes(W, H, channels=4), Header("png", W, H, channels=4, bits=16)),
    "apng": (lambda: images.apng_bytes(images.frames(3, W, H)), Header("png", W, H, channels=4, frames=3)),
    "jpeg": (lambda: images.jpeg_bytes(images.photo(W, H)), Header("jpeg", W, H)),
    "jpeg progressive": (
        lambda: images.jpeg_bytes(images.photo(W, H), subsampling="4:2:0", progressive=True),
        Header("jpeg", W, H),
    ),
    "jpeg grey": (
        lambda: images.jpeg_bytes(images.photo(W, H, mode="L")),
        Header("jpeg", W, H, channels=1),
    ),
    "jpeg cmyk": (lambda: images.cmyk_jpeg_bytes(W, H), Header("jpeg", W, H, channels=4)),
    "webp lossy": (lambda: images.webp_bytes(images.photo(W, H)), Header("webp", W, H)),
    "webp lossless": (lambda: images.webp_bytes(images.photo(W, H), lossless=True), Header("webp", W, H)),
    "webp lossless alpha": (
        lambda: images.webp_bytes(images.noise(W, H, "RGBA"), lossless=True),
        Header("webp", W, H, channels=4),
    ),
    "webp lossy alpha": (lambda: images.webp_bytes(images.noise(W, H, "RGBA")), Header("webp", W, H, channels=4)),
    "webp extended": (
        lambda: images.webp_bytes(images.photo(W, H), icc_profile=images.icc_bytes()),
        Header("webp", W, H),
    ),
    "webp animated": (
        lambda: images.animated_webp_bytes(images.frames(4, W, H, "RGB")),
        Header("webp", W, H, channels=4, frames=4),
    ),
    "gif": (lambda: images.gif_bytes(images.photo(W, H).convert("P")), Header("gif", W, H)),
    "gif see-through": (
        lambda: images.saved(images.palette(W, H, transparent=True), "GIF", transparency=0),
        Header("gif", W, H, channels=4),
    ),
    "tiff": (lambda: images.tiff_bytes(images.photo(W, H)), Header("tiff", W, H)),
    "tiff 16 bits": (lambda: images.tiff16_bytes(W, H, channels=4), Header("tiff", W, H, channels=4, bits=16)),
    "tiff palette": (
        lambda: images.tiff_bytes(images.palette(W, H), compression="raw"),
        Header("tiff", W, H),
    ),
    "tiff big": (
        lambda: images.tiff_bytes(images.photo(W, H), compression="raw", big_tiff=True),
        Header("tiff", W, H),
    ),
    "bmp": (lambda: images.bmp_bytes(images.photo(W, H)), Header("bmp", W, H)),
}


class Meter:
    """Gives a file out piece by piece, and counts."""

    def __init__(self, data: bytes) -> None:
        self.data, self.bytes, self.reads = data, 0, 0

    def __call__(self, offset: int, size: int) -> bytes:
        assert offset >= 0
        assert size >= 0
        given = self.data[offset : offset + size]
        self.bytes += len(given)
        self.reads += 1
        return given


def metered(data: bytes) -> Header:
    """The header of `data`, read within the budget."""
    meter = Meter(data)
    try:
        return read_header(meter, len(data))
    finally:
        assert meter.bytes <= MAX_LOOK_BYTES
        assert meter.reads <= MAX_READS


@pytest.mark.parametrize("name", DRAWN)
def test_a_header_says_what_was_drawn(name: str) -> None:
    draw, expected = DRAWN[name]
    data = draw()
    assert metered(data) == expected
    assert header_of(data) == expected


def test_an_animated_gif_has_its_frames() -> None:
    header = header_of(images.gif_bytes(images.frames(5, W, H, "RGB")))
    assert (header.width, header.height, header.frames) == (W, H, 5)


@pytest.mark.parametrize("name", DRAWN)
def test_every_beginning_of_a_file_has_a_header_or_a_known_failure(name: str) -> None:
    data = DRAWN[name][0]()
    for end in range(min(len(data), 400)):
        try:
            metered(data[:end])
        except (CorruptImage, UnsupportedFormat):
            continue


@pytest.mark.parametrize("codec", all_codecs().values(), ids=lambda codec: codec.name)
def test_a_signature_lies_in_the_head(codec: Codec) -> None:
    samples = [draw() for draw, header in DRAWN.values() if header.format == codec.name]
    for data in samples:
        assert codec.matches(data[:HEAD_BYTES])
        assert codec.matches(data)


@pytest.mark.parametrize("name", DRAWN)
def test_a_signature_is_that_of_one_codec(name: str) -> None:
    draw, header = DRAWN[name]
    head = draw()[:HEAD_BYTES]
    assert [codec.name for codec in all_codecs().values() if codec.matches(head)] == [header.format]


def test_an_empty_file_is_corrupt() -> None:
    with pytest.raises(CorruptImage, match="empty"):
        header_of(b"")


@pytest.mark.parametrize("data", [b"hello, I am text", b"\x89PN", b"BMW is no picture, it is a car", b"RIFF1234WAVE"])
def test_t33_what_only_has_the_name_of_a_picture_is_unsupported(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        header_of(data)


# PNG


def ihdr(width: int = W, height: int = H, depth: int = 8, colour_type: int = 2) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)


@pytest.mark.parametrize(
    "chunk", [ihdr(width=0), ihdr(height=0), ihdr(depth=3), ihdr(depth=16, colour_type=3), ihdr(colour_type=5)]
)
def test_a_png_header_that_cannot_be_true_is_corrupt(chunk: tuple[bytes, bytes]) -> None:
    with pytest.raises(CorruptImage):
        metered(images.png_of_chunks(chunk, (b"IEND", b"")))


def test_a_png_header_with_a_wrong_check_sum_is_corrupt() -> None:
    data = bytearray(images.png_of_chunks(ihdr(), (b"IEND", b"")))
    data[19] ^= 1
    with pytest.raises(CorruptImage, match="damaged"):
        metered(bytes(data))


def test_a_png_for_phones_of_one_maker_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        metered(images.png_of_chunks((b"CgBI", bytes(13)), ihdr(), (b"IEND", b"")))


def test_t43_a_png_cannot_claim_more_frames_than_it_has_room_for() -> None:
    data = images.png_of_chunks(ihdr(), (b"acTL", struct.pack(">II", 2**31, 0)), (b"IDAT", b""), (b"IEND", b""))
    assert metered(data).frames == 1


def test_a_png_of_countless_chunks_leaves_its_frames_open() -> None:
    data = images.png_of_chunks(ihdr(), *[(b"teSt", b"")] * (MAX_READS + 400), (b"IDAT", b""), (b"IEND", b""))
    assert metered(data).frames is None
    assert header_of(data).frames == 1


# JPEG


def test_the_size_of_a_jpeg_is_found_behind_a_megabyte_of_segments() -> None:
    data = images.jpeg_bytes(images.photo(W, H))
    stuffed = data[:2] + segment(0xE7, bytes(65_000)) * 20 + data[2:]
    assert metered(stuffed) == Header("jpeg", W, H)


def test_the_size_of_a_jpeg_is_found_behind_filler_and_stray_bytes() -> None:
    data = b"\xff\xd8" + b"\xff\xff\xff" + frame_header()[1:] + b"\xff\xda"
    assert metered(data) == Header("jpeg", W, H)
    assert metered(b"\xff\xd8\xff\xee\0\2strays\0\xff\0" + frame_header()) == Header("jpeg", W, H)


@pytest.mark.parametrize("code", [0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA])
def test_a_jpeg_that_a_decoder_knows_has_a_header(code: int) -> None:
    assert metered(b"\xff\xd8" + frame_header(code)) == Header("jpeg", W, H)


@pytest.mark.parametrize("code", [0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF])
def test_a_jpeg_of_a_process_without_decoder_is_unsupported(code: int) -> None:
    with pytest.raises(UnsupportedFormat):
        metered(b"\xff\xd8" + frame_header(code))


def test_a_jpeg_of_12_bits_is_unsupported_and_told_as_such() -> None:
    with pytest.raises(UnsupportedFormat, match="12 bits"):
        metered(b"\xff\xd8" + frame_header(bits=12))


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1MiHEheic", "HEIC"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x20ftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"8BPS\0\1", "Photoshop"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
    ],
)
def test_a_picture_of_a_format_that_is_not_read_is_told_by_its_name(head: bytes, name: str) -> None:
    with pytest.raises(UnsupportedFormat, match=name):
        metered(head.ljust(200, b"\0"))


@pytest.mark.parametrize("head", [b"hello", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", b"\0\0\0\x7fftyp"])
def test_what_is_no_picture_gets_no_name(head: bytes) -> None:
    with pytest.raises(UnsupportedFormat) as raised:
        metered(head)

    assert raised.value.facts == {}


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + frame_header(width=0),
        b"\xff\xd8" + frame_header(height=0),
        b"\xff\xd8\xff\xda\0\x08",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\0\1" + frame_header(),
        b"\xff\xd8\xff" + bytes(100_000),
        b"\xff\xd8" + segment(0xE0, b"") * 30_000,
    ],
)
def test_a_jpeg_without_a_true_frame_header_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        metered(data)


# WebP


def test_t43_a_canvas_of_a_webp_may_be_larger_than_any_picture() -> None:
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\xff" * 6
    header = metered(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
    assert (header.width, header.height) == (2**24, 2**24)


@pytest.mark.parametrize("body", [b"VP8 " + bytes(14), b"VP8L" + bytes(14), b"ICCP" + bytes(14), b"VP8X"])
def test_a_webp_that_does_not_begin_with_a_picture_is_corrupt(body: bytes) -> None:
    with pytest.raises(CorruptImage):
        metered(b"RIFF" + bytes(4) + b"WEBP" + body)


# GIF


def test_frames_of_a_gif_beyond_the_budget_are_counted_in_memory_only() -> None:
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, W, H) + b"\0\x08" + b"\1\0" * 3 + b"\0"
    data = b"GIF89a" + struct.pack("<HH", W, H) + bytes(3) + frame * 9_000 + b";"
    assert metered(data).frames is None
    assert header_of(data).frames == 9_000


def test_a_gif_whose_first_frame_leaves_the_canvas_open_has_alpha() -> None:
    frame = b"\x2c" + struct.pack("<HHHH", 1, 0, W - 1, H) + b"\0\x08\1\0\0"
    assert metered(b"GIF89a" + struct.pack("<HH", W, H) + bytes(3) + frame + b";").channels == 4


# TIFF


@pytest.mark.parametrize("endian", ["<", ">"])
@pytest.mark.parametrize("big", [False, True], ids=["classic", "big"])
def test_a_tiff_of_either_byte_order_and_size_has_its_pages(endian: str, big: bool) -> None:
    data = tiff_bytes(endian, pages=3, big=big, bits=16, photometric=1, channels=1)
    assert metered(data) == Header("tiff", W, H, channels=1, bits=16, frames=3)


def test_a_tiff_whose_pages_run_in_a_circle_ends() -> None:
    data = tiff_bytes("<", pages=2)
    circle = data[:-4] + struct.pack("<I", 8)
    assert metered(circle).frames == 2


def test_a_raw_camera_file_is_no_tiff_of_ours() -> None:
    with pytest.raises(UnsupportedFormat):
        metered(tiff_bytes("<", dng=1))
    with pytest.raises(UnsupportedFormat):
        metered(b"II*\0" + struct.pack("<I", 16) + b"CR\2\0" + bytes(4) + tiff_bytes("<")[8:])


@pytest.mark.parametrize(
    "fields",
    [{"photometric": 32803}, {"photometric": 9}, {"photometric": 8, "bits": 8}, {"sample_format": 6}],
    ids=["sensor", "ICC Lab", "Lab of 8 bits", "complex"],
)
def test_a_whole_tiff_of_colours_that_are_not_read_is_not_called_damaged(fields: dict[str, int]) -> None:
    with pytest.raises(UnsupportedFormat):
        metered(tiff_bytes("<", **fields))


@pytest.mark.parametrize("photometric", [0, 1, 2, 3, 5, 6, 32845])
def test_colours_that_are_read_pass(photometric: int) -> None:
    assert metered(tiff_bytes("<", photometric=photometric)).format == "tiff"


@pytest.mark.parametrize(
    "data", [tiff_bytes("<", width=0), b"II*\0" + struct.pack("<I", 2**31), b"II*\0\x08\0\0\0\0\0"]
)
def test_a_tiff_without_a_size_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        metered(data)


# BMP


@pytest.mark.parametrize("length", [12, 16, 40, 52, 56, 64, 108, 124])
def test_a_bmp_header_of_every_length_is_read(length: int) -> None:
    assert metered(bmp_bytes(length)) == Header("bmp", W, H)


def test_a_bmp_with_its_top_row_first_is_as_high() -> None:
    assert metered(bmp_bytes(40, height=-H)) == Header("bmp", W, H)


@pytest.mark.parametrize(("length", "compression"), [(56, 3), (108, 3), (124, 3), (40, 6)])
def test_a_bmp_with_an_alpha_mask_has_alpha(length: int, compression: int) -> None:
    data = bmp_bytes(length, depth=32, compression=compression, alpha_mask=0xFF000000)
    assert metered(data).channels == 4
    assert metered(bmp_bytes(length, depth=32, compression=compression)).channels == 3


@pytest.mark.parametrize("data", [bmp_bytes(40, height=0), bmp_bytes(40, depth=23), bmp_bytes(124)[:30]])
def test_a_bmp_header_that_cannot_be_true_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        metered(data)


# Formats of packages


def test_the_reader_of_a_package_is_asked_after_our_own() -> None:
    made = Header("toy", 3, 2)
    seen: list[int] = []

    def read(start: bytes) -> Header:
        seen.append(len(start))
        return made

    others = [(lambda head: head.startswith(b"TOY"), read), (lambda head: head.startswith(b"\x89PNG"), read)]
    toy = b"TOY" + bytes(100_000)
    meter = Meter(toy)
    assert read_header(meter, len(toy), others) == made
    assert meter.bytes <= MAX_LOOK_BYTES
    assert header_of(toy, others) == made
    assert seen == [MAX_LOOK_BYTES, MAX_LOOK_BYTES]
    assert header_of(images.png_bytes(images.photo(W, H)), others).format == "png"


# Nothing but known failures, whatever the bytes

SIGNATURES = [
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\xff\xd8\xff",
    b"RIFF\xff\xff\0\0WEBPVP8X\x0a\0\0\0\x12",
    b"GIF89a",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
    b"II+\0\x08\0\0\0",
    b"BM" + bytes(12) + b"\x28\0\0\0",
]


@given(st.sampled_from([b"", *SIGNATURES]), st.binary(max_size=300))
def test_t35_random_bytes_behind_a_signature_have_a_header_or_a_known_failure(head: bytes, rest: bytes) -> None:
    try:
        header = metered(head + rest)
    except (CorruptImage, UnsupportedFormat):
        return
    assert header.width >= 1
    assert header.height >= 1
    assert header.channels >= 1
    assert header.frames is None or header.frames >= 1


HEADS = [draw()[:600] for draw, _ in DRAWN.values()]


@given(
    st.sampled_from(HEADS),
    st.lists(st.tuples(st.integers(0, 599), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 600),
)
def test_t35_a_damaged_head_has_a_header_or_a_known_failure(
    head: bytes, changes: list[tuple[int, int]], end: int
) -> None:
    damaged = bytearray(head)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    if damaged.startswith(b"\x89PNG"):  # or nothing behind the check sum is ever reached
        damaged[29:33] = struct.pack(">I", zlib.crc32(damaged[12:29]))
    try:
        metered(bytes(damaged[:end]))
    except (CorruptImage, UnsupportedFormat):
        return


@pytest.mark.corpus
def test_t35_every_real_file_has_a_header_or_a_known_failure(corpus: Path) -> None:
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        try:
            metered(path.read_bytes())
        except PlumeError as failure:
            assert failure.code in ("corrupt_image", "unsupported_format"), path
