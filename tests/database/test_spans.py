from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from plume_app.database.spans import Piece, pieces, quarters
from plume_app.domain.shared.moments import moment_text

START = datetime(2023, 11, 1, tzinfo=UTC)
MOMENTS = some.integers(0, 152 * 86_400_000).map(lambda after: START + timedelta(milliseconds=after))


@given(some.none() | MOMENTS, some.none() | MOMENTS, MOMENTS)
def test_an_instant_of_the_range_is_in_one_piece_and_any_other_in_none(
    since: datetime | None, until: datetime | None, moment: datetime
) -> None:
    inside = (since is None or since <= moment) and (until is None or moment < until)
    text = moment_text(moment)

    assert sum(one.start <= text[: one.level] < one.end for one in pieces(since, until)) == inside
    first, last, edges = quarters(since, until)
    in_quarters = first <= int(moment.timestamp()) // 900 < last
    assert in_quarters + sum(one.start <= text < one.end for one in edges) == inside


def test_all_time_is_one_piece_of_months() -> None:
    assert pieces(None, None) == [Piece(7, "", "~")]
    assert quarters(None, None)[2] == []


def test_a_month_of_a_user_in_india_reads_half_an_hour_of_rows_at_each_end() -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    parts = pieces(datetime(2026, 2, 1, tzinfo=india), datetime(2026, 3, 1, tzinfo=india))

    assert parts == [
        Piece(24, "2026-01-31T18:30:00.000Z", "2026-01-31T19:00:00.000Z"),
        Piece(13, "2026-01-31T19", "2026-02-01T00"),
        Piece(10, "2026-02-01", "2026-02-28"),
        Piece(13, "2026-02-28T00", "2026-02-28T18"),
        Piece(24, "2026-02-28T18:00:00.000Z", "2026-02-28T18:30:00.000Z"),
    ]
    assert quarters(datetime(2026, 2, 1, tzinfo=india), datetime(2026, 3, 1, tzinfo=india))[2] == []


def test_months_and_years_are_found_whole() -> None:
    parts = pieces(datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))

    assert parts == [Piece(7, "2025-12", "2026-02")]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (datetime.max.replace(tzinfo=UTC), None),
        (None, datetime.min.replace(tzinfo=UTC)),
        (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_the_ends_of_the_calendar_and_ranges_the_wrong_way_round_are_empty_not_errors(
    since: datetime | None, until: datetime | None
) -> None:
    assert not any(one.start <= "2026-01-01T00:00:00.000Z"[: one.level] < one.end for one in pieces(since, until))
    quarters(since, until)
