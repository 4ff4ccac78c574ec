from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
from plume_app.database.queries.clearing import clear_statistics
from plume_app.database.queries.journal import set_job
from plume_app.database.queries.learning import Lesson, recent_lessons
from plume_app.database.queries.results import JobResult, StatsRow, record

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ROW = StatsRow("png", "webp", 1000, 600, 5, 80, False, "balanced", 8, 8, "webp 1", features="{}")


def add(db: Database, batch_id: int, *rows: StatsRow) -> list[int]:
    jobs = add_jobs(db, batch_id, [b"/a"] * len(rows))
    record(db, [JobResult(job, "written", stats=row) for job, row in zip(jobs, rows, strict=True)], now=NOW)
    return jobs


def test_only_files_with_a_guess_teach_whether_it_was_shown_or_not(db: Database, batch_id: int) -> None:
    add(db, batch_id, replace(ROW, features=None, predicted_size=650), replace(ROW, features='{"a": 1}'))

    assert recent_lessons(db) == [
        Lesson("png", "webp", "webp 1", 600, 5, '{"a": 1}'),
    ]


def test_the_newest_of_each_pair_come_first_and_lossless_ones_do_not_push_out_lossy_ones(
    db: Database, batch_id: int
) -> None:
    lossy = [replace(ROW, compressed_size=size) for size in (1, 2, 3)]
    lossless = [replace(ROW, lossless=True, quality=None, compressed_size=size) for size in (4, 5, 6)]
    add(db, batch_id, *lossy, *lossless, replace(ROW, input_format="jpeg", compressed_size=7))

    found = [(one.input_format, one.compressed_size) for one in recent_lessons(db, limit_per_pair=2)]

    assert found == [("jpeg", 7), ("png", 6), ("png", 5), ("png", 3), ("png", 2)]


def test_what_was_undone_still_teaches_and_what_was_cleared_does_not(db: Database, batch_id: int) -> None:
    job = add(db, batch_id, ROW)[0]
    set_job(db, job, "undone")
    assert len(recent_lessons(db)) == 1

    clear_statistics(db, NOW)
    assert recent_lessons(db) == []
    add(db, batch_id, ROW)
    assert len(recent_lessons(db)) == 1
