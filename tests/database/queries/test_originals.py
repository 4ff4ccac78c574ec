from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs, finish_batch
from plume_app.database.queries.originals import (
    Original,
    add_original,
    expired,
    is_needed,
    oldest,
    original_of,
    remove_originals,
    stored_bytes,
    unused,
)
from plume_app.database.queries.results import JobResult, record


@pytest.fixture
def jobs(db: Database, batch_id: int, now: datetime) -> list[int]:
    """Three jobs; the first two had the same bytes."""
    ids = add_jobs(db, batch_id, [b"/1", b"/2", b"/3"])
    for job_id, name in zip(ids, "aab", strict=True):
        original = Original(job_id, b"/\xff", name * 64, name * 64, 100, 0o640, -5, {"uid": 1})
        add_original(db, original, expires_at=now + timedelta(days=30))
    return ids


def test_an_original_comes_back_as_it_was_added(db: Database, jobs: list[int]) -> None:
    assert original_of(db, jobs[0]) == Original(jobs[0], b"/\xff", "a" * 64, "a" * 64, 100, 0o640, -5, {"uid": 1})
    assert original_of(db, 999) is None


def test_equal_bytes_count_once(db: Database, jobs: list[int]) -> None:
    assert stored_bytes(db) == 200


def test_bytes_go_only_when_the_last_job_that_needs_them_does(db: Database, jobs: list[int]) -> None:
    assert remove_originals(db, jobs[:1]) == []
    assert is_needed(db, "a" * 64)
    assert remove_originals(db, jobs[1:]) == ["a" * 64, "b" * 64]
    assert not is_needed(db, "a" * 64)


def test_a_batch_at_work_loses_nothing_to_time_or_room(
    db: Database, batch_id: int, jobs: list[int], now: datetime
) -> None:
    later = now + timedelta(days=31)
    assert expired(db, later) == []
    assert oldest(db, limit=5) == []

    record(db, [JobResult(job_id, "written") for job_id in jobs], now=now)
    finish_batch(db, batch_id, now=now)

    assert expired(db, later) == jobs
    assert expired(db, now) == []
    assert oldest(db, limit=2) == [(jobs[0], 100), (jobs[1], 100)]


def test_an_original_that_was_not_replaced_in_the_end_is_unused(
    db: Database, batch_id: int, jobs: list[int], now: datetime
) -> None:
    record(
        db,
        [
            JobResult(jobs[0], "written"),
            JobResult(jobs[1], "failed", error_code="disk_full"),
            JobResult(jobs[2], "failed", error_code="changed_since"),
        ],
        now=now,
    )
    assert unused(db) == []  # still at work
    finish_batch(db, batch_id, now=now)

    assert unused(db) == [jobs[1]]
