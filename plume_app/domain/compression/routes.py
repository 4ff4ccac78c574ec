"""Which way a picture goes through the engine, and what that way makes of it: the half of `estimate` with the rules.

It follows `codecs/*.py`: when one of them changes its mind about a route, so must this.
"""

from __future__ import annotations

import math
from operator import mul
from typing import NamedTuple

from plume_app.domain.compression.curves import ALL_COLOUR_QUALITY, NEVER, Probe, along_sides
from plume_app.domain.compression.features import HALF_COLOUR, Features
from plume_app.domain.compression.model import Model, PairModel, Range, Typical, inputs_of
from plume_app.domain.compression.settings import Settings

LARGEST_LOG = 60.0  # e^60 bytes: what no formula may exceed, so that nothing overflows
LOG_BITS_OF_A_MEGAPIXEL = math.log(8 / 1e6)
NO_CEILING = math.inf
_UNKNOWN = Typical(1.0, 4.0, 300)  # a format of another package
_PLAIN_FORMATS = ("bmp", "tiff")  # hardly compressed: their size says nothing
_GRAPHIC_LOG_BPP = math.log(4.0)  # photographs as PNG have 8 to 16 bits a pixel, screenshots and icons 0.3 to 2
_CALM_LOG_BPP, _FOLLOWS_CURVE = {"jpeg": -0.6, "webp": -1.0}, 0.9
_UNCHANGED: Range = (0.0, 0.0)


class Guess(NamedTuple):
    """The logarithm of the coded picture's bytes, and what to add to it for the ends of the interval.

    `lossless` names the way taken, not the wish. `curve` is the curve at the quality, for the time.
    `also` is the way that is tried as well and takes time.
    `ceiling_log`: above it the engine would have gone without loss, which was told from tiles if `ceiling_measured`.
    `pair`: the numbers behind it. A tuple, since ten thousand are made while somebody moves a slider.
    """

    log: float
    low: float
    high: float
    lossless: bool
    measured: bool = False
    unchanged: bool = False
    curve: float = 0.0
    ceiling_log: float = NO_CEILING
    ceiling_measured: bool = False
    ms_per_megapixel: float = 0.0
    time_range: Range = (-0.5, 0.5)
    pair: PairModel | None = None
    also: Guess | None = None


def guess(model: Model, features: Features, settings: Settings, target: str, probe: Probe | None) -> Guess:
    """What the engine makes of it, before metadata."""
    known = features.source_quality
    own_webp = features.format == target == "webp" and known is not None
    if own_webp and (settings.lossless or (known or 0) <= settings.quality):
        return _same_bytes(features)
    if _goes_without_loss(features, settings, target, probe):
        return _without_loss(model, features, settings, target, probe)
    lossy = _lossy(model, features, settings, target, probe)
    never_lossy = known is None and features.format != "jpeg"
    if (features.format == target and target in ("jpeg", "png")) or (never_lossy and target in ("png", "webp")):
        other = _without_loss(model, features, settings, target, probe)
        return _with_both(_at_most(lossy, other, other.log), lossy, other, probe)
    if target == "png" and probe is not None and probe.both_ways:
        return _with_both(lossy, lossy, _without_loss(model, features, settings, target, probe), probe)
    return lossy


def _with_both(found: Guess, lossy: Guess, other: Guess, probe: Probe | None) -> Guess:
    if probe is None or not probe.both_ways:
        return found
    return found._replace(also=lossy if found.lossless else other)


def _at_most(lossy: Guess, other: Guess, ceiling_log: float) -> Guess:
    """The lossy way, or the one without loss where the engine prefers it."""
    if lossy.log > ceiling_log:
        return other._replace(log=ceiling_log, curve=lossy.curve)
    return lossy._replace(ceiling_log=ceiling_log, ceiling_measured=other.measured)


def _goes_without_loss(features: Features, settings: Settings, target: str, probe: Probe | None) -> bool:
    if settings.lossless:
        return True
    own, known = features.format == target, features.source_quality
    if target == "jpeg" and own:
        return features.channels == 4 or (known is not None and known <= settings.quality)
    if target == "png":
        grey = features.channels == 1
        deep = features.bits > 8 or (own and features.frames > 1)
        return grey or deep or (own and features.palette) or (probe is not None and probe.few_colours)
    return False


def needs_trial(features: Features, settings: Settings, target: str) -> bool:
    """Does trying the encoder tell more than the header?"""
    if features.frames > 1:
        return False
    if not _goes_without_loss(features, settings, target, None):
        known = features.source_quality
        return features.format != target or target != "webp" or known is None or known > settings.quality
    lossy_source = features.format == target == "webp" and features.source_quality is not None
    return (
        target != "jpeg" and features.bits == 8 and (features.format != target or target == "webp") and not lossy_source
    )


def is_graphic(features: Features) -> bool:
    """So few bits a pixel without loss that it is drawn, not photographed: no piece stands for the whole."""
    return features.source_quality is None and features.log_bpp < _GRAPHIC_LOG_BPP


def is_drawn(model: Model, features: Features, probe: Probe | None) -> bool:
    """A calm picture by its pixels; before they are known a graphic by its header.

    Of a lossy source by the bits that its picture would take at quality 80: of 83 calm JPEGs 59 are found so, and 3
    of 118 others; of 80 calm WebPs 70, and 8 of 87.
    """
    if probe is not None and probe.activity is not None:
        return probe.is_calm
    known, curve = features.source_quality, model.curves.get(features.format)
    if known is None or curve is None:
        return is_graphic(features)
    return features.log_bpp - _FOLLOWS_CURVE * curve[known] < _CALM_LOG_BPP.get(features.format, -math.inf)


