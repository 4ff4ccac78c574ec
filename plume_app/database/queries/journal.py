"""What recovery and undo ask of the journal: jobs that a death left half-way, jobs to take back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.models import Batches, Jobs
from plume_app.database.tallies import undoable


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A job as the journal has it. Hashes are what was read and what was (to be) written."""

    id: int
    path: bytes
    state: str
    reason: str | None
    error_code: str | None
    staged_path: bytes | None
    output_path: bytes | None
    replaces: bool
    source_hash: str | None
    result_hash: str | None


_COLUMNS = "id, path, state, reason, error_code, staged_path, output_path, replaces, source_hash, result_hash"
_TO_UNDO = f"batch_id = ? AND (state = 'undoing' OR {undoable('jobs')})"
_CHUNK_ROWS = 500


def half_way_batches(db: Database) -> list[tuple[int, str, str]]:
    """Batches that are open, or ended with jobs still half-way: id, owner, state; oldest first."""
    found = db.sql(
        "SELECT id, owner, state FROM batches WHERE state IN ('running', 'paused', 'undoing') OR id IN"
        " (SELECT batch_id FROM jobs WHERE state IN ('intended', 'undoing')) ORDER BY id"
    )
    return [(int(batch_id), str(owner), str(state)) for batch_id, owner, state in found]


def half_way_jobs(db: Database, batch_id: int) -> Iterator[JournalRow]:
    """The jobs of a batch that were intended or being undone, read in pieces; each may be changed meanwhile."""
    yield from _each(db, "batch_id = ? AND state IN ('intended', 'undoing')", (batch_id,), newest_first=False)


def queued_in(db: Database, batch_id: int) -> bool:
    """Has the batch jobs that nobody has begun?"""
    return bool(db.sql("SELECT 1 FROM jobs WHERE batch_id = ? AND state = 'queued' LIMIT 1", (batch_id,)))


def undoable_jobs(db: Database, batch_id: int) -> Iterator[JournalRow]:
    """The jobs of a batch that an undo has to look at, newest first."""
    yield from _each(db, _TO_UNDO, (batch_id,), newest_first=True)


def count_undoable(db: Database, batch_id: int) -> int:
    """How many jobs `undoable_jobs` gives."""
    return int(db.sql(f"SELECT count(*) FROM jobs WHERE {_TO_UNDO}", (batch_id,))[0][0])  # noqa: S608 - literals only


def _each(db: Database, where: str, parameters: tuple[object, ...], *, newest_first: bool) -> Iterator[JournalRow]:
    order, beyond, at = ("DESC", "<", 1 << 62) if newest_first else ("ASC", ">", 0)
    while True:
        found = db.sql(
            f"SELECT {_COLUMNS} FROM jobs WHERE {where} AND id {beyond} ? ORDER BY id {order} LIMIT {_CHUNK_ROWS}",  # noqa: S608 - literals only
            (*parameters, at),
        )
        for row in found:
            yield _journal_row(row)
        if len(found) < _CHUNK_ROWS:
            return
        at = found[-1][0]


def _journal_row(row: tuple[Any, ...]) -> JournalRow:
    job_id, path, state, reason, error_code, staged_path, output_path, replaces, source_hash, result_hash = row
    return JournalRow(
        job_id,
        path,
        state,
        reason,
        error_code,
        staged_path,
        output_path,
        bool(replaces),
        source_hash,
        result_hash,
    )


def set_job(db: Database, job_id: int, state: str, *, error_code: str | None = None) -> None:
    """Gives a job its state, with no staged file any more.

    Back in the queue it forgets its intent. Undone, its statistics do not count as savings any more.
    """
    changes: dict[str, object] = {"state": state, "staged_path": None}
    if error_code is not None:
        changes["error_code"] = error_code
    if state == "queued":
        changes |= {"output_path": None, "result_hash": None, "reason": None, "replaces": False, "writes": False}
    with db.write() as connection:
        db.execute(Jobs.update(changes).where(Jobs.id == job_id))
        if state == "undone":
            connection.execute("UPDATE compression_stats SET undone = 1 WHERE job_id = ?", [job_id])


def claim_for_undo(db: Database, batch_id: int, owner: str) -> bool:
    """Marks an ended batch as being undone by `owner`; False when it is at work, or there is none."""
    ended = Batches.state.in_(("finished", "cancelled", "interrupted", "undone"))
    changes = {"state": "undoing", "owner": owner}
    return db.execute(Batches.update(changes).where((Batches.id == batch_id) & ended)) == 1


def intend_restore(db: Database, job_id: int, staged_path: bytes, *, state: str = "undoing") -> None:
    """Writes down where an original is about to be staged, through to the disk, before it is.

    `state` is undoing, or intended where recovery takes back what was never finished.
    """
    with db.write(durable=True):
        db.execute(Jobs.update(state=state, staged_path=staged_path).where(Jobs.id == job_id))
