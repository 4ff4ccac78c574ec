from __future__ import annotations

from datetime import datetime

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs, finish_batch, paths_in
from plume_app.database.queries.journal import (
    claim_for_undo,
    half_way_batches,
    half_way_jobs,
    intend_restore,
    queued_in,
    set_job,
    undoable_jobs,
)
from plume_app.database.queries.results import Intent, JobResult, intend, record

HASH = "a" * 64


def test_half_way_jobs_may_be_changed_while_they_are_read(db: Database, batch_id: int) -> None:
    ids = add_jobs(db, batch_id, [b"/%d" % n for n in range(1200)])
    intend(db, [Intent(job_id, b"/s", b"/o", HASH, HASH) for job_id in ids[:1100]])

    seen = []
    with db.connection_context():
        for job in half_way_jobs(db, batch_id):
            seen.append(job.id)
            set_job(db, job.id, "queued")

    assert seen == ids[:1100]
    assert len(paths_in(db, batch_id, ["queued"])) == 1200


def test_a_batch_that_ended_with_a_job_half_way_is_still_told(db: Database, batch_id: int, now: datetime) -> None:
    job_id = add_jobs(db, batch_id, [b"/a"])[0]
    intend(db, [Intent(job_id, b"/s", b"/o", HASH, HASH)])
    finish_batch(db, batch_id, now=now, state="interrupted")

    assert half_way_batches(db) == [(batch_id, "1:1:boot", "interrupted")]
    set_job(db, job_id, "written")
    assert half_way_batches(db) == []


def test_back_in_the_queue_a_job_forgets_its_intent(db: Database, batch_id: int) -> None:
    job_id = add_jobs(db, batch_id, [b"/a"])[0]
    intend(db, [Intent(job_id, b"/s", b"/o", HASH, HASH, replaces=True, reason="not_smaller")])

    set_job(db, job_id, "queued")

    assert queued_in(db, batch_id)
    found = db.sql("SELECT state, staged_path, output_path, result_hash, reason, replaces, writes FROM jobs")
    assert found == [("queued", None, None, None, None, 0, 0)]


def test_only_an_ended_batch_can_be_claimed_for_undo_and_only_once(db: Database, batch_id: int, now: datetime) -> None:
    assert not claim_for_undo(db, batch_id, "me")
    finish_batch(db, batch_id, now=now)

    assert claim_for_undo(db, batch_id, "me")
    assert not claim_for_undo(db, batch_id, "you")
    assert not claim_for_undo(db, 999, "me")


def test_undoable_jobs_are_newest_first_and_include_one_that_an_undo_had_begun(
    db: Database, batch_id: int, now: datetime
) -> None:
    a, b, c = add_jobs(db, batch_id, [b"/a", b"/b", b"/c"])
    intend(db, [Intent(a, b"/s", b"/o", HASH, HASH)])
    record(db, [JobResult(a, "written", output_path=b"/o", result_hash=HASH), JobResult(b, "kept")], now=now)
    intend_restore(db, c, b"/s")

    assert [job.id for job in undoable_jobs(db, batch_id)] == [c, a]
