"""`compress(data, settings)`: one picture from bytes to a verdict, the same for window, command line and library.

The order is the promise: recognise, refuse what is too large, find what could be lost, encode, apply the
metadata policy, compare pixels where they must be the same, and only then weigh the sizes. Runs where
decoders may run: in a worker, or in the process of a library user who trusts the file.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from plume_app.domain.compression.codecs import Codec, Encoded, other_formats, writable_codecs
from plume_app.domain.compression.losses import PIXELS, losses
from plume_app.domain.compression.settings import KEEP, Settings
from plume_app.domain.compression.verdict import Kept, Reason, Verdict, Written, verdict
from plume_app.domain.file import atomic
from plume_app.domain.file.attributes import Attributes
from plume_app.domain.file.naming import staged_name
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.header import Header
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.metadata import Metadata, apply_policy, private_kinds, read_metadata, select, write_metadata
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.traits import ALPHA, ANIMATION, BIT_DEPTH, CMYK, CREDENTIALS, Traits
from plume_app.domain.shared.errors import DimensionsUnsupported, LosslessMismatch, TargetUnwritable, invalid

_PIXEL_TRAITS = {ALPHA, BIT_DEPTH}  # allowed to go, they take the promise of the same pixels with them
_DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Compressed:
    """What became of one picture.

    `data` is the result when the verdict is `Written`. When it is `Kept`, it is a copy of the source
    with the metadata policy applied, or None where that is the source itself. `losses` names the traits
    that went, or for `would_lose` those that would have gone. `private_data_kept`: the kept source still
    holds what the policy would remove.
    """

    verdict: Verdict
    data: bytes | None
    input_format: str
    output_format: str
    header: Header
    traits: Traits
    losses: tuple[str, ...] = ()
    private_data_kept: bool = False
    codec_version: str = ""


def _silent(stage: str) -> None:
    """No one is watching."""


def compress(
    data: bytes,
    settings: Settings,
    *,
    limits: Limits = _DEFAULT_LIMITS,
    progress: Callable[[str], None] = _silent,
) -> Compressed:
    """Make the image file `data` smaller; `progress` hears "encoding" and "verifying" when they begin.

    Raises UnsupportedFormat, CorruptImage, ImageTooLarge, DimensionsUnsupported, LosslessMismatch, and
    InvalidRequest when `settings.output_format` names no format that can be written.
    """
    source = Source.open(data, limits.without_picture(), other_formats())
    metadata = read_metadata(data, source.header.format)
    traits = replace(source.traits, private=private_kinds(metadata))
    case = _Case(source, traits, metadata, settings)
    codec = _target(settings, source.header.format)
    if codec is None or codec.encode is None:
        return case.kept(Reason.NO_ENCODER, source.header.format)
    limits.check_header(source.header)  # not before: what stays as it is is never decoded, however large
    lost = losses(traits, source.header.format, codec, settings)
    if lost.blocking:
        return case.kept(Reason.WOULD_LOSE, codec.name, lost.blocking)
    _check_side(source.header, codec)
    progress("encoding")
    encoded = codec.encode(source, settings)
    allowed = set(lost.announced)
    if settings.lossless and not encoded.same_pixels and not allowed & {*_PIXEL_TRAITS, CMYK}:
        return case.kept(Reason.WOULD_LOSE, codec.name, (PIXELS,))
    if encoded.same_pixels and not allowed & _PIXEL_TRAITS:
        progress("verifying")
        first_frame = ANIMATION in lost.announced
        if not same_pixels(source, encoded.data, upright=encoded.upright, first_frame=first_frame):
            raise LosslessMismatch(format=codec.name)
    return case.weighed(encoded, codec, lost.announced)


def compress_file_to_file(
    input_path: str | os.PathLike[str],
    output_path: str | os.PathLike[str],
    settings: Settings | None = None,
    *,
    limits: Limits = _DEFAULT_LIMITS,
) -> Compressed:
    """Compress one file to another, in this process: for library users who trust the file.

    Nothing is written when the original is kept (the verdict says why). The result appears in one step
    with the mode and dates of the input; an existing `output_path` is never overwritten.

    Raises what `compress` raises, and SourceMissing, SourceUnreadable, TargetUnwritable, DiskFull.
    """
    read = read_source(Path(input_path), check_size=limits.check_file)
    compressed = compress(read.data, settings or Settings(), limits=limits)
    if isinstance(compressed.verdict, Written) and compressed.data is not None:
        _write_new(Path(output_path), compressed.data, like=read.attributes)
    return compressed


def _write_new(path: Path, data: bytes, *, like: Attributes) -> None:
    """A new file in one step; TargetUnwritable where something stands already."""
    staged = staged_name(path, secrets.token_hex(8))
    atomic.stage(staged, data)
    if not atomic.commit(staged, path, replace=False, like=like, durable=True):
        atomic.discard(staged)
        raise TargetUnwritable(folder=str(path.parent), problem="a file of that name exists")


def _target(settings: Settings, input_format: str) -> Codec | None:
    """The codec to encode with; None where the input's own format cannot be written."""
    codecs = writable_codecs()
    if settings.output_format == KEEP:
        return codecs.get(input_format)
    if settings.output_format not in codecs:
        raise invalid("output_format", f"keep or one of {', '.join(codecs)}", settings.output_format)
    return codecs[settings.output_format]


