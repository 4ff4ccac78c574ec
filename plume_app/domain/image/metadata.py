"""Which metadata a result carries: read it, apply a policy, put it into any container.

"safe" lets go of positions, serial numbers, maker notes and thumbnails; "all" of nothing; "none" keeps what a
picture needs to look right: profile, colour chunks, orientation, and the shape of its pixels. Pixels are never
touched here. The rules by name are in metadata_policy.py, the containers in containers/.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from plume_app.domain.image import metadata_carry, metadata_edit, metadata_policy, metadata_xmp
from plume_app.domain.image.containers import Density, Metadata, bmp, exif_block, gif, jpeg, png, tiff, webp
from plume_app.domain.shared.errors import invalid

__all__ = [
    "Density",
    "Metadata",
    "apply_policy",
    "preload",
    "private_kinds",
    "read_metadata",
    "select",
    "write_metadata",
]

_READERS: dict[str, Callable[[bytes], Metadata]] = {
    "jpeg": jpeg.read,
    "png": png.read,
    "webp": webp.read,
    "gif": gif.read,
    "bmp": bmp.read,
}
_WRITERS: dict[str, Callable[[bytes, Metadata], bytes]] = {"jpeg": jpeg.write, "png": png.write, "webp": webp.write}

# Where the picture's own container ends. What lies behind is nobody's, and can be anything: the rest of a picture that
# was cropped in place, or a whole archive. Behind a JPEG it may be a gain map or a film, which are traits.
_ENDS: dict[str, Callable[[bytes], int]] = {
    "png": lambda data: png.chunks(data)[1],
    "webp": lambda data: webp.chunks(data)[1],
}


def preload() -> None:
    """Load and warm the metadata library before a worker gives up its rights."""
    metadata_edit.preload()
    metadata_xmp.preload()


def read_metadata(data: bytes, input_format: str) -> Metadata:
    """All metadata of the file `data`; empty for a format whose container is not known here.

    Raises CorruptImage where the container itself is broken; broken EXIF, XMP or IPTC comes along as it is.
    """
    if input_format == "tiff":
        found = tiff.read(data)
        return replace(found, exif=metadata_edit.exif_of_tiff(data))
    reader = _READERS.get(input_format)
    return reader(data) if reader else Metadata()


def write_metadata(container: bytes, output_format: str, metadata: Metadata) -> bytes:
    """`container` with this metadata and no other, translated into what its format can hold.

    Coded pixels stay byte for byte. A format that is not known here comes back as it is.

    Raises CorruptImage where the container is broken.
    """
    writer = _WRITERS.get(output_format)
    if writer is None:
        return container
    return writer(container, metadata_carry.adapted(metadata, output_format, container))


def apply_policy(data: bytes, input_format: str, policy: str, *, is_rewritten: bool = False) -> bytes:
    """The file `data` with the policy applied in place; `data` itself where there is nothing to do.

    Orientation stays, since the pixels do. `is_rewritten`: these are other bytes than the source's, so that a
    signed manifest (C2PA), whose hash is over them, is wrong and goes under every policy.

    Raises CorruptImage, and InvalidRequest for an unknown policy.
    """
    writer = _WRITERS.get(input_format)
    if writer is None:
        return data
    is_stale = input_format == "jpeg" and jpeg.points_nowhere(data)
    if policy == "all" and not is_stale and not is_rewritten:
        return data
    has_tail = policy != "all" and input_format in _ENDS and _ENDS[input_format](data) < len(data)
    metadata = read_metadata(data, input_format)
    wanted = _kept(metadata, policy)
    if is_rewritten:
        wanted = replace(wanted, others=metadata_policy.without_manifest(wanted.others))
    if is_stale:
        wanted = metadata_carry.without_further_pictures(wanted)
    elif input_format == "jpeg" and policy == "none":
        wanted = replace(wanted, xmp=metadata_carry.only_further_pictures(metadata))
    return data if wanted == metadata and not is_stale and not has_tail else writer(data, wanted)


def select(metadata: Metadata, policy: str, *, upright: bool) -> Metadata:
    """What newly encoded pixels carry: the policy's choice, without what no longer holds.

    `upright` says that the orientation is in the pixels now, so the tags must not turn them again.
    """
    kept = _kept(metadata, policy)
    kept = replace(kept, others=tuple(part for part in kept.others if metadata_policy.survives_new_pixels(part)))
    kept = metadata_carry.without_further_pictures(kept)
    if not upright or not metadata.exif or not tiff.states_orientation(metadata.exif):
        # Nothing was turned. An orientation in XMP alone stays as it is, since the pixels do: browsers pass over it,
        # and readers that fall back on it (Windows' WIC, Pillow) go on showing what they showed.
        return kept
    return metadata_carry.turned_upright(kept, tiff.orientation(metadata.exif))


def private_kinds(metadata: Metadata) -> tuple[str, ...]:
    """What the policy "safe" would remove: of gps, serials, maker_notes, thumbnails, in this order."""
    kinds: set[str | None] = set()
    if metadata.exif:
        kinds |= metadata_policy.exif_kinds(metadata.exif)
    if metadata.iptc:
        kinds |= metadata_policy.iptc_kinds(metadata.iptc) or set()
    for packet in (metadata.xmp, metadata.extended_xmp):
        if packet and metadata_policy.may_hold_private(packet):
            kinds |= {metadata_policy.xmp_kind(key) for key in metadata_xmp.xmp_values(packet) or ()}
    kinds |= {metadata_policy.part_kind(part) for part in metadata.others}
    kinds |= {metadata_policy.text_kind(text.keyword) for text in metadata.texts}
    return tuple(kind for kind in metadata_policy.KINDS if kind in kinds)


def _kept(metadata: Metadata, policy: str) -> Metadata:
    if policy == "all":
        return metadata
    if policy == "none":
        return _bare(metadata)
    if policy == "safe":
        return _safe(metadata)
    raise invalid("metadata", "safe or all or none", policy)


def _bare(metadata: Metadata) -> Metadata:
    orientation = tiff.orientation(metadata.exif or b"")
    exif = exif_block.block({tiff.ORIENTATION: orientation}) if orientation != 1 else None
    density = metadata.density if metadata.density and not metadata.density.is_square else None
    return Metadata(exif=exif, icc=metadata.icc, density=density, colour=metadata.colour)


def _safe(metadata: Metadata) -> Metadata:
    extended = metadata.extended_xmp
    if extended and metadata_policy.may_hold_private(extended):
        extended = None
    return replace(
        metadata,
        exif=_safe_exif(metadata.exif) if metadata.exif else None,
        xmp=_safe_xmp(metadata.xmp, drop_note=extended is not metadata.extended_xmp) if metadata.xmp else None,
        extended_xmp=extended,
        iptc=_safe_iptc(metadata.iptc) if metadata.iptc else None,
        texts=tuple(text for text in metadata.texts if metadata_policy.text_kind(text.keyword) is None),
        others=tuple(part for part in metadata.others if metadata_policy.is_safe_part(part)),
    )


def _safe_exif(exif: bytes) -> bytes | None:
    if metadata_policy.is_clean_exif(exif):
        return exif
    # The maker note goes unread: dozens of undocumented formats are the library's slowest and most attacked part.
    edited = metadata_edit.edited_exif(tiff.with_unknown(exif, tiff.MAKER_NOTE), metadata_policy.is_safe_tag)
    # What the library wrote is read once more by other eyes; in doubt only harmless tags are carried.
    return edited if edited and metadata_policy.is_clean_exif(edited) else exif_block.rescued(exif)


def _safe_xmp(packet: bytes, *, drop_note: bool) -> bytes | None:
    packet = metadata_xmp.without_padding(packet)

    def is_private(key: str) -> bool:
        return metadata_policy.xmp_kind(key) is not None or (drop_note and key == "Xmp.xmpNote.HasExtendedXMP")

    if not drop_note and not metadata_policy.may_hold_private(packet):
        return packet
    return metadata_xmp.without(packet, is_private)


def _safe_iptc(iptc: bytes) -> bytes | None:
    if metadata_policy.iptc_kinds(iptc) == frozenset():
        return iptc
    edited = metadata_edit.edited_iptc(iptc, metadata_policy.PRIVATE_IPTC)
    return edited if edited and metadata_policy.iptc_kinds(edited) == frozenset() else None
