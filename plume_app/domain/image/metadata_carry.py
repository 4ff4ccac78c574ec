"""Metadata on its way into another container, or onto pixels that were turned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plume_app.domain.image import colour, icc_profile, metadata_edit, metadata_policy, metadata_xmp
from plume_app.domain.image.containers import Metadata, Text, exif_block, jpeg, tiff

_MAX_JPEG_EXIF = jpeg.MAX_PAYLOAD - 6
_WIDTHS = {tiff.WIDTH: tiff.HEIGHT, tiff.PIXEL_X: tiff.PIXEL_Y}
_XMP_OF_KEYWORD = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Description": "dc:description",
    "Copyright": "dc:rights",
}
_XMP_SIDES = {
    "Xmp.tiff.ImageWidth": "Xmp.tiff.ImageLength",
    "Xmp.exif.PixelXDimension": "Xmp.exif.PixelYDimension",
}


def adapted(metadata: Metadata, output_format: str, container: bytes) -> Metadata:
    """The same statements in the words that `output_format` knows; `container` tells grey from colour."""
    carried = replace(metadata, icc=_icc(metadata, output_format, container))
    if output_format != "png":
        carried = _texts_as_xmp(carried, output_format)
    elif carried.comments:
        remarks = tuple(Text("Comment", comment.decode("utf-8", "replace")) for comment in carried.comments)
        carried = replace(carried, texts=(*carried.texts, *remarks), comments=())
    if output_format == "webp" and carried.iptc:
        carried = replace(carried, xmp=_joined(carried.xmp, metadata_edit.iptc_as_xmp(carried.iptc)), iptc=None)
    if output_format != "jpeg" and carried.extended_xmp:
        carried = replace(carried, xmp=_whole_xmp(carried), extended_xmp=None)
    return _with_density(carried, output_format)


def without_further_pictures(metadata: Metadata) -> Metadata:
    """Without the XMP that describes a gain map, a film or pictures behind the first: they are not there."""
    if not metadata_policy.announces_further_pictures(metadata):
        return metadata
    drop = metadata_policy.describes_further_pictures
    xmp = metadata_xmp.without(metadata.xmp, drop) if metadata.xmp else None
    extended = metadata.extended_xmp
    if extended and jpeg.mentions_further_pictures(extended):
        extended = None
    return replace(metadata, xmp=xmp, extended_xmp=extended)


def only_further_pictures(metadata: Metadata) -> bytes | None:
    """The part of the XMP without which a gain map or a film behind the picture could not be found."""
    packet = metadata.xmp
    if packet is None or not jpeg.mentions_further_pictures(packet):
        return None
    return metadata_xmp.without(packet, lambda key: not metadata_policy.describes_further_pictures(key))


def turned_upright(metadata: Metadata, orientation: int) -> Metadata:
    """Orientation 1 wherever one is stated; width and height change places for a quarter turn."""
    is_quarter = orientation >= 5
    exif = _upright_exif(metadata.exif, is_quarter=is_quarter) if metadata.exif else None
    xmp = _upright_xmp(metadata.xmp, is_quarter=is_quarter) if metadata.xmp else None
    return replace(metadata, exif=exif, xmp=xmp)


def _upright_exif(exif: bytes, *, is_quarter: bool) -> bytes | None:
    found = tiff.structure(exif)
    if found is None:
        return exif
    if found.is_sound and [entry.tag for entry in found.entries] == [tiff.ORIENTATION]:
        return None  # it says nothing any more
    changes = [(e, 1) for e in found.entries if e.ifd == "0" and e.tag == tiff.ORIENTATION]
    if is_quarter:
        for ifd in ("0", "exif"):
            for width_tag, height_tag in _WIDTHS.items():
                width, height = found.find(ifd, width_tag), found.find(ifd, height_tag)
                if width and height:
                    sides = [tiff.number_of(exif, found.order, side) for side in (width, height)]
                    changes += [(width, sides[1]), (height, sides[0])]
    return tiff.with_numbers(exif, changes, found.order)


def _upright_xmp(packet: bytes, *, is_quarter: bool) -> bytes | None:
    if b"\0" not in packet and b"Orientation" not in packet and not is_quarter:
        return packet
    return metadata_xmp.edited_xmp(packet, lambda values: _upright_values(values, is_quarter=is_quarter)) or packet


def _upright_values(values: Mapping[str, str], *, is_quarter: bool) -> dict[str, str | None]:
    changes: dict[str, str | None] = {}
    if values.get("Xmp.tiff.Orientation", "1") != "1":
        changes["Xmp.tiff.Orientation"] = "1"
    for width, height in _XMP_SIDES.items() if is_quarter else ():
        if width in values and height in values:
            changes |= {width: values[height], height: values[width]}
    return changes


def _icc(metadata: Metadata, output_format: str, container: bytes) -> bytes | None:
    """The profile that fits the container's channels, made from colour chunks where there is none."""
    channels = _channels(container, output_format)
    icc = metadata.icc
    if icc is None and output_format != "png":
        icc = icc_profile.icc_from_chunks(metadata.colour, grey=channels == 1)
    if icc is None:
        return None
    model = colour.profile_model(icc)
    if channels == 3 and model == "GRAY":
        return colour.rgb_twin(icc)
    if (channels == 3 and model not in ("RGB", "")) or (channels == 1 and model == "CMYK"):
        return None
    return icc


