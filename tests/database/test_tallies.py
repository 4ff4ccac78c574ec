"""The tallies of a batch are those of its jobs, whatever happened to them and in which order."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.migrations import create_tables
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import HISTORY, add_jobs, batch, create_batch, history, wrong_tallies

HASH = "a" * 64
STATES = ("queued", "intended", "written", "kept", "failed", "cancelled", "undoing", "undone")
STORE = (
    "INSERT INTO originals (job_id, path, stored_as, sha256, size, mode, mtime_ns, attributes, expires_at)"
    " VALUES (?, x'2f', 's', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 1, 420, 1, '{}',"
    " '2026-03-04T05:06:07.000Z')"
)
CHANGE = (
    "UPDATE jobs SET state = ?, error_code = ?, writes = ?, replaces = ?, output_path = ?, result_hash = ?,"
    " staged_path = x'2f' WHERE id = ?"
)


def test_after_any_changes_the_tallies_are_those_of_the_jobs(db: Database, batch_id: int, now: datetime) -> None:
    other = create_batch(db, owner="1", settings={}, output={}, now=now)
    ids = add_jobs(db, batch_id, [b"/%d" % n for n in range(30)]) + add_jobs(db, other, [b"/1", b"/2"])
    dice = random.Random(7)
    with db.write() as connection:
        for _ in range(600):
            job_id = dice.choice(ids)
            state = dice.choice(STATES)
            whole = state == "intended" or dice.random() < 0.7
            connection.execute(
                CHANGE,
                (
                    *(state, dice.choice((None, "changed_since", "disk_full")), dice.randint(0, 1), dice.randint(0, 1)),
                    *((b"/o", HASH) if whole else (None, None)),
                    job_id,
                ),
            )
            if dice.random() < 0.3:
                connection.execute("DELETE FROM originals WHERE job_id = ?", (job_id,))
                connection.execute(STORE, (job_id,))
            elif dice.random() < 0.2:
                connection.execute("DELETE FROM originals WHERE job_id = ?", (job_id,))
            assert connection.execute("SELECT count(*) FROM batch_tallies").fetchone() == (2,)
        assert connection.execute("SELECT sum(undoable) FROM batch_tallies").fetchone()[0] > 0
    assert wrong_tallies(db) == []

    with db.write() as connection:
        connection.executemany("DELETE FROM jobs WHERE id = ?", [(job_id,) for job_id in ids[:10]])
    assert wrong_tallies(db) == []


def test_a_batch_that_is_deleted_takes_its_tallies_along(db: Database, batch_id: int) -> None:
    add_jobs(db, batch_id, [b"/1", b"/2"])

    with db.write() as connection:
        connection.execute("DELETE FROM batches WHERE id = ?", (batch_id,))

    assert db.sql("SELECT * FROM batch_tallies") == []


def test_jobs_of_the_first_version_are_tallied_when_their_database_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        create_tables(connection)
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO batches (owner, created_at, settings, output, state)"
            " VALUES ('1', '2026-03-04T05:06:07.000Z', '{}', '{}', 'finished')"
        )
        connection.executemany(
            "INSERT INTO jobs (batch_id, path, state) VALUES (1, x'2f', ?)", [("written",), ("kept",), ("queued",)]
        )
        connection.execute(STORE, (1,))
        connection.commit()

    found = batch(open_database(path), 1)

    assert found is not None
    assert (found.written, found.kept, found.queued, found.undoable) == (1, 1, 1, 1)


def test_the_history_reads_no_job(db: Database, batch_id: int) -> None:
    add_jobs(db, batch_id, [b"/1"])

    plan = " ".join(str(row[3]) for row in db.sql(f"EXPLAIN QUERY PLAN {HISTORY} ORDER BY id DESC LIMIT 50"))

    assert "batches" in plan
    assert "jobs" not in plan
    assert [row.queued for row in history(db)] == [1]
