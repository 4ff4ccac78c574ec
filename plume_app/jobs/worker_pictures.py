"""What a worker does with a picture beside compressing it: look at it, try its encoder, make small pictures and pieces.

Its imports are decoders: `worker.py` imports it late, in the worker.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from plume_app.domain.compression import curves
from plume_app.domain.compression.codecs import other_formats
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.preview import Easel, Look
from plume_app.domain.compression.probe import features_of, picture_for, probe
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image import thumbnail
from plume_app.domain.image.metadata import private_kinds, read_metadata
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.thumbnail import MIME_OF_PIECE, MIME_OF_THUMBNAIL, Piece
from plume_app.domain.image.traits import Traits
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat
from plume_app.jobs.messages import Inspect, Inspected, Preview, Previewed, Thumbnail, Thumbnailed

_easel = Easel()  # remembers the last picture: a worker serves one window


def inspected(task: Inspect) -> Inspected:
    """Its traits, and what a trial gives. Raises PlumeError."""
    source, traits = _opened(task)
    tried = _tried(source, task.trial)
    return Inspected(task.id, source.header, traits, tried.features, tried.probe)


def thumbnailed(task: Thumbnail) -> Thumbnailed:
    """The same, and a small picture; a trial and the small picture share one decode. Raises PlumeError."""
    source, traits = _opened(task)
    tried = _tried(source, task.trial)
    picture = thumbnail.thumbnail(source, task.edge_px, picture=tried.picture)
    return Thumbnailed(task.id, picture, MIME_OF_THUMBNAIL, source.header, traits, tried.features, tried.probe)


def previewed(task: Preview) -> Previewed:
    """A place of the picture before and after. Raises PlumeError."""
    look = Look(None if task.region is None else Piece(*task.region), task.scale)
    if task.whole:
        seen = _easel.whole(task.key, task.data, task.settings, look, task.limits)
    else:
        seen = _easel.region(task.key, task.data, task.settings, look, task.limits, before=task.before)
    return Previewed(
        task.id,
        seen.width,
        seen.height,
        MIME_OF_PIECE,
        seen.before,
        seen.after,
        seen.exact,
        seen.compressed_size,
        seen.output_format,
        seen.reason,
    )


def _opened(task: Inspect | Thumbnail) -> tuple[Source, Traits]:
    source = Source.open(task.data, task.limits, other_formats())
    private = private_kinds(read_metadata(task.data, source.header.format))
    return source, replace(source.traits, private=private)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a trial gave; `picture` is what had to be decoded for it, for others to use."""

    features: Features | None = None
    probe: curves.Probe | None = None
    picture: Any = None


def _tried(source: Source, settings: Settings | None) -> _Tried:
    """The trial at `settings`; nothing where none is wanted, or where the picture cannot be decoded."""
    if settings is None:
        return _Tried()
    try:
        features = features_of(source)
        picture = picture_for(source, features, settings)
        return _Tried(features, probe(source, features, settings, picture=picture), picture)
    except (CorruptImage, UnsupportedFormat):
        return _Tried()  # a look forgives: whether the file can be compressed, compressing it says
