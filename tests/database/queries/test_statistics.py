from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
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
