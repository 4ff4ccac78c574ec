from __future__ import annotations

import math

import pytest

from plume_app.domain.compression.learning import LAST_ROWS, NOTHING_LEARNED, Learned, Row, learn

KEY = ("jpeg", "webp", False, False)


def row(actual: int, predicted: int = 1000, *, version: str = "1", ms: int = 10, predicted_ms: int = 10) -> Row:
    return Row("jpeg", "webp", False, version, predicted, actual, predicted_ms, ms)


def test_nothing_is_learned_from_nothing() -> None:
    assert learn([]) == NOTHING_LEARNED == Learned()


def test_a_steady_bias_is_believed_the_more_rows_tell_it() -> None:
    biases = [learn([row(1100)] * count).bias[KEY] for count in (1, 5, 50)]

    assert [round(bias / math.log(1.1), 3) for bias, _ in biases] == [0.167, 0.5, 0.909]
    assert [count for _, count in biases] == [1, 5, 50]


def test_only_the_last_rows_count() -> None:
    found = learn([row(1100)] * LAST_ROWS + [row(2000)] * 500)

    assert found.bias[KEY] == pytest.approx((math.log(1.1) * 50 / 55, 50))


def test_what_is_three_times_off_says_nothing_of_the_model() -> None:
    assert learn([row(4000), row(200)]).bias == {}
    assert learn([row(1000), row(4000)]).bias[KEY] == (0.0, 1)


def test_rows_of_another_encoder_are_passed_over() -> None:
    rows = [row(2000, version="old")] * 9 + [row(1100, version="new")] * 9

    assert learn(rows, {"webp": "new"}).bias[KEY] == pytest.approx((math.log(1.1) * 9 / 14, 9))


def test_pairs_ways_and_bases_are_told_apart() -> None:
    rows = [row(1100), row(1200)._replace(lossless=True), row(1300)._replace(measured=True)]

    assert set(learn(rows).bias) == {KEY, ("jpeg", "webp", True, False), ("jpeg", "webp", False, True)}


def test_a_slow_machine_is_slow_for_every_pair() -> None:
    rows = [row(1000, ms=40)] * 45

    found = learn(rows)

    assert found.speed == pytest.approx(4**0.9)
    assert found.speed_rows == 45


def test_rows_without_a_prediction_do_no_harm() -> None:
    assert learn([row(1000, predicted=0, ms=0, predicted_ms=0)]).speed == 1.0
