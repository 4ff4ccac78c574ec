"""What a file will weigh and how long it will take, before it is compressed: `estimate`, pure and quick.

Three bases, told with every guess: what the header says (`typical`), the same corrected by this user's own results
(`learned`), and what the encoder itself made of the picture or of tiles of it (`measured`, corrected as well).
What is guessed is what the engine does, not what an encoder would: a JPEG below the target quality is rewritten
without loss, and within a format nothing grows. Never smaller for a higher quality.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from plume_app.domain.compression import routes
from plume_app.domain.compression.curves import POLICIES, Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.learning import NOTHING_LEARNED, Learned
from plume_app.domain.compression.model import Model, shipped
from plume_app.domain.compression.settings import Settings

TYPICAL, LEARNED, MEASURED, MIXED = "typical", "learned", "measured", "mixed"
MOST_BYTES, MOST_MS = 10**15, 7 * 24 * 3_600_000  # what a row of the history may hold
_FILE_MS = 2  # reading, sending, checking, writing
_COMPARED_MS = 32  # a megapixel of a file that stays as it is, decoded and compared (WebP, median of 58)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Sizes are bytes, with eight of ten files between `low` and `high`; `time_ms` is of one worker.

    `basis` says what it rests on, `sample_count` how many results of this user stand behind it. `model_size` and
    `model_ms` are the guesses before the user's results corrected them, `lossless` the way taken (a lossy wish can be
    answered without loss): what `learning.Row` wants back later.
    """

    compressed_size: int
    low: int
    high: int
    time_ms: int
    basis: str = TYPICAL
    sample_count: int = 0
    time_low_ms: int = 0
    time_high_ms: int = 0
    model_size: int = 0
    model_ms: int = 0
    lossless: bool = False


def estimate(
    features: Features, settings: Settings, probe: Probe | None = None, learned: Learned | None = None
) -> Estimate:
    """What the file with these features becomes.

    `probe` is used where it answers for these settings, whatever their quality. For a format without an encoder
    see the caller: nothing is made of it.
    """
    return estimate_with(shipped(), features, settings, probe, learned)


def estimate_with(
    model: Model, features: Features, settings: Settings, probe: Probe | None = None, learned: Learned | None = None
) -> Estimate:
    """The same by another model than the shipped one."""
    learned = NOTHING_LEARNED if learned is None else learned
    target = settings.output_format_of(features.format)
    if probe is not None and not probe.answers(target, settings.lossless, settings.effort):
        probe = None
    guess = routes.guess(model, features, settings, target, probe)
    key = (features.format, target, guess.lossless, guess.measured)
    bias, rows = learned.bias.get(key, (0.0, 0))
    kept = features.kept(settings.metadata)
    if probe is not None and probe.kept is not None and features.format != target:
        kept = probe.kept[POLICIES.index(settings.metadata)]
    ceiling = guess.ceiling_log + learned.bias.get((features.format, target, True, guess.ceiling_measured), (0.0, 0))[0]
    weighed = _weighing(features, settings, target, min(ceiling, routes.LARGEST_LOG), kept)
    log = guess.log + bias
    size = weighed(log)
    low = min(size, weighed(log + guess.low)) if guess.low else size
    high = max(size, weighed(log + guess.high)) if guess.high else size
    model_ms = _time_ms(model, features, settings, target, guess)
    time_ms = min(MOST_MS, model_ms * learned.pair_speed.get(key, learned.speed))
    slow, quick = guess.time_range[1], guess.time_range[0]
    return Estimate(
        size,
        low,
        high,
        max(1, round(time_ms)),
        MEASURED if guess.measured else LEARNED if rows else TYPICAL,
        rows,
        max(1, int(time_ms * math.exp(quick))),
        max(1, math.ceil(time_ms * math.exp(slow))),
        weighed(guess.log) if bias else size,
        max(1, round(model_ms)),
        guess.lossless,
    )


