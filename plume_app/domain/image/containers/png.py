"""PNG: metadata lives in chunks.

A chunk that Plume does not know and that is no metadata (critical, or of an animation) is structure and
stays in its place.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from plume_app.domain.image.containers import Density, Metadata, Part, png_text, tiff
from plume_app.domain.shared.errors import CorruptImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR = ("cICP", "mDCV", "cLLI", "gAMA", "cHRM", "sRGB")
OF_SAMPLES = ("sBIT", "bKGD")  # they count the channels of the picture they stand in
TEXT = ("tEXt", "zTXt", "iTXt")
STRUCTURE = ("tRNS", "hIST", "acTL", "fcTL", "fdAT", "npTc", "npOl", "npLb")  # np..: how an Android 9-patch stretches
MAX_ICC_BYTES = 16_000_000  # inflated; the largest real profiles (device links) hold some MB

_AFTER_IHDR = 33
_SBIT_CHANNELS = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
_BKGD_BYTES = {0: 2, 2: 6, 4: 2, 6: 6}  # a palette's background is an index into that palette alone

Chunk = tuple[str, int, int]
"""A name, and where its data begin and end."""


def chunks(data: bytes) -> tuple[list[Chunk], int]:
    """Every chunk up to IEND, and where the file ends by its own word.

    Raises CorruptImage where a chunk is cut off.
    """
    if data[:8] != SIGNATURE:
        raise CorruptImage(problem="no PNG signature")
    found: list[Chunk] = []
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8].decode("latin-1")
        if at + 12 + size > len(data):
            break
        found.append((name, at + 8, at + 8 + size))
        at += 12 + size
        if name == "IEND":
            if found[0][0] != "IHDR" or found[0][2] - found[0][1] != 13:
                break
            return found, at
    raise CorruptImage(problem="PNG ends early")


def read(data: bytes) -> Metadata:
    """What the PNG says beside its pixels. Raises CorruptImage where a chunk is cut off."""
    exif = icc = None
    density: Density | None = None
    colour: list[Part] = []
    others: list[Part] = []
    texts = png_text.Collector()
    for name, start, end in chunks(data)[0]:
        if not _is_metadata(name):
            continue
        payload = data[start:end]
        if name in TEXT:
            if not texts.add(name, payload):
                others.append(Part("png", name, payload))  # not to be vouched for, but there
        elif name == "eXIf" and exif is None:
            exif = payload.removeprefix(b"Exif\0\0")
        elif name == "iCCP":
            icc = icc or png_text.inflate(payload.partition(b"\0")[2][1:], MAX_ICC_BYTES)
        elif name == "pHYs" and len(payload) == 9:
            x, y = int.from_bytes(payload[:4], "big"), int.from_bytes(payload[4:8], "big")
            if x and y and (payload[8] == 1 or x != y):
                density = Density(float(x), float(y), "metre" if payload[8] == 1 else "")
        elif name in COLOUR or name in OF_SAMPLES:
            colour.append(Part("png", name, payload))
        else:
            others.append(Part("png", name, payload))
    raw = texts.profiles
    for kind, known in (("exif", exif), ("xmp", texts.xmp), ("icc", icc)):
        if known and kind in texts.chunks:  # said twice: the chunk of its own counts
            others.append(Part("png", *texts.chunks[kind]))
    return Metadata(
        exif=exif or _never_turning(raw.get("exif")),
        xmp=texts.xmp or raw.get("xmp"),
        iptc=raw.get("iptc"),
        icc=icc or raw.get("icc"),
        texts=tuple(texts.texts),
        density=density,
        colour=tuple(colour),
        others=tuple(others),
    )


def _never_turning(exif: bytes | None) -> bytes | None:
    """EXIF from a text turns no picture in a browser; in a chunk of its own it would."""
    found = tiff.structure(exif) if exif else None
    entry = found.find("0", tiff.ORIENTATION) if found else None
    return tiff.with_numbers(exif, [(entry, 1)], found.order) if exif and found and entry else exif


def write(data: bytes, metadata: Metadata) -> bytes:
    """`data` with this metadata and no other; picture, palette and animation stay. What follows IEND goes.

    Raises CorruptImage where a chunk is cut off.
    """
    found, end_of_file = chunks(data)
    bits, colour_type = data[24], data[25]
    own = {name: data[start:end] for name, start, end in found if name in OF_SAMPLES}
    before, after_palette = _early(metadata), _samples(metadata, bits, colour_type, own)
    out: list[bytes | memoryview] = [data[:_AFTER_IHDR], *before]
    is_placed = False
    copied = _AFTER_IHDR
    view = memoryview(data)
    for name, start, end in found[1:]:
        if name in ("IDAT", "tRNS", "hIST") and not is_placed:
            out += [view[copied : start - 8], *after_palette]  # after PLTE, before tRNS and the pixels
            copied, is_placed = start - 8, True
        if _is_metadata(name):
            out.append(view[copied : start - 8])
            copied = end + 4
    return b"".join((*out, view[copied:end_of_file]))


def _is_metadata(name: str) -> bool:
    """Everything ancillary (small first letter) that is neither animation nor transparency."""
    return name[:1].islower() and name not in STRUCTURE


def chunk(name: str, payload: bytes) -> bytes:
    """One chunk with its length and checksum."""
    body = name.encode("latin-1") + payload
    return len(payload).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def _early(metadata: Metadata) -> Iterator[bytes]:
    """What stands between IHDR and PLTE: colour first, as decoders that stream need it."""
    for part in metadata.colour:
        if part.kind in COLOUR and not (metadata.icc and part.kind == "sRGB"):  # iCCP and sRGB exclude each other
            yield chunk(part.kind, part.data)
    if metadata.icc:
        yield chunk("iCCP", b"icc\0\0" + zlib.compress(metadata.icc, 9))
    density = metadata.density.per("metre") if metadata.density and metadata.density.unit else metadata.density
    if density is not None:
        sizes = b"".join(min(max(1, round(value)), 0x7FFFFFFF).to_bytes(4, "big") for value in (density.x, density.y))
        yield chunk("pHYs", sizes + (b"\1" if density.unit else b"\0"))
    if metadata.exif:
        yield chunk("eXIf", metadata.exif)
    yield from (chunk(name, payload) for name, payload in png_text.text_chunks(metadata))
    for part in metadata.others:
        if part.format == "png":
            yield chunk(part.kind, part.data)


def _samples(metadata: Metadata, bits: int, colour_type: int, own: dict[str, bytes]) -> list[bytes]:
    """sBIT and bKGD: the picture's own, and otherwise where they fit its samples."""
    made = []
    for part in metadata.colour:
        fits = own.get(part.kind) == part.data
        if part.kind == "sBIT":
            depth = 8 if colour_type == 3 else bits
            fits |= len(part.data) == _SBIT_CHANNELS.get(colour_type) and all(0 < b <= depth for b in part.data)
        elif part.kind == "bKGD":
            fits |= len(part.data) == _BKGD_BYTES.get(colour_type)
        if fits:
            made.append(chunk(part.kind, part.data))
    return made