def _channels(container: bytes, output_format: str) -> int:
    """Colour channels without alpha."""
    if output_format == "jpeg":
        for segment in jpeg.segments(container)[0]:
            if segment.marker in jpeg.FRAMES and len(segment.data) > 5:
                return segment.data[5]
    return 1 if output_format == "png" and container[25:26] in (b"\0", b"\4") else 3


def _texts_as_xmp(metadata: Metadata, output_format: str) -> Metadata:
    """PNG's title, author, description and copyright as XMP; remarks as comments where there are such."""
    found: dict[str, list[str]] = {}
    remarks = [text.text for text in metadata.texts if text.keyword == "Comment"]
    for text in metadata.texts:
        if text.keyword in _XMP_OF_KEYWORD and text.text.strip():
            found.setdefault(_XMP_OF_KEYWORD[text.keyword], []).append(text.text)
    comments = (*metadata.comments, *(remark.encode("utf-8", "surrogateescape") for remark in remarks))
    if output_format != "jpeg" and comments:
        found["exif:UserComment"] = [b"\n".join(comments).decode("utf-8", "replace")]
        comments = ()
    one_each = {name: values if name == "dc:creator" else values[:1] for name, values in found.items()}
    xmp = _joined(metadata.xmp, metadata_xmp.xmp_packet(one_each)) if one_each else metadata.xmp
    return replace(metadata, xmp=xmp, comments=comments, texts=())


def _joined(first: bytes | None, second: bytes | None) -> bytes | None:
    if not first or not second:
        return first or second
    return metadata_xmp.merged_xmp(first, second) or first


def _whole_xmp(metadata: Metadata) -> bytes | None:
    whole = _joined(metadata.xmp, metadata.extended_xmp)
    if whole is None or b"HasExtendedXMP" not in whole:
        return whole
    return metadata_xmp.without(whole, lambda key: key == "Xmp.xmpNote.HasExtendedXMP") or whole


def _with_density(metadata: Metadata, output_format: str) -> Metadata:
    """A resolution in the place where `output_format` keeps one; what does not fit into it goes."""
    density = metadata.density
    stated = tiff.density(metadata.exif) if metadata.exif else None
    if output_format == "webp" and density is not None and density.unit and stated is None:
        exif = exif_block.block({}, density)
        if metadata.exif:
            exif = metadata_edit.edited_exif(metadata.exif, lambda _group, _tag: True, density) or metadata.exif
        return replace(metadata, exif=exif)
    if output_format == "jpeg" and metadata.exif and len(metadata.exif) > _MAX_JPEG_EXIF:
        smaller = metadata_edit.edited_exif(metadata.exif, lambda group, _tag: group != "Thumbnail")
        fits = smaller is not None and len(smaller) <= _MAX_JPEG_EXIF
        metadata = replace(metadata, exif=smaller if fits else exif_block.rescued(metadata.exif))
    return replace(metadata, density=density or stated)
