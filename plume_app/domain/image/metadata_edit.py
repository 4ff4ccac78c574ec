"""EXIF and IPTC edited by Exiv2, in memory: bytes in, bytes out.

Only workers import it for real: the library comes in with the first call, or with `preload`. XMP is in metadata_xmp.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from plume_app.domain.image.containers import Density, Metadata, exif_block, jpeg, tiff

_TINY_JPEG = b"\xff\xd8\xff\xd9"
_PREVIEWS = ("Thumbnail", "Image2", "Image3", "SubImage")


@cache
def library() -> Any:
    """Exiv2, silent and ready."""
    import exiv2

    exiv2.LogMsg.setLevel(exiv2.LogMsg.Level.mute)
    exiv2.XmpParser.initialize()
    return exiv2


def preload() -> None:
    """Load Exiv2 and have it work once, so that nothing is left to load under a sandbox."""
    edited_exif(exif_block.block({tiff.ORIENTATION: 6}) or b"", lambda _group, _tag: True)
    edited_iptc(b"\x1c\x02\x05\0\x01x", frozenset())
    iptc_as_xmp(b"\x1c\x02\x78\0\x01x")


def edited_exif(exif: bytes, keep: Callable[[str, int], bool], resolution: Density | None = None) -> bytes | None:
    """The block written anew with only the tags that `keep` (its group in Exiv2, its number) wants.

    Nothing of the old block survives that is not a kept tag. `resolution` is added. None where Exiv2
    cannot read the block or nothing is left. Exiv2 leaves out what would not fit into 64 KB.
    """
    exiv2 = library()
    try:
        image = exiv2.ImageFactory.open(exif)
        image.readMetadata()
        data = image.exifData()
        order = image.byteOrder()
    except exiv2.Exiv2Error:
        return None
    return _written_exif(exiv2, data, keep, order, resolution)


def _written_exif(
    exiv2: Any, data: Any, keep: Callable[[str, int], bool], order: Any, resolution: Density | None = None
) -> bytes | None:
    try:
        at = data.begin()
        while at != data.end():
            if keep(at.groupName(), at.tag()):
                next(at)
            else:
                at = data.erase(at)
        if resolution is not None:
            known = resolution.per("inch") or resolution
            for name, number in (("X", known.x), ("Y", known.y)):
                data[f"Exif.Image.{name}Resolution"] = "{}/{}".format(*exif_block.ratio(number))
            data["Exif.Image.ResolutionUnit"] = exiv2.UShortValue(2 if known.unit else 1)
        if data.empty():
            return None
        target = exiv2.ImageFactory.create(exiv2.ImageType.jpeg)
        target.setByteOrder(order)
        target.setExifData(data)
        target.writeMetadata()
        return jpeg.read(bytes_of(target)).exif
    except exiv2.Exiv2Error:
        return None


def exif_of_tiff(data: bytes) -> bytes | None:
    """The EXIF tags of a TIFF file as a block of their own; None where it has none but its layout."""
    layout = (tiff.ORIENTATION, tiff.X_RESOLUTION, tiff.Y_RESOLUTION, tiff.RESOLUTION_UNIT)

    def keep(group: str, tag: int) -> bool:
        return not ((group == "Image" and tag in tiff.LAYOUT) or group.startswith(_PREVIEWS))

    exif = edited_exif(data, keep)
    found = tiff.structure(exif) if exif else None
    if found is None or all(entry.tag in layout for entry in found.entries):
        return exif_block.block({tiff.ORIENTATION: tiff.orientation(data)}) if tiff.orientation(data) != 1 else None
    return exif


def edited_iptc(iptc: bytes, private: Mapping[int, str] | frozenset[int]) -> bytes | None:
    """The data sets without the `private` ones of record 2; None where nothing is left or it cannot be read."""
    exiv2 = library()
    try:
        image = exiv2.ImageFactory.open(jpeg.write(_TINY_JPEG, Metadata(iptc=iptc)))
        image.readMetadata()
        data = image.iptcData()
        at = data.begin()
        while at != data.end():
            if at.record() == 2 and at.tag() in private:
                at = data.erase(at)
            else:
                next(at)
        if data.empty():
            return None
        target = exiv2.ImageFactory.create(exiv2.ImageType.jpeg)
        target.setIptcData(data)
        target.writeMetadata()
        return jpeg.read(bytes_of(target)).iptc
    except exiv2.Exiv2Error:
        return None


def iptc_as_xmp(iptc: bytes) -> bytes | None:
    """The same captions, names and rights as an XMP packet, for containers without IPTC."""
    exiv2 = library()
    try:
        image = exiv2.ImageFactory.open(jpeg.write(_TINY_JPEG, Metadata(iptc=iptc)))
        image.readMetadata()
        sidecar = exiv2.ImageFactory.create(exiv2.ImageType.xmp)
        sidecar.setIptcData(image.iptcData())
        sidecar.writeMetadata()
        return bytes_of(sidecar) or None
    except exiv2.Exiv2Error:
        return None


def bytes_of(image: Any) -> bytes:
    """The file that an image in memory has become."""
    source = image.io()
    source.open()
    try:
        return bytes(source.mmap())
    finally:
        source.munmap()
        source.close()
