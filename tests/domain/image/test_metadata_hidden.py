"""What a file holds and no reader understands, or says twice: under "safe" it goes, under "all" it stays."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from PIL import TiffImagePlugin

import images
import planted
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.containers import Metadata, jpeg, png, webp
from plume_app.domain.image.metadata import apply_policy, read_metadata, select, write_metadata

PICTURE = images.photo(48, 32, seed=2)
SECRET = b"48 deg 51.5 N"
CLEAN = planted.exif_block(private=False)
HIDDEN_EXIF = CLEAN + SECRET
CUT = b"8BIM\4\4\0\0\0\0\xff\xff"  # a resource of 64 KB that is not there


def _png(*chunks: tuple[str, bytes]) -> bytes:
    data = images.png_bytes(PICTURE)
    return data[:33] + b"".join(png.chunk(name, payload) for name, payload in chunks) + data[33:]


def _webp_twice() -> bytes:
    data = webp.write(images.webp_bytes(PICTURE), Metadata(exif=CLEAN))
    data += b"EXIF" + len(HIDDEN_EXIF).to_bytes(4, "little") + HIDDEN_EXIF + bytes(len(HIDDEN_EXIF) & 1)
    return data[:4] + (len(data) - 8).to_bytes(4, "little") + data[8:]


def _jpeg(*segments: tuple[int, bytes]) -> bytes:
    data = images.jpeg_bytes(PICTURE)
    head = b"".join(struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body for marker, body in segments)
    return data[:2] + head + data[2:]


def _extended(size: int, portion: bytes) -> tuple[int, bytes]:
    return 0xE1, jpeg.EXTENDED_XMP + b"A" * 32 + struct.pack(">II", size, 0) + portion


def _raw(block: bytes) -> tuple[str, bytes]:
    return "tEXt", b"Raw profile type exif\0" + planted.raw_profile("exif", block).encode()


def _packet(packet: bytes) -> tuple[str, bytes]:
    return "iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet


RAW = b"\nexif\n      40\nnot hexadecimal: " + SECRET
HIDDEN: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a raw profile that is no hexadecimal": ("png", lambda: _png(("tEXt", b"Raw profile type exif\0" + RAW))),
    "a raw profile of an unknown kind": ("png", lambda: _png(("tEXt", b"Raw profile type maker\0" + RAW))),
    "a raw profile in small letters": ("png", lambda: _png(("tEXt", b"raw profile type EXIF\0" + RAW))),
    "a text that does not inflate": ("png", lambda: _png(("zTXt", b"Comment\0\0" + SECRET))),
    "a second EXIF chunk": ("png", lambda: _png(("eXIf", CLEAN), ("eXIf", HIDDEN_EXIF))),
    "a raw profile beside EXIF": ("png", lambda: _png(("eXIf", CLEAN), _raw(HIDDEN_EXIF))),
    "a second packet": ("png", lambda: _png(_packet(b"<a/>"), _packet(SECRET))),
    "a second EXIF in WebP": ("webp", _webp_twice),
    "a portion of a packet": ("jpeg", lambda: _jpeg(_extended(10_000, SECRET))),
    "a portion that comes twice": ("jpeg", lambda: _jpeg(_extended(4, b"<a/>"), _extended(4, SECRET))),
    "a resource that breaks off": ("jpeg", lambda: _jpeg((0xED, b"Photoshop 3.0\0" + CUT + SECRET))),
}


def _all_text(data: bytes) -> bytes:
    """The bytes, and those of every deflated or hexadecimal text in them."""
    found = planted.everything_readable(data)
    return found + b"".join(bytes.fromhex(word) for word in _hex_words(found))


def _hex_words(found: bytes) -> list[str]:
    lines = (line.strip() for line in found.decode("latin-1").split("\n"))
    return [line for line in lines if len(line) >= 16 and len(line) % 2 == 0 and set(line) <= set("0123456789abcdef")]


@pytest.mark.parametrize("name", HIDDEN)
def test_t30_what_no_reader_understands_goes_under_safe_and_none(name: str) -> None:
    image_format, make = HIDDEN[name]
    data = make()
    assert SECRET in _all_text(data)

    for policy in ("safe", "none"):
        cleaned = apply_policy(data, image_format, policy)
        assert SECRET not in _all_text(cleaned)
        assert images_equal(cleaned, data)
        assert apply_policy(cleaned, image_format, policy) == cleaned


@pytest.mark.parametrize("name", HIDDEN)
def test_what_no_reader_understands_stays_under_all(name: str) -> None:
    image_format, make = HIDDEN[name]
    data = make()

    assert apply_policy(data, image_format, "all") == data
    written = write_metadata(data, image_format, read_metadata(data, image_format))
    assert SECRET in _all_text(written)


def images_equal(first: bytes, second: bytes) -> bool:
    return planted.opened(first).tobytes() == planted.opened(second).tobytes()


def test_the_padding_of_a_packet_goes_under_safe_and_its_words_stay() -> None:
    packet = planted.xmp_packet(private=False)
    wrapped = b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' + packet + b" " * 2000 + b'\n<?xpacket end="w"?>'

    kept = select(Metadata(xmp=wrapped), "safe", upright=False).xmp

    assert kept is not None
    assert len(kept) <= len(packet) + 80
    assert planted.COPYRIGHT.encode() in kept
    assert kept.endswith(b'<?xpacket end="w"?>')
    assert select(Metadata(xmp=kept), "safe", upright=False).xmp == kept
    assert select(Metadata(xmp=wrapped), "all", upright=False).xmp == wrapped


@pytest.mark.parametrize("output_format", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("stated", [None, 1, 6])
def test_t20_an_orientation_in_xmp_alone_stays_as_its_pixels_do(stated: int | None, output_format: str) -> None:
    """EXIF decides where it speaks; what it says, 1 as well, is then done, and XMP must not turn once more."""
    exif = None if stated is None else planted.exif_block(stated, private=False)
    container = {"jpeg": images.jpeg_bytes, "png": images.png_bytes, "webp": images.webp_bytes}[output_format](PICTURE)

    kept = select(Metadata(exif=exif, xmp=planted.xmp_packet(6, private=False)), "safe", upright=True)
    written = read_metadata(write_metadata(container, output_format, kept), output_format)

    told = b"Orientation" + (b">6<" if stated is None else b">1<")
    assert told in (written.xmp or b"").replace(b'="', b">").replace(b'"', b"<")


def placed_tiff() -> bytes:
    """A TIFF that says where on earth its pixels lie, as maps and pictures from the air do; with Photoshop's layers."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for number, kind, value in (
        (33550, 12, (0.5, 0.5, 0.0)),
        (33922, 12, (0.0, 0.0, 0.0, 8.6821, 50.1109, 0.0)),
        (34735, 3, (1, 1, 0, 1, 1024, 0, 1, 2)),
        (34737, 2, "GeoSecret|"),
        (42112, 2, "<GDALMetadata>GdalSecret</GDALMetadata>"),
        (37724, 7, b"Adobe Photoshop Document Data Block\0LayerSecret"),
        (33432, 2, "somebody"),
    ):
        tags[number], tags.tagtype[number] = value, kind
    return images.tiff_bytes(PICTURE, tiffinfo=tags)


@pytest.mark.parametrize("target", ["jpeg", "png", "webp"])
def test_t30_where_the_pixels_of_a_map_lie_is_a_place(target: str) -> None:
    data = placed_tiff()
    secrets = (b"GeoSecret", b"GdalSecret", struct.pack("<d", 8.6821), struct.pack(">d", 8.6821))
    assert sum(secret in data for secret in secrets) == 3

    safe, full = (compress(data, Settings(target, metadata=policy)) for policy in ("safe", "all"))

    assert safe.data is not None
    assert full.data is not None
    assert "gps" in safe.traits.private
    assert not [secret for secret in secrets if secret in safe.data]
    assert sum(secret in full.data for secret in secrets) == 3
    assert b"somebody" in safe.data
    assert b"LayerSecret" not in safe.data + full.data
    assert compress(data, Settings()).private_data_kept


def test_t30_a_place_that_an_earlier_conversion_carried_along_goes_too() -> None:
    carried = compress(placed_tiff(), Settings("jpeg", quality=95, metadata="all")).data
    assert carried is not None

    made = compress(carried, Settings(quality=95))

    assert made.data is not None
    assert b"GdalSecret" in carried
    assert b"GdalSecret" not in made.data
