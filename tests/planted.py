"""Files with known secrets in every place that metadata can have, drawn for the tests of metadata.

`exif_block`, `xmp_packet`, `iptc_records` build the blocks by hand; `planted(picture, format)` puts all of them
into a JPEG, PNG or WebP by Pillow, never by Plume. `everything_readable` is what a byte search has to search: the
file and all that is packed in it.
"""

from __future__ import annotations

import io
import re
import struct
import zlib

from PIL import Image, PngImagePlugin

import images

SERIAL, LENS_SERIAL = "SERIAL-4711-0815", "LENS-0815-4711"
MAKER_NOTE = b"MAKERNOTE-WITH-SECRETS-" + bytes(range(64, 96))
CITY, PLACE = "Secretville", "Hidden Lane 5"
LATITUDE_S = 29_977  # thousandths of a second: four bytes that no compressor makes by chance beside the next four
COPYRIGHT, ARTIST, CAPTION = "(c) 2024 Ada Example", "Ada Example", "A boat by the lake"
KEYWORD = "regatta"
ICC = images.icc_bytes()  # once: a profile carries the second of its birth
PRIVATE_BYTES = (
    SERIAL.encode(), LENS_SERIAL.encode(), MAKER_NOTE, CITY.encode(), PLACE.encode(), b"THUMBNAIL-SECRET",
    struct.pack(">II", LATITUDE_S, 1000), struct.pack("<II", LATITUDE_S, 1000), b"48,51.49961667N",
)  # fmt: skip


def _directory(entries: dict[int, tuple[int, int, bytes]], at: int, follow: int = 0) -> bytes:
    """A big-endian TIFF directory that stands at `at`, its long values behind it."""
    heap_at, rows, heap = at + 2 + 12 * len(entries) + 4, b"", b""
    for tag in sorted(entries):
        kind, count, raw = entries[tag]
        if len(raw) > 4:
            field, heap = struct.pack(">I", heap_at + len(heap)), heap + raw + b"\0" * (len(raw) % 2)
        else:
            field = raw.ljust(4, b"\0")
        rows += struct.pack(">HHI", tag, kind, count) + field
    return struct.pack(">H", len(entries)) + rows + struct.pack(">I", follow) + heap


def _ascii(text: str) -> tuple[int, int, bytes]:
    return 2, len(text) + 1, text.encode() + b"\0"


def _ratios(*values: tuple[int, int]) -> tuple[int, int, bytes]:
    return 5, len(values), b"".join(struct.pack(">II", *value) for value in values)


def thumbnail() -> bytes:
    """A JPEG that says so in a comment."""
    return images.jpeg_bytes(images.gradient(16, 12), quality=40, comment=b"THUMBNAIL-SECRET")


def exif_block(orientation: int = 1, width: int = 48, height: int = 32, *, private: bool = True) -> bytes:
    """A TIFF structure with a position, serial numbers, a maker note and a thumbnail, or without."""
    main = {
        0x010E: _ascii(CAPTION), 0x010F: _ascii("Examplar"), 0x0110: _ascii("Model 5"),
        0x0132: _ascii("2024:05:06 07:08:09"),
        0x0112: (3, 1, struct.pack(">H", orientation)), 0x011A: _ratios((240, 1)), 0x011B: _ratios((240, 1)),
        0x0128: (3, 1, b"\0\2"), 0x013B: _ascii(ARTIST), 0x8298: _ascii(COPYRIGHT),
    }  # fmt: skip
    photo = {
        0x9003: _ascii("2024:05:06 07:08:09"), 0xA002: (4, 1, struct.pack(">I", width)),
        0xA003: (4, 1, struct.pack(">I", height)), 0xA434: _ascii("Lens 50mm"),
    }  # fmt: skip
    place = {}
    if private:
        photo |= {0x927C: (7, len(MAKER_NOTE), MAKER_NOTE), 0xA431: _ascii(SERIAL), 0xA435: _ascii(LENS_SERIAL)}
        place = {
            0: (1, 4, b"\2\3\0\0"), 1: _ascii("N"), 2: _ratios((48, 1), (51, 1), (LATITUDE_S, 1000)),
            3: _ascii("E"), 4: _ratios((2, 1), (17, 1), (40_223, 1000)),
        }  # fmt: skip
        main[0x8825] = (4, 1, b"\0" * 4)
    main[0x8769] = (4, 1, b"\0" * 4)
    photo_at = 8 + len(_directory(main, 8))
    place_at = photo_at + len(_directory(photo, photo_at))
    next_at = place_at + (len(_directory(place, place_at)) if place else 0)
    main[0x8769] = (4, 1, struct.pack(">I", photo_at))
    if private:
        main[0x8825] = (4, 1, struct.pack(">I", place_at))
    found = b"MM\0*\0\0\0\x08" + _directory(main, 8, next_at if private else 0) + _directory(photo, photo_at)
    if not private:
        return found
    small = thumbnail()
    second = {0x0103: (3, 1, b"\0\6"), 0x0201: (4, 1, b"\0" * 4), 0x0202: (4, 1, struct.pack(">I", len(small)))}
    second[0x0201] = (4, 1, struct.pack(">I", next_at + len(_directory(second, next_at))))
    return found + _directory(place, place_at) + _directory(second, next_at) + small


