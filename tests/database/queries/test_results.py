from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
from plume_app.database.queries.journal import half_way_jobs, set_job
from plume_app.database.queries.results import (
    Intent,
    JobResult,
    StatsRow,
    intend,
    is_own_result,
    is_result_path,
    record,
    recorded_result,
)

SOURCE, RESULT, SETTINGS = "a" * 64, "b" * 64, "c" * 64
STATS = StatsRow("png", "webp", 100, 40, 12, 80, False, "fast", 3, 4, "webp 1", 4096, 4096)


def written(job_id: int, **changed: object) -> JobResult:
    result = JobResult(
        job_id,
        "written",
        output_path=b"/in/a_compressed.png",
        source_hash=SOURCE,
        result_hash=RESULT,
        settings_hash=SETTINGS,
        original_size=100,
        compressed_size=40,
        replaces=False,
        stats=STATS,
    )
    return replace(result, **changed)  # type: ignore[arg-type]


@pytest.fixture
def job_id(db: Database, batch_id: int) -> int:
    return add_jobs(db, batch_id, [b"/in/a.png"])[0]


def test_an_intent_is_in_the_journal_before_anything_happens(db: Database, batch_id: int, job_id: int) -> None:
    intend(db, [Intent(job_id, b"/in/.plume-1.tmp", b"/in/a.png", SOURCE, RESULT, replaces=True)])

    (row,) = half_way_jobs(db, batch_id)
    assert (row.id, row.state, row.staged_path, row.output_path) == (
        job_id,
        "intended",
        b"/in/.plume-1.tmp",
        b"/in/a.png",
    )
    assert (row.source_hash, row.result_hash, row.replaces) == (SOURCE, RESULT, True)


def test_a_recorded_result_is_found_by_its_path(db: Database, job_id: int, now: datetime) -> None:
    record(db, [written(job_id)], now=now)

    found = recorded_result(db, b"/in/a_compressed.png")
    assert found is not None
    assert (found.source_path, found.source_hash, found.result_hash) == (b"/in/a.png", SOURCE, RESULT)
    assert found.settings_hash == SETTINGS
    assert recorded_result(db, b"/in/a.png") is None


def test_record_keeps_what_the_intent_said(db: Database, job_id: int, now: datetime) -> None:
    intend(db, [Intent(job_id, b"/s", b"/o", SOURCE, RESULT, settings_hash=SETTINGS, original_size=9)])

    record(db, [JobResult(job_id, "written", output_path=b"/o", result_hash=RESULT)], now=now)

    found = recorded_result(db, b"/o")
    assert found is not None
    assert (found.source_hash, found.settings_hash) == (SOURCE, SETTINGS)
    assert db.sql("SELECT staged_path, original_size FROM jobs") == [(None, 9)]


def test_a_failure_forgets_the_output_that_was_intended(db: Database, job_id: int, now: datetime) -> None:
    intend(db, [Intent(job_id, b"/s", b"/o", SOURCE, RESULT)])

    record(db, [JobResult(job_id, "failed", error_code="disk_full")], now=now)

    assert recorded_result(db, b"/o") is None
    assert not is_result_path(db, b"/o")


def test_the_newest_result_of_a_path_counts(db: Database, batch_id: int, job_id: int, now: datetime) -> None:
    again = add_jobs(db, batch_id, [b"/in/a.png"])[0]
    record(db, [written(job_id), written(again, result_hash="e" * 64)], now=now)

    found = recorded_result(db, b"/in/a_compressed.png")
    assert found is not None
    assert found.result_hash == "e" * 64


def test_t11_plume_knows_its_own_results_by_their_bytes_and_settings(db: Database, job_id: int, now: datetime) -> None:
    record(db, [written(job_id)], now=now)

    assert is_own_result(db, RESULT, SETTINGS)
    assert not is_own_result(db, RESULT, "d" * 64)
    assert not is_own_result(db, SOURCE, SETTINGS)


def test_a_copy_of_a_kept_file_is_recorded_but_is_no_compression(db: Database, job_id: int, now: datetime) -> None:
    record(db, [written(job_id, state="kept", reason="not_smaller", stats=None)], now=now)

    assert recorded_result(db, b"/in/a_compressed.png") is not None
    assert not is_own_result(db, RESULT, SETTINGS)


def test_t11_a_walk_leaves_out_new_files_of_plume_but_not_replaced_originals(
    db: Database, batch_id: int, job_id: int, now: datetime
) -> None:
    in_place = add_jobs(db, batch_id, [b"/in/b.png"])[0]
    record(db, [written(job_id), written(in_place, output_path=b"/in/b.png", replaces=True)], now=now)

    assert is_result_path(db, b"/in/a_compressed.png")
    assert not is_result_path(db, b"/in/b.png")
    assert not is_result_path(db, b"/in/a.png")
    set_job(db, job_id, "undone")
    assert not is_result_path(db, b"/in/a_compressed.png")


def test_a_job_ends_only_as_the_contract_says(db: Database, job_id: int, now: datetime) -> None:
    with pytest.raises(ValueError, match="intended"):
        record(db, [JobResult(job_id, "intended")], now=now)


def test_t51_a_group_with_an_absurd_row_is_refused_whole(
    db: Database, batch_id: int, job_id: int, now: datetime
) -> None:
    other = add_jobs(db, batch_id, [b"/in/b.png"])[0]

    with pytest.raises(sqlite3.IntegrityError):
        record(db, [written(job_id), written(other, stats=replace(STATS, compressed_size=-1))], now=now)

    assert db.sql("SELECT DISTINCT state FROM jobs") == [("queued",)]
    assert db.sql("SELECT count(*) FROM compression_stats") == [(0,)]
