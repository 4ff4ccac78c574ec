from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
from plume_app.database.queries.clearing import clear_statistics
from plume_app.database.queries.journal import set_job
from plume_app.database.queries.learning import Lesson, recent_predictions
from plume_app.database.queries.results import JobResult, StatsRow, record

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ROW = StatsRow("png", "webp", 1000, 600, 5, 80, False, "balanced", 8, 8, "webp 1", predicted_size=650)


def add(db: Database, batch_id: int, *rows: StatsRow) -> list[int]:
    jobs = add_jobs(db, batch_id, [b"/a"] * len(rows))
    record(db, [JobResult(job, "written", stats=row) for job, row in zip(jobs, rows, strict=True)], now=NOW)
    return jobs


def test_only_files_with_a_prediction_teach_and_all_that_was_known_is_told(db: Database, batch_id: int) -> None:
    add(db, batch_id, replace(ROW, predicted_size=None), replace(ROW, predicted_time_ms=4))

    assert recent_predictions(db) == [
        Lesson("png", "webp", False, "balanced", "webp 1", 650, 600, 4, 5, 80),
    ]


def test_the_newest_of_each_pair_come_first_and_lossless_ones_do_not_push_out_lossy_ones(
    db: Database, batch_id: int
) -> None:
    lossy = [replace(ROW, compressed_size=size) for size in (1, 2, 3)]
    lossless = [replace(ROW, lossless=True, quality=None, compressed_size=size) for size in (4, 5, 6)]
    add(db, batch_id, *lossy, *lossless, replace(ROW, input_format="jpeg", compressed_size=7))

    found = [(one.input_format, one.compressed_size) for one in recent_predictions(db, limit_per_pair=2)]

    assert found == [("jpeg", 7), ("png", 3), ("png", 2), ("png", 6), ("png", 5)]


def test_what_was_undone_still_teaches_and_what_was_cleared_does_not(db: Database, batch_id: int) -> None:
    job = add(db, batch_id, ROW)[0]
    set_job(db, job, "undone")
    assert len(recent_predictions(db)) == 1

    clear_statistics(db, NOW)
    assert recent_predictions(db) == []
    add(db, batch_id, ROW)
    assert len(recent_predictions(db)) == 1
