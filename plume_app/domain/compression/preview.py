"""What the compare view shows: the original, and what the settings make of it, at the same place.

`Easel` holds one decoded picture and one complete result, so that moving over the picture decodes nothing and
moving the slider encodes only what is visible. A region encoded alone is not bit for bit what the complete
encoder gives there (it plans over the whole picture), so it says so; the complete result follows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from plume_app.domain.compression import engine
from plume_app.domain.compression.codecs import Codec, other_formats, writable_codecs
from plume_app.domain.compression.losses import losses
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Kept
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.pixels import MAX_REMEMBERED_BYTES, Source
from plume_app.domain.image.thumbnail import Piece, shown, upright, with_profile_of
from plume_app.domain.image.traits import ANIMATION, CMYK

_MARGIN_PX = 32  # around a region: blocks are 16 pixels wide, and filters look beyond their edge
_BY_REGION = ("jpeg", "webp")  # a PNG's palette is of the whole picture: a region alone would look too good


@dataclass(frozen=True, slots=True)
class Preview:
    """Two PNG files of the same place. `after` is None where it was not asked for or would be `before`.

    `width` and `height` are of the upright picture. `exact`: `after` (or its absence) is what the complete
    result shows. `compressed_size`, `output_format` and `reason` are known when the whole was encoded.
    """

    width: int
    height: int
    before: bytes | None = None
    after: bytes | None = None
    exact: bool = False
    compressed_size: int | None = None
    output_format: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look and how closely: `piece` None is the whole picture, `scale` screen pixels per picture pixel."""

    piece: Piece | None
    scale: float

    def place(self, width: int, height: int) -> Piece | None:
        """The piece within a picture of that size."""
        return self.piece.within(width, height) if self.piece else None


@dataclass(slots=True)
class Easel:
    """What one worker remembers between two looks at the same picture: `key` names the file's bytes."""

    key: str = ""
    source: Source | None = None
    picture: Any = None
    made_of: tuple[str, Settings] | None = None
    result: Any = None
    told: Preview | None = None

    def region(
        self, key: str, data: bytes, settings: Settings, look: Look, limits: Limits, *, before: bool = True
    ) -> Preview:
        """What a fast look at the settings can show at a place, and the original there where `before`."""
        source, picture = self._opened(key, data, limits)
        place, scale = look.place(picture.width, picture.height), look.scale
        original = shown(picture, place, scale) if before else None
        found = Preview(picture.width, picture.height, original)
        codec = writable_codecs().get(settings.output_format_of(source.header.format))
        if codec is None or keeps_pixels(source, codec, settings):
            return replace(found, exact=True)
        if place is None or codec.name not in _BY_REGION or ANIMATION in source.traits.names:
            return found
        if losses(source.traits, source.header.format, codec, settings).blocking:
            return replace(found, exact=True)
        return replace(found, after=_encoded_alone(source, picture, codec, settings, place, scale))

    def whole(self, key: str, data: bytes, settings: Settings, look: Look, limits: Limits) -> Preview:
        """What the complete result shows at a place, and what it weighs."""
        if self.told is None or self.made_of != (key, settings):
            self.made_of, self.result, self.told = None, None, None
            told, result = _made(data, settings, limits)
            if result is not None and told.width * told.height * result.bands > MAX_REMEMBERED_BYTES:
                return replace(told, after=shown(result, look.place(told.width, told.height), look.scale))
            self.made_of, self.result, self.told = (key, settings), result, told
        told = self.told
        if self.result is None:
            return told
        return replace(told, after=shown(self.result, look.place(told.width, told.height), look.scale))

    def _opened(self, key: str, data: bytes, limits: Limits) -> tuple[Source, Any]:
        if self.key == key and self.source is not None:
            return self.source, self.picture
        self.key, self.source, self.picture = "", None, None  # before the next one needs room
        source = Source.open(data, limits, other_formats())
        picture = upright(source)
        if source.header.pixels * picture.bands <= MAX_REMEMBERED_BYTES:
            self.key, self.source, self.picture = key, source, picture
        return source, picture


def _made(data: bytes, settings: Settings, limits: Limits) -> tuple[Preview, Any]:
    """The complete result, told and decoded; None where the original would be kept."""
    made = engine.compress(data, settings, limits=limits)
    reason = made.verdict.reason.value if isinstance(made.verdict, Kept) else None
    written = made.data if reason is None else None
    result = None if written is None else upright(Source.open(written, others=other_formats()))
    width, height = made.header.width, made.header.height
    if made.traits.orientation in (5, 6, 7, 8):
        width, height = height, width
    size = len(data) if written is None else len(written)
    return Preview(width, height, None, None, True, size, made.output_format, reason), result


def keeps_pixels(source: Source, codec: Codec, settings: Settings) -> bool:
    """Will the result show the very pixels of the source, as far as that is known before encoding?"""
    if settings.lossless:
        return True
    known = source.traits.source_quality
    same = source.header.format == codec.name
    return same and codec.name in _BY_REGION and (CMYK in source.traits.names or (known or 101) <= settings.quality)


def _encoded_alone(source: Source, picture: Any, codec: Codec, settings: Settings, place: Piece, scale: float) -> bytes:
    """The place, encoded with a margin by the codec that will encode the whole, and decoded again."""
    assert codec.encode is not None  # noqa: S101 - it is one of the writable codecs
    left, top = ((at - _MARGIN_PX) // 16 * 16 for at in (place.x, place.y))
    wide = Piece(left, top, place.x + place.width + _MARGIN_PX - left, place.y + place.height + _MARGIN_PX - top)
    around = wide.within(picture.width, picture.height)
    cut = picture.crop(around.x, around.y, around.width, around.height).copy_memory()
    header = replace(source.header, width=cut.width, height=cut.height, bits=8)
    alone = Source(source.data, header, replace(source.traits, orientation=1), source.others, [cut])
    encoded = codec.encode(alone, settings).data
    result = with_profile_of(upright(Source.open(encoded, others=source.others)), cut)
    inner = Piece(place.x - around.x, place.y - around.y, place.width, place.height)
    return shown(result, inner, scale)
