from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from plume_app.database.spread import (
    Bucket,
    error_distribution,
    median_error,
    median_savings,
    savings_distribution,
)


def left(original: int, compressed: int) -> int:
    """The bucket that the database finds (aggregates.py)."""
    return min(400, 200 * compressed // original)


def forecast(real: int, predicted: int) -> int:
    share = 1000 * predicted // real
    return share if 900 <= share < 1100 else min(2000, 100 * predicted // real * 10)


def counted(buckets: list[int]) -> dict[int, int]:
    return {bucket: buckets.count(bucket) for bucket in buckets}


def test_without_files_there_is_no_median() -> None:
    assert (median_savings({}), median_error({})) == (None, None)
    assert (median_savings({100: 0}), median_error({1000: 0})) == (None, None)


@given(some.lists(some.tuples(some.integers(1, 10**9), some.floats(0, 1.9)), min_size=1, max_size=99))
def test_the_median_saving_is_within_half_a_percent_of_the_exact_one(files: list[tuple[int, float]]) -> None:
    pairs = [(size, int(size * rate)) for size, rate in files]
    exact = sorted(100 * (before - after) / before for before, after in pairs)
    found = median_savings(counted([left(*pair) for pair in pairs]))

    low, high = exact[(len(exact) - 1) // 2], exact[len(exact) // 2]
    assert found is not None
    assert low - 0.56 <= found <= high + 0.56


@given(some.lists(some.tuples(some.integers(1, 10**9), some.floats(0.0, 1.9)), min_size=1, max_size=99))
def test_the_median_error_is_within_a_tenth_near_zero_and_a_percent_far_off(files: list[tuple[int, float]]) -> None:
    pairs = [(size, int(size * rate)) for size, rate in files]
    exact = sorted(abs(100 * (predicted - real) / real) for real, predicted in pairs)
    found = median_error(counted([forecast(*pair) for pair in pairs]))

    low, high = exact[(len(exact) - 1) // 2], exact[len(exact) // 2]
    about = 0.16 if high < 9 else 1.06
    assert found is not None
    assert low - about <= found <= high + about


def test_a_prediction_of_twice_the_size_is_a_hundred_percent_off_or_more() -> None:
    assert median_error({2000: 3}) == 100.0


def test_what_stayed_as_it_was_is_counted_with_what_grew_not_with_what_saved_little() -> None:
    files = [left(1000, 1000), left(1000, 1001), left(1000, 5000), left(100_000, 99_999), left(1000, 0)]
    told = savings_distribution(counted(files))

    assert told[0] == Bucket(None, 0, 3)
    assert told[1] == Bucket(0, 10, 1)
    assert told[-1] == Bucket(90, 100, 1)
    assert len(told) == 11


def test_exactly_half_saved_is_in_the_bucket_up_to_half() -> None:
    assert [one for one in savings_distribution({left(1000, 500): 1}) if one.files] == [Bucket(40, 50, 1)]


def test_errors_are_signed_and_every_file_is_in_one_bucket() -> None:
    files = [forecast(1000, 1000), forecast(1000, 1009), forecast(1000, 991), forecast(1000, 700), forecast(1000, 9999)]
    told = error_distribution(counted(files))

    assert [one for one in told if one.files] == [Bucket(None, -21, 1), Bucket(-1, 1, 3), Bucket(21, None, 1)]
    assert sum(one.files for one in told) == 5
    assert all(a.to_percent == b.from_percent for a, b in pairwise(told))