def _check_side(header: Header, codec: Codec) -> None:
    if codec.max_side_px is not None and max(header.width, header.height) > codec.max_side_px:
        raise DimensionsUnsupported(
            width=header.width, height=header.height, limit=codec.max_side_px, format=codec.label
        )


@dataclass(frozen=True, slots=True)
class _Case:
    """One picture under one setting: what both ways out of `compress` need."""

    source: Source
    traits: Traits
    metadata: Metadata
    settings: Settings

    def kept(
        self, reason: Reason, output_format: str, lost: tuple[str, ...] = (), codec_version: str = ""
    ) -> Compressed:
        """The original stays; `data` is its copy with the policy applied where that differs."""
        header = self.source.header
        clean = apply_policy(self.source.data, header.format, self.settings.metadata)
        private = self.settings.metadata != "all" and bool(self.traits.private)
        return Compressed(
            Kept(reason),
            None if clean == self.source.data else clean,
            header.format,
            output_format,
            header,
            self.traits,
            lost,
            private,
            codec_version,
        )

    def weighed(self, encoded: Encoded, codec: Codec, lost: tuple[str, ...]) -> Compressed:
        """The result with its metadata against the original: written, or kept."""
        header, settings = self.source.header, self.settings
        same_format = header.format == codec.name
        if encoded.carries_metadata:
            is_rewritten = encoded.data is not self.source.data
            result = apply_policy(encoded.data, codec.name, settings.metadata, is_rewritten=is_rewritten)
        else:
            carried = select(self.metadata, settings.metadata, upright=encoded.upright)
            if encoded.icc is not None:
                carried = replace(carried, icc=encoded.icc or None)
            result = write_metadata(encoded.data, codec.name, carried)
        decided = self._decide(result, same_format=same_format)
        if decided == Kept(Reason.NOT_SMALLER) and encoded.data is not self.source.data:
            # The same pixels without private data are usually smaller, and worth writing for their own sake.
            result = apply_policy(self.source.data, codec.name, settings.metadata)
            lost = tuple(trait for trait in lost if trait == CREDENTIALS)
            decided = self._decide(result, same_format=True)
        if isinstance(decided, Kept):
            return self.kept(decided.reason, codec.name, codec_version=codec.version())
        return Compressed(
            decided, result, header.format, codec.name, header, self.traits, lost, codec_version=codec.version()
        )

    def _decide(self, result: bytes, *, same_format: bool) -> Verdict:
        return verdict(
            len(self.source.data),
            len(result),
            same_format=same_format,
            min_savings_percent=self.settings.min_savings_percent,
        )
