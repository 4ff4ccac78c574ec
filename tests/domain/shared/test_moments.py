from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.shared.moments import compact, moment_of, moment_text

FIRST, LAST = datetime(1970, 1, 1), datetime(9000, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_moments_sort_as_text_as_they_do_in_time(a: datetime, b: datetime) -> None:
    if moment_text(a) < moment_text(b):
        assert a < b
    assert len(moment_text(a)) == 24
    assert abs(moment_of(moment_text(a)) - a) < timedelta(milliseconds=1)


def test_another_zone_is_told_in_utc() -> None:
    moment = datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=2)))

    assert moment_text(moment) == "2025-12-31T23:30:00.000Z"
    assert compact(moment) == "20251231T233000Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        moment_text(datetime(2026, 1, 1))  # noqa: DTZ001
