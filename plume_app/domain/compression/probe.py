"""What the encoder itself makes of a picture, tried on tiles: `probe`, in a worker, beside the thumbnail.

A small picture is tried whole, a larger one by pieces of it, once at the quality asked for; how size answers to
quality is tried on fewer pieces, since a ratio needs less than a size. Then the quality can change without another
decode.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from statistics import fmean
from typing import Any

from plume_app.domain.compression.codecs import Codec, jpeg, png, writable_codecs
from plume_app.domain.compression.codecs.jpeg_chroma import has_fine_colour
from plume_app.domain.compression.codecs.png_palette import as_rgba, has_few_colours
from plume_app.domain.compression.curves import ALL_COLOUR_QUALITY, NEVER, Probe
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.compression.pieces import fewer_of, log_size, lossless_sample_of, sample_of
from plume_app.domain.compression.routes import is_graphic, needs_trial, switch_of
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image import decode
from plume_app.domain.image.metadata import Metadata, read_metadata, select, write_metadata
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.tiles import activity_of, one_pixel
from plume_app.domain.image.traits import ALPHA

ANCHORS = {"jpeg": (40, 75, 95), "webp": (40, 60, 75, 85, 95), "png": (40, 70, 95)}
_SWITCH_ANCHORS = (ALL_COLOUR_QUALITY - 1, ALL_COLOUR_QUALITY)  # where a JPEG's size jumps
_NEAR = {"png": 15}  # an anchor this near to the quality asked for, on its side of the jump, tells nothing new
_USUALLY_NEAR = 10
_QUICK_PIXELS = 4_000_000  # of graphics, 8 ms each
_JPEG_PIXELS = 400_000  # 20 ms


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


def picture_for(source: Source, features: Features, settings: Settings) -> Any:
    """The picture that `probe` would decode (8 bits, in memory, as it is stored; libvips), None where it needs none.

    For who wants it for something else as well. Raises CorruptImage and UnsupportedFormat.
    """
    target = settings.output_format_of(source.header.format)
    codec = writable_codecs().get(target)
    if codec is None or codec.encode_piece is None or not needs_trial(features, settings, target):
        return None
    return source.picture(upright=False).eight_bits().in_memory().image


def probe(source: Source, features: Features, settings: Settings, *, picture: Any = None) -> Probe | None:
    """The sizes that the encoder of `settings` reaches; None where nothing can be made of the picture.

    Without points where the header knows it all, or there is no way to try. `picture`: the decoded picture (8-bit
    libvips image in memory) where the caller has it. Raises CorruptImage and UnsupportedFormat.
    """
    target = settings.output_format_of(source.header.format)
    codec = writable_codecs().get(target)
    if codec is None:
        return None
    kept = _kept(read_metadata(source.data, source.header.format), target)
    found = Probe(target, settings.lossless, settings.effort, asked=settings.quality, kept=kept)
    quick = _rewritten(source, features, settings, target)
    if quick is not None:
        found = replace(found, lossless_log=quick)
        if settings.lossless:
            return found
    if codec.encode_piece is None or not needs_trial(features, settings, target):
        return found  # also where the picture is there: the header knows better than tiles
    image = picture_for(source, features, settings) if picture is None else picture
    if image is None:
        return found
    if settings.effort == "max":  # what it finds more is known on average, and minutes of it are too dear for a guess
        settings = replace(settings, effort="balanced")
    with decode.reading():
        return _tried(codec, image, features, settings, found)


def _rewritten(source: Source, features: Features, settings: Settings, target: str) -> float | None:
    """The logarithm of the picture's bytes after a quick lossless run; None where that is no guide, or takes too long.

    Of graphics as PNG, for a lossless WebP as well: tiles do not see what repeats far away. Of small JPEGs, where
    nothing else will be done.
    """
    codec = writable_codecs().get(features.format)
    if codec is None or codec.rewrite_quickly is None or features.frames > 1:
        return None
    if features.format == target == "jpeg":
        if needs_trial(features, settings, target) or features.pixels > _JPEG_PIXELS:
            return None
    elif target not in ("png", "webp") or not is_graphic(features) or features.pixels > _QUICK_PIXELS:
        return None
    source.check()
    quick = codec.rewrite_quickly(source.data)
    metadata_bytes = features.file_size - features.scan_bytes
    return None if quick is None else math.log(max(1, len(quick) - metadata_bytes))


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
    activity = activity_of(image)
    if activity:
        found = replace(found, activity=round(fmean(activity), 2))
    if settings.lossless:
        return _without_loss(codec, image, features, settings, found, activity)
    sample, whole = sample_of(codec, image, found, activity)
    if codec.name == "png" and has_few_colours(sample) and (sample is image or has_few_colours(image)):
        return replace(found, few_colours=True)
    switch = _switch(codec, sample, features)
    found = replace(found, whole=whole, full_colour_from=switch, tile_pixels=sample.width * sample.height)
    ground = None if whole else image
    asked = log_size(codec, sample, features, settings, switch, ground)
    if asked is None:
        return found
    if codec.name == "png" and found.is_calm and features.pixels <= _QUICK_PIXELS:
        found = replace(found, both_ways=_goes_both_ways(image, features, asked))
    points = {settings.quality: asked}
    if codec.name in ANCHORS:
        few = fewer_of(codec, image, sample, found, activity)
        base = asked if few is sample and not whole else log_size(codec, few, features, settings, switch, image)
        for quality in _other_qualities(codec, settings.quality, switch):
            log = log_size(codec, few, features, replace(settings, quality=quality), switch, image)
            if log is not None and base is not None:
                points[quality] = asked + log - base
    return replace(found, points=_rising(points))


def _goes_both_ways(image: Any, features: Features, lossy_log: float) -> bool:
    """Will a PNG be made without loss as well? For drawings that is most of the time."""
    pixels = memoryview(as_rgba(image).write_to_memory())
    own_bytes = features.scan_bytes if features.format == png.NAME else None
    return png.tries_both_ways(pixels, (image.width, image.height), round(math.exp(lossy_log)), own_bytes)


def _without_loss(
    codec: Codec, image: Any, features: Features, settings: Settings, found: Probe, activity: list[float]
) -> Probe:
    if codec.name == "png" and found.is_calm and codec.rewrite_quickly and features.pixels <= _QUICK_PIXELS:
        quick = codec.rewrite_quickly(image.pngsave_buffer(compression=0, keep="none"))
        if quick is not None:
            return replace(found, lossless_log=math.log(len(quick)), tile_pixels=features.pixels)
    tiles, whole = lossless_sample_of(image, activity)
    log = log_size(codec, tiles, features, settings, NEVER, None if whole else image)
    return replace(found, lossless_log=log, whole=whole, tile_pixels=tiles.width * tiles.height)


def _other_qualities(codec: Codec, asked: int, switch: int) -> list[int]:
    """Those to try beside the one asked for, from which all others follow."""
    anchors = ANCHORS.get(codec.name, ())
    if switch == ALL_COLOUR_QUALITY:
        anchors = tuple(sorted({*anchors, *_SWITCH_ANCHORS}))
    is_low, near = asked < switch, _NEAR.get(codec.name, _USUALLY_NEAR)
    return [one for one in anchors if abs(one - asked) >= near or (one < switch) != is_low]


def _switch(codec: Codec, tiles: Any, features: Features) -> int:
    if codec.name != "jpeg":
        return NEVER
    if tiles.bands == 4:
        tiles = tiles.flatten(background=jpeg.BACKGROUND).copy_memory()
    pixels = tiles.write_to_memory() if tiles.bands >= 3 else b""
    is_fine = tiles.bands >= 3 and has_fine_colour(pixels, tiles.width, tiles.height)
    return switch_of(features, is_fine=is_fine)


def _rising(points: dict[int, float]) -> tuple[tuple[int, float], ...]:
    """In the order of quality; where a higher one came out smaller, by chance, it is as large as the lower."""
    found: list[tuple[int, float]] = []
    for quality in sorted(points):
        found.append((quality, max(points[quality], found[-1][1]) if found else points[quality]))
    return tuple(found)