def _weighing(
    features: Features, settings: Settings, target: str, ceiling_log: float, kept: int
) -> Callable[[float], int]:
    """What the engine makes of the logarithm of a coded picture's bytes: the bytes of the file that will be there.

    With metadata, under the ceiling, and with the least saving that was asked for. Three are asked for each file, so
    what they have in common is worked out once.
    """
    file_size, percent = features.file_size, settings.min_savings_percent
    largest = min(features.scan_bytes + kept, file_size) if features.format == target else math.inf

    def weighed(log: float) -> int:
        size = min(math.exp(min(log, ceiling_log)) + kept, largest)
        if percent > 0 and (file_size - size) * 100 < percent * file_size:
            size = file_size
        return max(1, min(MOST_BYTES, round(size)))

    return weighed


def _time_ms(model: Model, features: Features, settings: Settings, target: str, guess: routes.Guess) -> float:
    if guess.unchanged:
        return _FILE_MS + math.exp(features.log_megapixels) * _COMPARED_MS
    found = _FILE_MS + _way_ms(model, features, settings, target, guess)
    return found if guess.also is None else found + _way_ms(model, features, settings, target, guess.also)


def _way_ms(model: Model, features: Features, settings: Settings, target: str, guess: routes.Guess) -> float:
    effort = model.effort(target, settings.effort, lossless=guess.lossless)[1]
    pair = guess.pair
    if pair is None or pair.time is None:
        return math.exp(features.log_megapixels) * guess.ms_per_megapixel * effort
    a, b, c, d, e = pair.time
    log_out = guess.log - features.log_megapixels + routes.LOG_BITS_OF_A_MEGAPIXEL
    log = a + b * features.log_megapixels + c * guess.curve + d * features.log_bpp + e * log_out
    return math.exp(min(log, routes.LARGEST_LOG)) * effort


def total(estimates: Iterable[Estimate], shared: float | None = None) -> Estimate:
    """The sum, with an interval of its own: a part of each error is chance and evens out, a part is shared.

    `time_ms` is the work of all, for one worker. The basis is the common one, or "mixed". `shared` (0-1) is the
    part that is shared; None: the model's.
    """
    several = list(estimates)
    size = sum(one.compressed_size for one in several)
    time_ms = sum(one.time_ms for one in several)
    widths: dict[tuple[str, bool], int] = defaultdict(int)
    for one in several:
        if one.low < one.high:
            widths[one.basis, one.sample_count > 0] += one.high - one.low
    basis = {name for name, _ in widths}
    shared = _shared(widths) if shared is None else shared
    shared = 1.0 if len(several) == 1 else shared
    return Estimate(
        compressed_size=size,
        low=max(0, math.floor(size - _width([one.compressed_size - one.low for one in several], shared))),
        high=math.ceil(size + _width([one.high - one.compressed_size for one in several], shared)),
        time_ms=time_ms,
        basis=TYPICAL if not basis else basis.pop() if len(basis) == 1 else MIXED,
        sample_count=min((one.sample_count for one in several), default=0),
        time_low_ms=max(0, round(time_ms - _width([one.time_ms - one.time_low_ms for one in several], shared))),
        time_high_ms=round(time_ms + _width([one.time_high_ms - one.time_ms for one in several], shared)),
        model_size=sum(one.model_size for one in several),
        model_ms=sum(one.model_ms for one in several),
    )


def _shared(widths: Mapping[tuple[str, bool], int]) -> float:
    """The model's share of error that a batch has in common, by how much each basis adds to the width."""
    shares = shipped().shared_error
    known = {
        (name, own): shares.get(f"{name} own" if own and name == MEASURED else name, shares[TYPICAL])
        for name, own in widths
    }
    return sum(known[key] * width for key, width in widths.items()) / max(1, sum(widths.values()))


def _width(widths: list[int], shared: float) -> float:
    alone = sum(width * width for width in widths)
    together = sum(widths) ** 2
    return math.sqrt((1 - shared) * alone + shared * together)
