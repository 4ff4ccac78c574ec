from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import add_jobs, create_batch
from plume_app.database.queries.journal import set_job
from plume_app.database.queries.results import JobResult, StatsRow, record
from plume_app.database.queries.statistics import Totals, stats

ROW = StatsRow("png", "png", 1000, 600, 5, None, True, "balanced", 8, 8, "oxipng 10")


def test_nothing_recorded_is_zero_not_an_error(db: Database) -> None:
    found = stats(db)

    assert found.totals == Totals(0, 0, 0, 0, 0)
    assert (found.by_format_pair, found.by_day) == ((), ())


def test_t13_totals_are_the_sums_to_the_byte_and_losses_count(db: Database, batch_id: int, now: datetime) -> None:
    rows = [
        ROW,
        replace(ROW, original_disk_size=4096, compressed_disk_size=0),
        replace(ROW, input_format="jpeg", output_format="webp", original_size=100, compressed_size=350),
    ]
    jobs = add_jobs(db, batch_id, [b"/1", b"/2", b"/3"])
    for day, (job, row) in enumerate(zip(jobs, rows, strict=True)):
        record(db, [JobResult(job, "written", stats=row)], now=now + timedelta(days=day))

    found = stats(db)

    assert found.totals == Totals(3, 2100, 1550, 4096, 0)
    assert found.totals.saved_bytes == 550
    assert [(p.input_format, p.output_format, p.totals.saved_bytes) for p in found.by_format_pair] == [
        ("png", "png", 800),
        ("jpeg", "webp", -250),
    ]
    assert [(d.day, d.totals.files) for d in found.by_day] == [("2026-03-04", 1), ("2026-03-05", 1), ("2026-03-06", 1)]


def test_since_is_included_and_until_is_not(db: Database, batch_id: int, now: datetime) -> None:
    for day, job in enumerate(add_jobs(db, batch_id, [b"/1", b"/2", b"/3"])):
        record(db, [JobResult(job, "written", stats=ROW)], now=now + timedelta(days=day))

    assert stats(db, since=now + timedelta(days=1)).totals.files == 2
    assert stats(db, until=now + timedelta(days=1)).totals.files == 1


def test_what_was_undone_was_not_saved(db: Database, batch_id: int, now: datetime) -> None:
    job = add_jobs(db, batch_id, [b"/1"])[0]
    record(db, [JobResult(job, "written", stats=ROW)], now=now)

    set_job(db, job, "undone")

    assert stats(db).totals.files == 0


def add(db: Database, batch_id: int, row: StatsRow, moment: datetime) -> None:
    record(db, [JobResult(add_jobs(db, batch_id, [b"/a"])[0], "written", stats=row)], now=moment)


def test_days_are_those_of_the_users_clock(db: Database, batch_id: int) -> None:
    for hour, minute in ((18, 29), (18, 30), (23, 59)):
        add(db, batch_id, ROW, datetime(2026, 3, 4, hour, minute, tzinfo=UTC))

    def days(offset: int) -> list[tuple[str, int]]:
        return [(one.day, one.totals.files) for one in stats(db, utc_offset_minutes=offset).by_day]

    assert days(0) == [("2026-03-04", 3)]
    assert days(330) == [("2026-03-04", 1), ("2026-03-05", 2)]
    assert days(-19 * 60) == [("2026-03-03", 2), ("2026-03-04", 1)]


def test_a_range_is_exact_to_the_millisecond_in_every_figure(db: Database, batch_id: int) -> None:
    start = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
    for second in range(-2, 3):
        add(db, batch_id, replace(ROW, predicted_size=600), start + timedelta(milliseconds=second))
    found = stats(db, since=start, until=start + timedelta(milliseconds=2))

    assert found.totals.files == 2
    assert [one.totals.files for one in found.by_day] == [2]
    assert sum(one.files for one in found.savings_distribution) == 2
    assert found.accuracy is not None
    assert (found.accuracy.files, sum(one.files for one in found.accuracy.errors)) == (2, 2)


@settings(max_examples=25, deadline=None)
@given(
    some.lists(some.integers(-4000, 4000), max_size=25),
    *(some.none() | some.integers(-4000, 4000) for _ in range(2)),
    some.sampled_from([0, 60, 345, -570]),
)
def test_any_range_is_what_a_plain_sum_over_its_rows_gives(
    hours: list[int], since: int | None, until: int | None, offset: int
) -> None:
    noon = datetime(2026, 3, 4, 12, 7, 30, tzinfo=UTC)
    start, end = (None if hour is None else noon + timedelta(hours=hour / 4) for hour in (since, until))
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "plume.sqlite3")
        with db.connection_context():
            batch = create_batch(db, owner="1:1:boot", settings={}, output={}, now=noon)
            for hour in hours:
                add(db, batch, replace(ROW, original_size=1000 + hour % 7), noon + timedelta(hours=hour / 4))
            found = stats(db, since=start, until=end, utc_offset_minutes=offset)
    moments = [noon + timedelta(hours=hour / 4) for hour in hours]
    inside = [
        (moment, 1000 + hour % 7)
        for moment, hour in zip(moments, hours, strict=True)
        if (start is None or start <= moment) and (end is None or moment < end)
    ]
    days = Counter((moment + timedelta(minutes=offset)).date().isoformat() for moment, _ in inside)

    assert (found.totals.files, found.totals.original_size) == (len(inside), sum(size for _, size in inside))
    assert {one.day: one.totals.files for one in found.by_day} == days
    assert sum(one.files for one in found.savings_distribution) == len(inside)


def test_how_good_predictions_were_is_told_with_its_interval(db: Database, batch_id: int, now: datetime) -> None:
    hit = replace(ROW, predicted_size=630, predicted_low=600, predicted_high=660)
    miss = replace(hit, predicted_size=900, predicted_low=880, predicted_high=920)
    for row in (hit, hit, miss, replace(ROW, predicted_size=300), ROW):
        add(db, batch_id, row, now)
    accuracy = stats(db).accuracy

    assert accuracy is not None
    assert accuracy.files == 4
    assert 5.0 <= accuracy.median_error_percent <= 5.1
    assert accuracy.within_interval_percent == 66.7
    assert [(one.from_percent, one.to_percent, one.files) for one in accuracy.errors if one.files] == [
        (None, -21, 1),
        (5, 7, 2),
        (21, None, 1),
    ]


def test_without_a_prediction_nothing_is_said_about_predictions(db: Database, batch_id: int, now: datetime) -> None:
    add(db, batch_id, ROW, now)

    assert stats(db).accuracy is None


def test_the_median_saving_counts_what_grew(db: Database, batch_id: int, now: datetime) -> None:
    for size in (400, 1100, 1300):
        add(db, batch_id, replace(ROW, compressed_size=size), now)
    found = stats(db).median_savings_percent

    assert found is not None
    assert -10.5 <= found <= -10
    assert stats(db).savings_distribution[0].files == 2
