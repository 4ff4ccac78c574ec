from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
from plume_app.database.queries.clearing import clear_statistics
from plume_app.database.queries.journal import set_job
from plume_app.database.queries.results import JobResult, StatsRow, record
from plume_app.database.queries.wins import MAX_WINS, biggest_wins

NOW = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
ROW = StatsRow("png", "webp", 1000, 600, 5, None, True, "balanced", 8, 8, "webp 1")


def add(db: Database, batch_id: int, saved: list[int], *, moment: datetime = NOW) -> list[int]:
    jobs = add_jobs(db, batch_id, [b"/in/%d.png" % number for number in saved])
    rows = [replace(ROW, compressed_size=1000 - number) for number in saved]
    record(db, [JobResult(job, "written", stats=row) for job, row in zip(jobs, rows, strict=True)], now=moment)
    return jobs


def saved(db: Database, **span: datetime) -> list[int]:
    return [win.original_size - win.compressed_size for win in biggest_wins(db, **span)]


def test_the_largest_savings_of_all_days_come_first(db: Database, batch_id: int) -> None:
    for day in range(12):
        add(db, batch_id, [day * 10, 500 + day], moment=NOW + timedelta(days=day))
    add(db, batch_id, [900, 901, 902])

    assert saved(db) == [902, 901, 900, 511, 510, 509, 508, 507]
    assert biggest_wins(db)[0].path == b"/in/902.png"
    assert len(biggest_wins(db)) == MAX_WINS


def test_what_grew_was_undone_or_cleared_is_no_win(db: Database, batch_id: int) -> None:
    jobs = add(db, batch_id, [-5, 0, 7, 8])
    set_job(db, jobs[3], "undone")
    assert saved(db) == [7]

    clear_statistics(db, NOW)

    assert saved(db) == []


def test_a_range_in_the_middle_of_a_day_is_kept_to_the_moment(db: Database, batch_id: int) -> None:
    for hour in range(3):
        add(db, batch_id, [hour + 1], moment=NOW + timedelta(hours=hour))

    assert saved(db, since=NOW + timedelta(hours=1)) == [3, 2]
    assert saved(db, until=NOW + timedelta(hours=1)) == [1]
    assert saved(db, since=NOW, until=NOW + timedelta(hours=2)) == [2, 1]
