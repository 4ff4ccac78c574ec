from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.curves import NEVER, Probe
from plume_app.domain.compression.estimate import LEARNED, MEASURED, MIXED, TYPICAL, Estimate, estimate, total
from plume_app.domain.compression.features import Features, plain_features
from plume_app.domain.compression.learning import Learned
from plume_app.domain.compression.settings import EFFORTS, METADATA_POLICIES, Settings
from plume_app.domain.image.header import Header

FORMATS = ("png", "jpeg", "webp", "gif", "tiff", "bmp", "of_another_package")
PAIRS = list(itertools.product(FORMATS, ("keep", "png", "jpeg", "webp", "of_another_package")))


@st.composite
def any_features(draw: st.DrawFn, formats: tuple[str, ...] = FORMATS) -> Features:
    file_size = draw(st.integers(1, 2**40))
    scan_bytes = draw(st.integers(1, file_size))
    none, safe, everything = sorted(draw(st.integers(0, 10**6)) for _ in range(3))
    return Features(
        format=draw(st.sampled_from(formats)),
        width=draw(st.integers(1, 70_000)),
        height=draw(st.integers(1, 70_000)),
        file_size=file_size,
        scan_bytes=scan_bytes,
        frames=draw(st.sampled_from([1, 1, 1, 7, 1000])),
        channels=draw(st.integers(1, 4)),
        bits=draw(st.sampled_from([1, 8, 16])),
        source_quality=draw(st.none() | st.integers(1, 100)),
        subsampling=draw(st.sampled_from([None, "4:4:4", "4:2:2", "4:2:0"])),
        progressive=draw(st.booleans()),
        palette=draw(st.booleans()),
        kept_none=none,
        kept_safe=safe,
        kept_all=everything,
    )


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    return Settings(
        output_format=draw(st.sampled_from(["keep", "png", "jpeg", "webp", "of_another_package"])),
        quality=draw(st.integers(1, 100)),
        lossless=draw(st.booleans()),
        effort=draw(st.sampled_from(EFFORTS)),
        metadata=draw(st.sampled_from(METADATA_POLICIES)),
        min_savings_percent=draw(st.sampled_from([0.0, 5.0, 100.0])),
    )


@st.composite
def any_probe(draw: st.DrawFn, features: Features, settings: Settings) -> Probe | None:
    if draw(st.booleans()):
        return None
    target = features.format if settings.output_format == "keep" else settings.output_format
    qualities = sorted(draw(st.sets(st.integers(1, 100), max_size=5)))
    sizes = sorted(draw(st.floats(0, 30)) for _ in qualities)
    return Probe(
        target,
        settings.lossless,
        settings.effort,
        tuple(zip(qualities, sizes, strict=True)),
        lossless_log=draw(st.none() | st.floats(0, 30)),
        whole=draw(st.booleans()),
        asked=draw(st.sampled_from(qualities or [80])),
        full_colour_from=draw(st.sampled_from([1, 90, NEVER])),
        few_colours=draw(st.booleans()),
        kept=draw(st.none() | st.just((0, 10, 5000))),
        both_ways=draw(st.booleans()),
    )


def learned_of(features: Features, settings: Settings, bias: float) -> Learned:
    target = features.format if settings.output_format == "keep" else settings.output_format
    ways = itertools.product((True, False), (True, False))
    return Learned({(features.format, target, lossless, measured): (bias, 9) for lossless, measured in ways})


@given(st.data())
def test_every_guess_is_positive_ordered_and_labelled(data: st.DataObject) -> None:
    features, settings = data.draw(any_features()), data.draw(any_settings())
    probe = data.draw(any_probe(features, settings))
    learned = data.draw(st.none() | st.builds(lambda b: learned_of(features, settings, b), st.floats(-1.1, 1.1)))

    guess = estimate(features, settings, probe, learned)

    assert 1 <= guess.low <= guess.compressed_size <= guess.high
    assert 1 <= guess.time_low_ms <= guess.time_ms <= guess.time_high_ms
    assert guess.basis in (TYPICAL, LEARNED, MEASURED)
    assert guess.model_size >= 1
    assert guess.model_ms >= 1


@given(st.data())
def test_t12_within_a_format_nothing_larger_is_foretold(data: st.DataObject) -> None:
    features, settings = data.draw(any_features()), data.draw(any_settings())
    settings = replace(settings, output_format="keep")

    guess = estimate(features, settings, data.draw(any_probe(features, settings)))

    assert guess.high <= features.file_size


@given(st.data())
def test_a_higher_quality_is_never_foretold_to_be_smaller(data: st.DataObject) -> None:
    features, settings = data.draw(any_features()), replace(data.draw(any_settings()), lossless=False)
    probe = data.draw(any_probe(features, settings))
    one, other = sorted((data.draw(st.integers(1, 100)), data.draw(st.integers(1, 100))))

    lower, higher = (estimate(features, replace(settings, quality=quality), probe) for quality in (one, other))

    if lower.basis == higher.basis:  # where the way changes to one that was not tried, it rests on less
        assert lower.compressed_size <= higher.compressed_size


@pytest.mark.parametrize(("input_format", "output_format"), PAIRS)
def test_a_header_alone_is_enough(input_format: str, output_format: str) -> None:
    known = plain_features(Header(input_format, 1000, 800), 500_000)

    guess = estimate(known, Settings(output_format=output_format))

    assert (guess.basis, guess.sample_count) == (TYPICAL, 0)
    assert guess.low < guess.high or output_format == "keep"


def test_metadata_that_is_kept_is_added_as_it_is() -> None:
    known = Features("jpeg", 1000, 1000, 500_000, 400_000, kept_none=3000, kept_safe=9000, kept_all=100_000)

    none, safe, everything = (
        estimate(known, Settings(quality=40, metadata=policy)).compressed_size for policy in ("none", "safe", "all")
    )

    assert (safe - none, everything - none) == (6000, 97_000)


