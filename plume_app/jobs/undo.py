"""Taking a batch back: originals return bit for bit, results that Plume made go, what changed since stays.

Each file is one step that is whole or has not happened, and each step asks first what is there, so an undo
that was killed can simply be started again.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries import batches, journal, originals
from plume_app.database.queries.journal import JournalRow
from plume_app.database.queries.originals import Original
from plume_app.domain.file.atomic import commit, discard, remove_file, stage
from plume_app.domain.file.attributes import Attributes
from plume_app.domain.file.folders import remove_folders
from plume_app.domain.file.naming import staged_name
from plume_app.domain.file.reading import FileFacts, sha256_of
from plume_app.domain.shared.errors import ChangedSince, Facts, InvalidRequest, PlumeError, SourceChanged, SourceMissing
from plume_app.jobs.owner import this_process
from plume_app.jobs.undo_store import UndoStore


@dataclass(frozen=True, slots=True)
class Left:
    """A file that was not taken back, and why: `changed_since`, `source_missing` (no longer kept), ..."""

    path: Path
    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo did: originals back in their place, results removed, and what was left as it is."""

    batch_id: int
    restored: int
    removed: int
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is at a path: the hash of a regular file, "" for anything else that cannot be read, None for nothing."""

    sha256: str | None
    facts: FileFacts | None = None


def undo_batch(
    db: Database,
    store: UndoStore,
    batch_id: int | None = None,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> UndoReport:
    """Takes back `batch_id`, or the newest batch of which something is left to take back.

    `progress` gets the files dealt with, from 0, and how many there are. A file that has to be left stays in the
    batch, which can be undone again; an undo without a number comes back to it before it takes an older batch.

    Raises InvalidRequest when there is no such batch, or it is still at work.
    """
    with db.connection_context():
        chosen = batch_id if batch_id is not None else batches.last_undoable_batch(db)
        if chosen is None:
            raise InvalidRequest(what="nothing_to_undo", problem="There is no batch to undo.")
        if not journal.claim_for_undo(db, chosen, this_process()):
            if batches.batch(db, chosen) is not None:
                raise InvalidRequest(what="batch_at_work", batch=chosen, problem=f"Batch {chosen} is still at work.")
            raise InvalidRequest(what="batch_unknown", batch=chosen, problem=f"Batch {chosen} is not in the history.")
        restored = removed = 0
        left: list[Left] = []
        total = journal.count_undoable(db, chosen)
        progress(0, total)
        for done, job in enumerate(journal.undoable_jobs(db, chosen), start=1):
            back, gone, problems = _undo_job(db, store, job)
            restored += back
            removed += gone
            left += problems
            progress(done, total)
        remove_folders(Path(os.fsdecode(path)) for path in batches.made_folders(db, chosen))
        batches.set_state(db, chosen, "undone")
    return UndoReport(chosen, restored, removed, tuple(left))


def _undo_job(db: Database, store: UndoStore, job: JournalRow) -> tuple[int, int, list[Left]]:
    """Originals restored (0 or 1), results removed (0 or 1), and what was left."""
    kept = originals.original_of(db, job.id)
    back = gone = 0
    left: list[Left] = []
    path = Path(os.fsdecode(kept.path if kept else job.output_path or job.path))
    try:
        if kept:
            back = restore(db, store, job, kept)
        output = Path(os.fsdecode(job.output_path)) if job.output_path else None
        if output is not None and job.result_hash and not (kept and is_in_place(job, kept)):
            path = output
            gone = remove_result(output, job.result_hash)
    except PlumeError as error:
        left.append(Left(path, error.code, error.facts))
    if back or gone or not left:
        journal.set_job(db, job.id, "undone")
        if kept:
            store.release(db, [job.id])
    else:
        journal.set_job(db, job.id, ended_state(job))
    return back, gone, left


def is_in_place(job: JournalRow, kept: Original) -> bool:
    """Was the original's own name given to the result? A link that was named stands for its file."""
    return job.output_path is None or os.path.realpath(job.output_path) == os.path.realpath(kept.path)


def ended_state(job: JournalRow) -> str:
    """How the job had ended before somebody began to undo it."""
    return "failed" if job.error_code else "kept" if job.reason else "written"


def restore(db: Database, store: UndoStore, job: JournalRow, kept: Original) -> int:
    """Puts an original back where it was, with mode, dates and attributes; 1, also when it is there already.

    Only over nothing or over the job's own result. Raises ChangedSince, SourceMissing (the store has it no
    longer), TargetUnwritable, DiskFull.
    """
    target = Path(os.fsdecode(kept.path))
    there = standing(target)
    if there.sha256 == kept.sha256:
        return 1
    mine = there.sha256 is None or (there.sha256 == job.result_hash and is_in_place(job, kept))
    if not mine:
        raise ChangedSince()
    put_back(db, store, job, kept, over=there.facts)
    return 1


def put_back(db: Database, store: UndoStore, job: JournalRow, kept: Original, *, over: FileFacts | None) -> None:
    """Writes the original to its place, over the file of the facts `over`, or (None) over nothing.

    Raises as `restore`.
    """
    target = Path(os.fsdecode(kept.path))
    data = store.read(kept)
    if data is None:
        raise SourceMissing(what="stored")
    staged = staged_name(target, f"undo-{job.id}-{secrets.token_hex(4)}")
    state = "intended" if job.state == "intended" else "undoing"
    journal.intend_restore(db, job.id, os.fsencode(staged), state=state)
    stage(staged, data)
    like = Attributes.from_json(kept.attributes)
    try:
        placed = commit(staged, target, replace=over is not None, like=like, expected=over, durable=True)
    except SourceChanged as error:
        raise ChangedSince() from error
    if not placed:
        discard(staged)
        raise ChangedSince()


def remove_result(output: Path, result_hash: str) -> int:
    """Removes a file that Plume wrote, if it is still that; 1, or 0 when it was gone already.

    Raises ChangedSince, TargetUnwritable.
    """
    there = standing(output)
    if there.sha256 is None:
        return 0
    if there.sha256 != result_hash:
        raise ChangedSince()
    try:
        remove_file(output, expected=there.facts)
    except SourceChanged as error:
        raise ChangedSince() from error
    return 1


def standing(path: Path) -> Standing:
    """What is at `path`; links are not followed."""
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return Standing("")
        return Standing(sha256_of(path), FileFacts.of(found))
    except (FileNotFoundError, NotADirectoryError):
        return Standing(None)
    except OSError:
        return Standing("")
