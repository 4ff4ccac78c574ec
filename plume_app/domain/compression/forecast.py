"""What the list says of a file before the run: its estimate, what would be lost, and whether it would be kept."""

from __future__ import annotations

from dataclasses import dataclass

from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.estimate import Estimate, estimate
from plume_app.domain.compression.features import Features, plain_features
from plume_app.domain.compression.learning import Learned
from plume_app.domain.compression.losses import NO_LOSSES, Losses, losses
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits

_KEPT_MS = 1


@dataclass(frozen=True, slots=True)
class Forecast:
    """`output_format` is None where the file would be kept for want of an encoder."""

    estimate: Estimate
    losses: Losses
    output_format: str | None


def forecast(
    header: Header,
    file_size: int,
    traits: Traits | None,
    settings: Settings,
    *,
    features: Features | None = None,
    probe: Probe | None = None,
    learned: Learned | None = None,
) -> Forecast:
    """What becomes of `file_size` bytes with this header; what is None nobody has looked for yet."""
    output_format = settings.output_format_of(header.format)
    codec = all_codecs().get(output_format)
    if codec is None or codec.encode is None:
        return Forecast(_kept(file_size), NO_LOSSES, None)
    lost = losses(traits, header.format, codec, settings) if traits is not None else NO_LOSSES
    if lost.blocking:
        return Forecast(_kept(file_size), lost, output_format)
    known = plain_features(header, file_size, traits) if features is None else features
    return Forecast(estimate(known, settings, probe, learned), lost, output_format)


def _kept(file_size: int) -> Estimate:
    return Estimate(file_size, file_size, file_size, time_ms=_KEPT_MS)