def test_a_picture_that_was_tried_is_told_as_it_came_out() -> None:
    known = Features("png", 500, 500, 400_000, 400_000)
    tried = Probe("webp", False, "balanced", ((80, math.log(50_000)),), whole=True)

    guess = estimate(known, Settings(output_format="webp"), tried)

    assert guess.basis == MEASURED
    assert guess.compressed_size == pytest.approx(50_000, rel=0.03)


def test_a_trial_for_other_settings_says_nothing() -> None:
    known = Features("png", 500, 500, 400_000, 400_000)
    tried = Probe("webp", False, "balanced", ((80, math.log(50_000)),), whole=True)

    for settings in (Settings(output_format="jpeg"), Settings(output_format="webp", effort="max")):
        assert estimate(known, settings, tried) == estimate(known, settings)


def test_own_results_move_size_and_time() -> None:
    known = Features("jpeg", 1000, 1000, 300_000, 300_000, source_quality=95)
    key = ("jpeg", "jpeg", False, False)
    plain = estimate(known, Settings())

    moved = estimate(known, Settings(), learned=Learned({key: (math.log(0.9), 12)}, pair_speed={key: 2.0}))

    assert moved.compressed_size == pytest.approx(plain.compressed_size * 0.9, abs=1)
    assert moved.time_ms == pytest.approx(plain.time_ms * 2, abs=2)
    assert (moved.basis, moved.sample_count) == (LEARNED, 12)
    assert (moved.model_size, moved.model_ms) == (plain.compressed_size, plain.time_ms)


def test_less_than_the_wished_saving_keeps_the_file() -> None:
    known = Features("png", 1000, 1000, 1_000_000, 1_000_000)

    guess = estimate(known, Settings(lossless=True, min_savings_percent=50))

    assert guess.compressed_size == 1_000_000


def test_more_effort_and_more_pixels_take_longer() -> None:
    once = plain_features(Header("gif", 1000, 800), 500_000)
    film = plain_features(Header("gif", 1000, 800, frames=10), 500_000)
    times = [estimate(once, Settings(output_format="webp", effort=effort)).time_ms for effort in EFFORTS]

    assert times == sorted(set(times))
    assert estimate(film, Settings(output_format="webp")).time_ms > 5 * times[1]


@pytest.mark.parametrize("smaller", ["palette", "lossless"])
@pytest.mark.parametrize("input_format", ["png", "webp"])
def test_what_is_made_both_ways_takes_the_time_of_both(input_format: str, smaller: str) -> None:
    features = Features(input_format, 1000, 1000, 150_000, 150_000)
    palette_log = 10.6 if smaller == "palette" else 11.6
    one = Probe("png", False, "balanced", ((80, palette_log),), lossless_log=11.0, activity=0.8)
    lossy = Settings(output_format="png", quality=80)
    without = replace(one, lossless=True, points=())

    both = estimate(features, lossy, replace(one, both_ways=True))
    palette_ms = estimate(features, lossy, replace(one, lossless_log=20.0)).time_ms
    lossless_ms = estimate(features, replace(lossy, lossless=True), without).time_ms

    assert both.compressed_size == estimate(features, lossy, one).compressed_size
    assert both.time_ms == pytest.approx(palette_ms + lossless_ms, rel=0.2)


def test_a_plain_file_is_judged_by_its_pixels() -> None:
    small, large = (
        estimate(plain_features(Header("bmp", 1000, 800), size), Settings(output_format="jpeg"))
        for size in (10_000, 2_400_000)
    )

    assert small.compressed_size == large.compressed_size


def test_the_total_is_the_sum_with_a_narrower_interval() -> None:
    one = Estimate(100, 50, 200, 7)

    whole = total([one] * 100)

    assert (whole.compressed_size, whole.time_ms) == (10_000, 700)
    assert 5_000 < whole.low < 10_000 < whole.high < 20_000
    assert (total([one]).low, total([one]).high) == (50, 200)


def test_the_total_of_nothing_is_nothing() -> None:
    assert total([]) == Estimate(0, 0, 0, 0)


def test_the_total_says_when_its_parts_rest_on_different_things() -> None:
    assert total([Estimate(1, 1, 2, 1), Estimate(1, 1, 2, 1, basis=MEASURED, sample_count=9)]).basis == MIXED


@pytest.mark.parametrize("points", [((500, 6.0),), ((-3, 6.0), (80, 50.0)), ((80, 1e15),), ((80, -1e15),)])
def test_a_probe_that_says_nonsense_gives_a_size_and_a_time_that_the_history_can_hold(
    points: tuple[tuple[int, float], ...],
) -> None:
    huge = Features("bmp", 1 << 53, 1 << 53, 1 << 53, 1 << 53, source_quality=900)
    for features in (huge, Features("jpeg", 40, 30, 900, 800, source_quality=900)):
        for probe in (None, Probe("webp", False, "balanced", points)):
            found = estimate(features, Settings(output_format="webp"), probe)
            assert 0 < found.low <= found.compressed_size <= found.high <= 10**15
            assert 0 < found.time_ms <= 7 * 24 * 3_600_000


def test_what_a_batch_shares_makes_its_total_less_sure() -> None:
    several = [Estimate(100, 90, 110, 7)] * 100

    chance, half, everything = (total(several, shared=shared) for shared in (0.0, 0.25, 1.0))

    assert (chance.low, chance.high) == (9_900, 10_100)
    assert (everything.low, everything.high) == (9_000, 11_000)
    assert everything.low < half.low < chance.low
