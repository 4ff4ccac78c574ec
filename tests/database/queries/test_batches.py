from __future__ import annotations

from datetime import datetime

import pytest

from plume_app.database.connection import Database
from plume_app.database.queries.batches import (
    add_jobs,
    batch,
    create_batch,
    finish_batch,
    history,
    last_undoable_batch,
    made_folders,
    paths_in,
    record_folders,
    set_state,
    take_over,
)
from plume_app.database.queries.journal import set_job
from plume_app.database.queries.results import Intent, JobResult, intend, record

HASH = "a" * 64


def test_jobs_come_back_in_their_order_with_every_byte_of_their_names(db: Database, batch_id: int) -> None:
    paths = [b"/in/\xff\xfe.png", "/in/é\n😀.png".encode(), b"/in/-rf", b"/in/a.png"]

    ids = add_jobs(db, batch_id, paths)

    assert ids == list(range(ids[0], ids[0] + 4))
    assert paths_in(db, batch_id, ["queued"]) == paths


def test_jobs_added_in_pieces_are_counted_together(db: Database, batch_id: int, now: datetime) -> None:
    other = create_batch(db, owner="1", settings={}, output={}, now=now)
    add_jobs(db, batch_id, [b"/1", b"/2"])
    add_jobs(db, other, [b"/1"])
    add_jobs(db, batch_id, [b"/3"])
    assert add_jobs(db, batch_id, []) == []

    found = batch(db, batch_id)
    assert found is not None
    assert found.files == 3


def test_a_finished_batch_has_the_totals_of_what_was_written_or_kept(
    db: Database, batch_id: int, now: datetime
) -> None:
    a, b, c, d = add_jobs(db, batch_id, [b"/a", b"/b", b"/c", b"/d"])
    record(
        db,
        [
            JobResult(a, "written", output_path=b"/o", result_hash=HASH, original_size=10, compressed_size=4),
            JobResult(b, "kept", reason="not_smaller", original_size=5, compressed_size=5),
            JobResult(c, "failed", error_code="corrupt_image", original_size=100),
        ],
        now=now,
    )

    finish_batch(db, batch_id, now=now, state="cancelled")

    found = batch(db, batch_id)
    assert found is not None
    assert (found.state, found.finished_at, found.created_at) == ("cancelled", now, now)
    assert (found.original_size, found.compressed_size) == (15, 9)
    assert (found.written, found.kept, found.failed, found.cancelled) == (1, 1, 1, 1)
    assert paths_in(db, batch_id, ["queued"]) == []
    assert d == c + 1


def test_an_interrupted_batch_keeps_its_queue(db: Database, batch_id: int, now: datetime) -> None:
    add_jobs(db, batch_id, [b"/a"])

    finish_batch(db, batch_id, now=now, state="interrupted")

    assert len(paths_in(db, batch_id, ["queued"])) == 1


def test_history_is_newest_first_in_pages(db: Database, now: datetime) -> None:
    ids = [create_batch(db, owner="1", settings={"quality": n}, output={"n": n}, now=now) for n in range(5)]

    assert [row.id for row in history(db, limit=3)] == ids[:1:-1]
    assert [row.settings for row in history(db, offset=3, limit=3)] == [{"quality": 1}, {"quality": 0}]


def test_a_batch_id_is_never_used_twice(db: Database, batch_id: int, now: datetime) -> None:
    with db.write() as connection:
        connection.execute("DELETE FROM batches")

    assert create_batch(db, owner="1", settings={}, output={}, now=now) == batch_id + 1


@pytest.mark.parametrize(
    ("result", "wrote", "undoable"),
    [
        (JobResult(1, "written", output_path=b"/out", result_hash=HASH), True, True),
        (JobResult(1, "kept", reason="not_smaller", output_path=b"/out", result_hash=HASH), True, True),
        (JobResult(1, "kept", reason="already_done", output_path=b"/out", result_hash=HASH), True, True),
        (JobResult(1, "kept", reason="already_done", output_path=b"/out", result_hash=HASH), False, False),
        (JobResult(1, "kept", reason="not_smaller"), False, False),
        (JobResult(1, "written", output_path=b"/a", result_hash=HASH, replaces=True), True, False),  # expired
        (JobResult(1, "failed", error_code="disk_full"), True, False),
    ],
)
def test_only_a_batch_that_changed_something_can_be_undone(
    db: Database, batch_id: int, now: datetime, result: JobResult, wrote: bool, undoable: bool
) -> None:
    add_jobs(db, batch_id, [b"/a"])
    if wrote:
        intend(db, [Intent(1, b"/s", b"/out", HASH, HASH)])
    record(db, [result], now=now)
    assert last_undoable_batch(db) is None  # still at work
    finish_batch(db, batch_id, now=now)

    assert last_undoable_batch(db) == (batch_id if undoable else None)
    assert history(db)[0].undoable == int(undoable)
    set_state(db, batch_id, "undone")  # what an undo had to leave can still be taken back
    assert last_undoable_batch(db) == (batch_id if undoable else None)
    set_job(db, 1, "undone")
    assert last_undoable_batch(db) is None


def test_only_one_process_takes_a_batch_over(db: Database, batch_id: int) -> None:
    assert take_over(db, batch_id, owner="1:1:boot", new_owner="2:2:boot")
    assert not take_over(db, batch_id, owner="1:1:boot", new_owner="3:3:boot")


def test_made_folders_come_deepest_first(db: Database, batch_id: int) -> None:
    record_folders(db, batch_id, [b"/o", b"/o/a", b"/o/a/b"])
    record_folders(db, batch_id, [b"/o/a", b"/o/c"])

    assert made_folders(db, batch_id) == [b"/o/a/b", b"/o/a", b"/o/c", b"/o"]
