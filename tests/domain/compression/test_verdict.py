"""Keep or write, by sizes alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.verdict import Kept, Reason, Written, verdict

sizes = st.integers(1, 10**12)
percents = st.floats(0, 100)


@given(sizes, sizes, percents)
def test_t12_a_result_that_is_not_smaller_is_never_written_in_the_same_format(
    before: int, after: int, percent: float
) -> None:
    decided = verdict(before, after, same_format=True, min_savings_percent=percent)

    if after >= before:
        assert decided == Kept(Reason.NOT_SMALLER)
    else:
        assert decided in (Written(before - after), Kept(Reason.BELOW_MIN_SAVINGS))


@given(sizes, sizes)
def test_t13_a_conversion_is_written_and_says_what_it_saved_or_grew(before: int, after: int) -> None:
    assert verdict(before, after, same_format=False) == Written(before - after)


@given(sizes, sizes, percents.filter(bool))
def test_a_minimum_holds_for_conversions_too(before: int, after: int, percent: float) -> None:
    decided = verdict(before, after, same_format=False, min_savings_percent=percent)

    assert isinstance(decided, Written) == ((before - after) * 100 >= percent * before)


def test_exactly_the_minimum_is_enough() -> None:
    assert verdict(1000, 900, same_format=True, min_savings_percent=10) == Written(100)
    assert verdict(1000, 901, same_format=True, min_savings_percent=10) == Kept(Reason.BELOW_MIN_SAVINGS)
    assert verdict(1000, 999, same_format=True) == Written(1)
