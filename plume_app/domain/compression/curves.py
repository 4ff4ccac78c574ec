"""How size answers to quality: `Curve`, the mean of many pictures, and `Probe`, where one picture was tried.

A picture tried at a few qualities is told at the others along the mean curve, stretched between the points and
carried on beyond them. A straight line in the logarithm of the table scale needs seven points for what the mean
curve does with three.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

ALL_COLOUR_QUALITY = 90  # from here on our JPEG keeps all colour where the source has it: sizes jump
NEVER = 101
CALM = 1.5  # between the busiest screenshot (1.15) and the calmest photograph (1.8) of 24
POLICIES = ("none", "safe", "all")  # the order of `Probe.kept`


class Curve:
    """The mean logarithm of size by quality 1-100, zero at 80, never falling. Straight between the knots given."""

    __slots__ = ("_values",)

    def __init__(self, knots: Mapping[int, float]) -> None:
        known = sorted(knots)
        values = [0.0]
        for quality in range(1, 101):
            after = min(len(known) - 1, max(1, bisect_left(known, quality)))
            low, high = known[after - 1], known[after]
            share = (min(high, max(low, quality)) - low) / (high - low)
            values.append(max(values[-1] if quality > 1 else -99.0, knots[low] + share * (knots[high] - knots[low])))
        self._values = tuple(values)

    def __getitem__(self, quality: int) -> float:
        return self._values[min(100, max(0, quality))]  # a probe may say anything: a worker made it


@dataclass(frozen=True, slots=True)
class Probe:
    """What an encoder made of a picture, or of 64-pixel tiles of it, at some qualities.

    It answers for one target: `output_format`, `lossless`, `effort`. `points` are quality and the logarithm of
    the bytes that the whole picture would take, rising; `lossless_log` the same without loss, where that was
    tried. `whole`: the picture itself was encoded, at the quality `asked`. `full_colour_from` is the quality from
    which a JPEG keeps all colour (`NEVER` for grey pictures and those that have half). `few_colours`: 256 or
    fewer, so that a palette loses nothing. `tile_pixels` is how much was encoded. `kept`: bytes of metadata in a
    file of that format under the policies "none", "safe", "all". `activity`: the mean of `tiles.activity_of`.
    `both_ways`: the engine will try it without loss as well, at the quality `asked`.
    """

    output_format: str
    lossless: bool
    effort: str
    points: tuple[tuple[int, float], ...] = ()
    lossless_log: float | None = None
    asked: int = 80
    whole: bool = False
    full_colour_from: int = NEVER
    few_colours: bool = False
    tile_pixels: int = 0
    kept: tuple[int, int, int] | None = None
    activity: float | None = None
    both_ways: bool = False

    @property
    def is_calm(self) -> bool:
        """So little happens in it that it is drawn, or nearly blank."""
        return self.activity is not None and self.activity < CALM

    def answers(self, output_format: str, lossless: bool, effort: str) -> bool:
        """Was it made for such settings? The quality does not matter."""
        return (self.output_format, self.lossless, self.effort) == (output_format, lossless, effort)


def along(points: Sequence[tuple[int, float]], curve: Curve, quality: int) -> tuple[float, float]:
    """The logarithm of size at `quality`, and how far that is from the nearest point, in the curve's unit.

    Never falls with quality. `points` has at least one point, in rising order of quality.
    """
    at = curve[quality]
    first, last = points[0], points[-1]
    if quality <= first[0] or len(points) == 1:
        step = at - curve[first[0]]
        return first[1] + step, abs(step)
    if quality >= last[0]:
        step = at - curve[last[0]]
        return last[1] + step, step
    for (low, low_log), (high, high_log) in pairwise(points):
        if quality <= high:
            start, end = curve[low], curve[high]
            share = (at - start) / (end - start) if end > start else 0.0
            return low_log + share * (max(low_log, high_log) - low_log), min(at - start, end - at)
    raise AssertionError("the last point is the highest")


def along_sides(probe: Probe, curve: Curve, quality: int, jump: tuple[float, float]) -> tuple[float, float]:
    """As `along`, on this quality's own side of `Probe.full_colour_from`, as far as there are points.

    `jump`: what the mean picture jumps by there, and how much more than the truth the anchors tell: they are tried
    on few tiles, whose seams cost colour as well.
    """
    switch, (height, bias) = probe.full_colour_from, jump
    if not 1 < switch <= 100:
        return along(probe.points, curve, quality)
    is_low = probe.asked < switch
    below = [(one, log if is_low else log + bias) for one, log in probe.points if one < switch]
    above = [(one, log - bias if is_low else log) for one, log in probe.points if one >= switch]
    if quality >= switch:
        log, drift = along(above or below, curve, quality)
        return (log if above else log + height), drift
    log, drift = along(below or above, curve, quality)
    if not below:
        return log - height, drift
    return (min(log, along(above, curve, switch)[0]) if above else log), drift
