"""What a picture would lose by a codec at some settings: one answer for badge, estimate and result."""

from __future__ import annotations

from dataclasses import dataclass

from plume_app.domain.compression.codecs import Codec
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.traits import (
    ALL_TRAITS,
    ANIMATION,
    CREDENTIALS,
    EMBEDDED_PICTURES,
    GAIN_MAP,
    HDR,
    MOTION_PHOTO,
    Traits,
)

PIXELS = "pixels"  # no trait: named when the same pixels were asked for and the format cannot hold them
PROTECTED = frozenset({ANIMATION, GAIN_MAP, MOTION_PHOTO, EMBEDDED_PICTURES, HDR})


@dataclass(frozen=True, slots=True)
class Losses:
    """Names of traits, in the order of ALL_TRAITS; before them PIXELS, which tells most.

    `blocking` keep the original (`would_lose`) until `Settings.allow_losses` names them. `announced` go,
    and the result says so.
    """

    blocking: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()


NO_LOSSES = Losses()


def losses(traits: Traits, input_format: str, codec: Codec, settings: Settings) -> Losses:
    """What the picture would lose on its way from `input_format` through `codec`.

    Within one format everything that would go is protected, since nobody asked for a change. In a
    conversion only what makes a picture another thing is: the rest (alpha, CMYK, depth) goes with the
    format that was asked for, unless the same pixels were asked for too. Where the codec cannot hold
    those (`Codec.lossless_from`) no allowance helps. A codec without an encoder loses nothing: its files are
    kept. A signed manifest never blocks: every smaller file breaks its seal, and some cameras sign every picture.
    """
    if codec.encode is None or not (traits.names or settings.lossless):
        return NO_LOSSES
    same_format = codec.name == input_format
    lost = traits.names - (codec.keeps_from_itself if same_format else codec.keeps)
    protected = (lost if same_format or settings.lossless else lost & PROTECTED) - {CREDENTIALS}
    blocking = protected - frozenset(settings.allow_losses)
    impossible = settings.lossless and codec.lossless_from is not None and input_format not in codec.lossless_from
    pixels = (PIXELS,) if impossible else ()
    return Losses(pixels + _in_order(blocking), _in_order(lost - blocking))


def _in_order(names: frozenset[str]) -> tuple[str, ...]:
    """In the order of ALL_TRAITS; traits that a package invented come last, by name."""
    if not names:
        return ()
    known = tuple(name for name in ALL_TRAITS if name in names)
    return known + tuple(sorted(names.difference(ALL_TRAITS)))
