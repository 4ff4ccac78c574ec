"""What the encoder itself makes of a picture, tried on tiles: `probe`, in a worker, beside the thumbnail.

A small picture is tried whole, a larger one by a montage of tiles, once at the quality asked for; how size answers
to quality is tried on fewer tiles, since a ratio needs less than a size. Then the quality can change without
another decode.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from typing import Any

from plume_app.domain.compression.codecs import Codec, writable_codecs
from plume_app.domain.compression.curves import NEVER, Probe
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.compression.routes import needs_trial, switch_of
from plume_app.domain.compression.settings import KEEP, Settings
from plume_app.domain.image import decode
from plume_app.domain.image.metadata import Metadata, read_metadata, select, write_metadata
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.tiles import montage, one_pixel
from plume_app.domain.image.traits import ALPHA

ANCHORS = (40, 75, 95)
_TILES, _FEW_TILES = 64, 9
_WHOLE_PIXELS = 350_000
_HEAD_BYTES = {"jpeg": 500, "webp": 30, "png": 800}  # what a file of tiles has but once: tables, palette, chunks


def features_of(source: Source) -> Features:
    """What `header_features` tells, with the metadata weighed instead of guessed."""
    data, header, traits = source.data, source.header, source.traits
    known = header_features(lambda offset, count: data[offset : offset + count], len(data), header)
    metadata = read_metadata(data, header.format)
    none, safe, everything = _kept(metadata, header.format)
    return replace(
        known,
        scan_bytes=max(1, min(len(data), len(write_metadata(data, header.format, Metadata())))),
        frames=max(1, traits.frames),
        channels=4 if ALPHA in traits.names and header.channels == 3 else header.channels,
        source_quality=traits.source_quality,
        subsampling=traits.chroma_subsampling,
        kept_none=none,
        kept_safe=safe,
        kept_all=everything,
    )


def probe(source: Source, features: Features, settings: Settings, *, picture: Any = None) -> Probe | None:
    """The sizes that the encoder of `settings` reaches; None where nothing can be made of the picture.

    Without points where the header knows it all, or there is no way to try. `picture`: the decoded picture (8-bit
    libvips image in memory) where the caller has it. Raises CorruptImage and UnsupportedFormat.
    """
    target = source.header.format if settings.output_format == KEEP else settings.output_format
    codec = writable_codecs().get(target)
    if codec is None:
        return None
    kept = _kept(read_metadata(source.data, source.header.format), target)
    found = Probe(target, settings.lossless, settings.effort, asked=settings.quality, kept=kept)
    if codec.encode_piece is None or not needs_trial(features, settings, target):
        return found
    image = source.picture(upright=False).eight_bits().in_memory().image if picture is None else picture
    with decode.reading():
        return _tried(codec, image, features, settings, found)


def _kept(metadata: Metadata, target: str) -> tuple[int, int, int]:
    """Bytes that the policies "none", "safe", "all" put into a file of the format `target`."""
    container = _smallest(target)
    none, safe, everything = (
        len(write_metadata(container, target, select(metadata, policy, upright=False))) - len(container)
        for policy in ("none", "safe", "all")
    )
    return none, safe, everything


@cache
def _smallest(target: str) -> bytes:
    """A file of one pixel in colour to put metadata into; empty for a format that takes none."""
    return write_metadata(one_pixel(target), target, Metadata()) if target in ("jpeg", "png", "webp") else b""


def _tried(codec: Codec, image: Any, features: Features, settings: Settings, found: Probe) -> Probe:
    switch = _switch(codec, image, features)
    whole = features.width * features.height <= _WHOLE_PIXELS
    tiles = image if whole else montage(image, _TILES)
    asked = _log_size(codec, tiles, features, settings, switch)
    if asked is None:
        return found
    few = montage(image, _FEW_TILES)
    base = _log_size(codec, few, features, settings, switch)
    points = {settings.quality: asked}
    for anchor in () if base is None else _anchors(settings.quality, switch):
        log = _log_size(codec, few, features, replace(settings, quality=anchor), switch)
        if log is not None and base is not None:
            points[anchor] = asked + log - base
    return replace(
        found,
        points=_rising(points),
        whole=whole,
        full_colour_from=switch,
        tile_pixels=tiles.width * tiles.height,
    )


def _anchors(quality: int, switch: int) -> tuple[int, ...]:
    """The other qualities to try: both sides of the jump, where there is one."""
    jump = (switch - 1, switch) if 1 < switch <= 100 else ()
    return tuple(sorted({*ANCHORS, *jump} - {quality}))


def _switch(codec: Codec, image: Any, features: Features) -> int:
    if codec.name != "jpeg":
        return NEVER
    from plume_app.domain.compression.codecs.jpeg_chroma import has_fine_colour

    if image.bands == 4:
        image = image.flatten(background=255).copy_memory()
    return switch_of(features, is_fine=image.bands >= 3 and has_fine_colour(image))


def _log_size(codec: Codec, piece: Any, features: Features, settings: Settings, switch: int) -> float | None:
    """The logarithm of the bytes that the whole picture would take, if all of it were as `piece` is."""
    if codec.encode_piece is None:
        return None
    data = codec.encode_piece(piece, settings, settings.quality < switch)
    if data is None:
        return None
    head = min(_HEAD_BYTES.get(codec.name, 0), len(data) // 2)
    scale = features.width * features.height / (piece.width * piece.height)
    return math.log(head + (len(data) - head) * max(1.0, scale))


def _rising(points: dict[int, float]) -> tuple[tuple[int, float], ...]:
    """In the order of quality; where a higher one came out smaller, by chance, it is as large as the lower."""
    found: list[tuple[int, float]] = []
    for quality in sorted(points):
        found.append((quality, max(points[quality], found[-1][1]) if found else points[quality]))
    return tuple(found)
