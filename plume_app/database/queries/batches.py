"""Runs: begun, filled with jobs, ended; the durable queue; the history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.models import Batches, Jobs, MadeFolders
from plume_app.database.tallies import tallies
from plume_app.domain.shared.moments import moment_of, moment_text


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of the history. `undoable` counts the jobs that an undo would still touch, `queued` those not begun."""

    id: int
    created_at: datetime
    finished_at: datetime | None
    state: str
    settings: dict[str, Any]
    output: dict[str, Any]
    files: int
    written: int
    kept: int
    failed: int
    cancelled: int
    original_size: int | None
    compressed_size: int | None
    undoable: int
    queued: int


def create_batch(
    db: Database, *, owner: str, settings: Mapping[str, Any], output: Mapping[str, Any], now: datetime
) -> int:
    """A new running batch of the process `owner` (see jobs/owner.py); returns its id, which is never used twice."""
    with db.write() as connection:
        cursor = connection.execute(
            "INSERT INTO batches (owner, created_at, settings, output, state) VALUES (?, ?, ?, ?, 'running')",
            (owner, moment_text(now), json.dumps(dict(settings)), json.dumps(dict(output))),
        )
        return int(cursor.lastrowid or 0)


def add_jobs(db: Database, batch_id: int, paths: Sequence[bytes]) -> list[int]:
    """Queues `paths` in their order, in one transaction; returns their job ids, in the same order."""
    with db.write() as connection:
        found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'jobs'").fetchone()
        first = (found[0] if found else 0) + 1  # nobody else writes before the commit, so the ids are ours
        ids = list(range(first, first + len(paths)))
        connection.executemany(
            "INSERT INTO jobs (id, batch_id, path) VALUES (?, ?, ?)",
            ((job_id, batch_id, path) for job_id, path in zip(ids, paths, strict=True)),
        )
        connection.execute("UPDATE batches SET files = files + ? WHERE id = ?", (len(paths), batch_id))
    return ids


def paths_in(db: Database, batch_id: int, states: Sequence[str]) -> list[bytes]:
    """The paths of the jobs of a batch that are in one of `states`, in the order they were added."""
    wanted = (Jobs.batch_id == batch_id) & Jobs.state.in_(list(states))
    return [bytes(path) for (path,) in db.rows(Jobs.select(Jobs.path).where(wanted).order_by(Jobs.id))]


def cancel_queued(db: Database, batch_id: int) -> None:
    """Gives up what nobody has begun: another batch does it."""
    queued = (Jobs.batch_id == batch_id) & (Jobs.state == "queued")
    db.execute(Jobs.update(state="cancelled").where(queued))


def set_state(db: Database, batch_id: int, state: str, *, owner: str | None = None) -> None:
    """Names what a batch is doing; with `owner` also who does it, as when a window resumes an old one."""
    changes = {"state": state} | ({"owner": owner} if owner else {})
    db.execute(Batches.update(changes).where(Batches.id == batch_id))


def finish_batch(db: Database, batch_id: int, *, now: datetime, state: str = "finished") -> None:
    """Ends a batch (finished, cancelled, interrupted): its totals are those of the files written or kept;
    what was done already saved nothing in it.

    A cancelled batch's jobs that nobody began are cancelled with it; an interrupted one's stay queued.
    """
    with db.write() as connection:
        if state == "cancelled":
            mine = "batch_id = ? AND state = 'queued'"
            connection.execute(f"UPDATE jobs SET state = 'cancelled' WHERE {mine}", [batch_id])  # noqa: S608
        connection.execute(
            "UPDATE batches SET state = ?, finished_at = ?, (original_size, compressed_size) ="
            " (SELECT coalesce(sum(CASE reason WHEN 'already_done' THEN compressed_size ELSE original_size END), 0),"
            "  coalesce(sum(compressed_size), 0) FROM jobs"
            "  WHERE batch_id = batches.id AND state IN ('written', 'kept')) WHERE id = ?",
            (state, moment_text(now), batch_id),
        )


def record_folders(db: Database, batch_id: int, folders: Sequence[bytes]) -> None:
    """Remembers the folders that a batch is about to make, so that its undo can remove the empty ones."""
    with db.write() as connection:
        connection.executemany(
            "INSERT OR IGNORE INTO made_folders (batch_id, path) VALUES (?, ?)",
            ((batch_id, path) for path in folders),
        )


def made_folders(db: Database, batch_id: int) -> list[bytes]:
    """What `record_folders` remembered, the deepest first."""
    found = db.rows(MadeFolders.select(MadeFolders.path).where(MadeFolders.batch_id == batch_id))
    return sorted((bytes(path) for (path,) in found), key=lambda path: (-path.count(b"/"), path))


def take_over(db: Database, batch_id: int, *, owner: str, new_owner: str, state: str | None = None) -> bool:
    """Makes `new_owner` the owner, if `owner` still is; False when another process was faster."""
    changes = {"owner": new_owner} | ({"state": state} if state else {})
    return db.execute(Batches.update(changes).where((Batches.id == batch_id) & (Batches.owner == owner))) == 1


HISTORY = (
    "SELECT id, created_at, finished_at, state, settings, output, files, written, kept, failed, cancelled,"
    " original_size, compressed_size, undoable, queued FROM batches JOIN batch_tallies ON batch_id = id"
)


def wrong_tallies(db: Database) -> list[tuple[int, ...]]:
    """What the triggers have counted and the jobs do not say: nothing, unless there is a bug."""
    return db.sql(f"SELECT * FROM batch_tallies EXCEPT {tallies()}")  # noqa: S608 - literals only


def history(db: Database, *, offset: int = 0, limit: int = 100) -> list[BatchRow]:
    """Batches, newest first."""
    found = db.sql(f"{HISTORY} ORDER BY id DESC LIMIT ? OFFSET ?", (limit, offset))
    return [_batch_row(row) for row in found]


def batch(db: Database, batch_id: int) -> BatchRow | None:
    """One batch, or None when there is none of that id."""
    found = db.sql(f"{HISTORY} WHERE id = ?", (batch_id,))
    return _batch_row(found[0]) if found else None


def last_undoable_batch(db: Database) -> int | None:
    """The newest ended batch of which something is left to take back, also where an undo has begun and left some.

    An undo without a number must not go on to older work while newer work is half undone.
    """
    found = db.sql(
        "SELECT id FROM batches JOIN batch_tallies ON batch_id = id WHERE undoable > 0"
        " AND state IN ('finished', 'cancelled', 'interrupted', 'undone') ORDER BY id DESC LIMIT 1"
    )
    return int(found[0][0]) if found else None


def _batch_row(row: tuple[Any, ...]) -> BatchRow:
    batch_id, created_at, finished_at, state, settings, output, *counts = row
    return BatchRow(
        batch_id,
        moment_of(created_at),
        moment_of(finished_at) if finished_at else None,
        state,
        json.loads(settings),
        json.loads(output),
        *counts,
    )