def _same_bytes(features: Features) -> Guess:
    return Guess(math.log(max(1, features.scan_bytes)), 0.0, 0.0, lossless=True, unchanged=True, time_range=_UNCHANGED)


def _without_loss(model: Model, features: Features, settings: Settings, target: str, probe: Probe | None) -> Guess:
    if probe is not None and probe.lossless_log is not None:
        pair = pair_for(model, features, probe, target, lossless=True)
        return _measured(pair, features, probe.lossless_log, 0.0, 0.0, is_whole(probe, lossless=True), lossless=True)
    return _from_header(model, features, settings, target, lossless=True)


def _lossy(model: Model, features: Features, settings: Settings, target: str, probe: Probe | None) -> Guess:
    curve = model.curves.get(target)
    if probe is None or not probe.points or curve is None:
        return _from_header(model, features, settings, target, lossless=False)
    pair = pair_for(model, features, probe, target, lossless=False)
    jump = (model.colour_jump, model.colour_jump_bias) if target == "jpeg" else (0.0, 0.0)
    log, drift = along_sides(probe, curve, settings.quality, jump)
    whole = is_whole(probe, lossless=False)
    # Pieces of a PNG are deflated fast, whatever the effort; nothing is tried at "max".
    if settings.effort == "max" or (target == "png" and not whole):
        log += math.log(model.effort(target, settings.effort, lossless=False)[0])
    found = _measured(pair, features, log, curve[settings.quality], drift, whole, lossless=False)
    if pair is None or whole or not pair.header_share:
        return found
    header = _from_header(model, features, settings, target, lossless=False)
    if header.pair is not pair:  # its pixels are of another kind than its header says
        return found
    return found._replace(log=found.log + pair.header_share * (header.log - found.log))


def is_whole(probe: Probe, *, lossless: bool) -> bool:
    """Was all of the picture tried, by this way?"""
    return probe.whole and probe.lossless == lossless


def _measured(
    pair: PairModel | None, features: Features, log: float, curve: float, drift: float, whole: bool, *, lossless: bool
) -> Guess:
    if pair is None:
        return Guess(log, -0.1 - drift, 0.1 + drift, lossless, measured=True, curve=curve, ms_per_megapixel=100)
    add, per_bpp, per_curve = pair.whole if whole else pair.tiles
    low, high = pair.whole_range if whole else pair.tiles_range
    log += add + per_bpp * (log + LOG_BITS_OF_A_MEGAPIXEL - features.log_megapixels) + per_curve * curve
    wider = pair.drift * drift
    return Guess(
        log, low - wider, high + wider, lossless, measured=True, curve=curve, time_range=pair.time_range, pair=pair
    )


def _from_header(model: Model, features: Features, settings: Settings, target: str, *, lossless: bool) -> Guess:
    pair = pair_for(model, features, None, target, lossless=lossless)
    curve = model.curves.get(target)
    at = 0.0 if lossless or curve is None else curve[settings.quality]
    log_effort = math.log(model.effort(target, settings.effort, lossless=lossless)[0])
    if pair is None or pair.header is None:
        return _typical(model, features, target, at, log_effort, lossless=lossless)
    header = pair.header
    known = features.source_quality
    source = 0.0 if known is None or curve is None else curve[known]
    values = inputs_of(features, source, header.clips)
    bpp = values[1]
    log = sum(map(mul, header.inputs, values))
    slope = max(0.05, header.slopes[0] + header.slopes[1] * bpp)
    if known is None or lossless or at <= source:
        log += slope * at
    else:
        log += slope * source + max(0.02, header.slopes[2]) * (at - source)
    if target == "jpeg" and not lossless and settings.quality >= ALL_COLOUR_QUALITY and _may_switch(features):
        log += model.colour_jump
    low, high = pair.header_range
    return Guess(
        log + log_effort + features.log_megapixels - LOG_BITS_OF_A_MEGAPIXEL,
        low,
        high,
        lossless,
        curve=at,
        time_range=pair.time_range,
        pair=pair,
    )


def pair_for(model: Model, features: Features, probe: Probe | None, target: str, *, lossless: bool) -> PairModel | None:
    """The numbers for a way: those for graphics where there are any, else those for all pictures."""
    if is_drawn(model, features, probe):
        drawn = model.pairs.get((features.format, target, lossless, True))
        if drawn is not None:
            return drawn
    return model.pairs.get((features.format, target, lossless, False))


def _may_switch(features: Features) -> bool:
    """Does our JPEG keep all of its colour at high qualities only?"""
    return features.channels >= 3 and features.subsampling in (None, "4:4:4")


def switch_of(features: Features, *, is_fine: bool) -> int:
    """`Probe.full_colour_from` by the rule of codecs/jpeg.py; `is_fine`: half the colour would be seen."""
    if features.channels < 3 or features.subsampling in HALF_COLOUR:
        return NEVER
    if is_fine:
        return 1
    return ALL_COLOUR_QUALITY if features.subsampling in (None, "4:4:4") else NEVER


def _typical(model: Model, features: Features, target: str, at: float, log_effort: float, *, lossless: bool) -> Guess:
    name = f"{target} lossless" if lossless else target
    plain = features.format in _PLAIN_FORMATS and name in model.plain
    if plain:
        one = model.plain[name]
        base = features.pixels * features.channels * ((features.bits + 7) // 8)
    else:
        one, base = model.typical.get((features.format, target, lossless), _UNKNOWN), features.scan_bytes
    width = math.log(one.spread)
    log = math.log(max(1, base) * one.ratio) + at + log_effort
    return Guess(log, -width, width, lossless, curve=at, ms_per_megapixel=one.ms_per_megapixel)