def xmp_packet(orientation: int = 1, *, private: bool = True) -> bytes:
    """An XMP packet with a position, places, serial numbers and a thumbnail, or without."""
    secret_attributes = (
        f' exif:GPSLatitude="48,51.49961667N" exif:GPSLongitude="2,17.67038333E" aux:SerialNumber="{SERIAL}"'
        f' exifEX:LensSerialNumber="{LENS_SERIAL}" photoshop:City="{CITY}" Iptc4xmpCore:Location="{PLACE}"'
    )
    secret_elements = (
        "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><xmpGImg:format>JPEG</xmpGImg:format>"
        "<xmpGImg:image>THUMBNAIL-SECRET</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>"
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        f"<Iptc4xmpExt:City>{CITY}</Iptc4xmpExt:City></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>"
        "<own:Kit rdf:parseType='Resource'>"
        f"<own:SerialNumber>{SERIAL}</own:SerialNumber><own:Bag>brown</own:Bag></own:Kit>"
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
        ' xmlns:exifEX="http://cipa.jp/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:xmpGImg="http://ns.adobe.com/xap/1.0/g/img/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        ' xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:own="https://example.org/own/"'
        f' tiff:Orientation="{orientation}" xmp:Rating="4" own:Mood="calm"{secret_attributes if private else ""}>'
        f'<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{COPYRIGHT}</rdf:li></rdf:Alt></dc:rights>'
        f"{secret_elements if private else ''}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    ).encode()


def iptc_records(*, private: bool = True) -> bytes:
    """IPTC data sets with a city and a place, or without."""
    sets = [(1, 90, b"\x1b%G"), (2, 25, KEYWORD.encode()), (2, 80, ARTIST.encode())]
    sets += [(2, 116, COPYRIGHT.encode()), (2, 120, CAPTION.encode())]
    if private:
        sets += [(2, 90, CITY.encode()), (2, 92, PLACE.encode())]
    return b"".join(struct.pack(">BBBH", 0x1C, *number, len(text)) + text for *number, text in sorted(sets))


def app13(iptc: bytes) -> bytes:
    """A JPEG segment of Photoshop resources around IPTC."""
    body = b"Photoshop 3.0\0" + resource(0x0404, iptc)
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body


def resource(number: int, data: bytes) -> bytes:
    """One Photoshop resource."""
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def raw_profile(name: str, data: bytes) -> str:
    """The hexadecimal text in which ImageMagick keeps profiles in a PNG."""
    digits = data.hex()
    lines = "\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return f"\n{name}\n{len(data):8}\n{lines}\n"


def planted(picture: Image.Image, image_format: str, orientation: int = 1, *, private: bool = True) -> bytes:
    """The upright `picture` as a file that stores it with this orientation and carries every block."""
    stored = images.turned(picture, orientation)
    exif = exif_block(orientation, *stored.size, private=private)
    xmp, iptc, icc = xmp_packet(orientation, private=private), iptc_records(private=private), ICC
    if image_format == "jpeg":
        data = images.jpeg_bytes(stored, quality=97, exif=b"Exif\0\0" + exif, xmp=xmp, icc_profile=icc, dpi=(240, 240))
        return data[:2] + app13(iptc) + data[2:]
    if image_format == "webp":
        return images.webp_bytes(stored, quality=98, exif=exif, xmp=xmp, icc_profile=icc)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    info.add_text("Raw profile type iptc", raw_profile("iptc", resource(0x0404, iptc)), zip=True)
    return images.png_bytes(stored, exif=exif, pnginfo=info, icc_profile=icc, dpi=(240, 240))


def everything_readable(data: bytes) -> bytes:
    """The file, its inflated PNG chunks, and the bytes behind hexadecimal profiles."""
    found = [data]
    at = 8 if data.startswith(b"\x89PNG") else len(data)
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] != b"IDAT":
            for start in range(at + 8, at + 8 + min(size, 200)):
                packed = zlib.decompressobj()
                try:
                    found.append(packed.decompress(data[start : at + 8 + size]))
                except zlib.error:
                    continue
        at += 12 + size
    digits = [re.sub(rb"\s", b"", text) for text in re.findall(rb"[0-9a-fA-F\s]{64,}", b"\n".join(found))]
    found += [bytes.fromhex(text[: len(text) // 2 * 2].decode()) for text in digits]
    return b"\n".join(found)


def opened(data: bytes) -> Image.Image:
    """The picture, by Pillow."""
    return Image.open(io.BytesIO(data))
