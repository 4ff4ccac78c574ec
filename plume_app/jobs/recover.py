"""At the start: what a Plume that died left half-way is finished or taken back.

Only rows of dead owners are looked at, only paths that those rows name are touched, and what is there
decides, never a file's name. `decide` is the whole policy, as a pure function; the rest carries it out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries import batches, journal, originals, preferences
from plume_app.database.queries.journal import JournalRow
from plume_app.database.queries.originals import Original
from plume_app.domain.file.atomic import discard, remove_file
from plume_app.domain.file.folders import remove_folders
from plume_app.domain.file.reading import FileFacts
from plume_app.domain.shared.errors import PlumeError
from plume_app.domain.shared.moments import moment_text
from plume_app.jobs.owner import is_alive, this_process
from plume_app.jobs.undo import ended_state, is_in_place, put_back, standing
from plume_app.jobs.undo_store import UndoStore

_SWEPT_ON = "undo_store_swept_on"  # the setting that keeps the sweep to once a day


class There(Enum):
    """What is found at a path that the journal names."""

    NOTHING = "nothing"
    RESULT = "result"  # what the job was to write
    SOURCE = "source"  # what the job had read
    BLANK = "blank"  # no bytes, or zeros only: what a power cut leaves of a file that was not flushed
    OTHER = "other"  # somebody else's by now


class Act(Enum):
    """What to do about a job that was half-way."""

    FINISH = "finish"  # it is all done, only the record is missing
    REQUEUE = "requeue"  # nothing has happened
    REMOVE_NEW = "remove_new"  # take the new file away, then as REQUEUE
    RETIRE = "retire"  # the new file is whole: the original's name goes, then as FINISH
    RESTORE = "restore"  # the original goes back to its place from the store, then as REMOVE_NEW
    LEAVE = "leave"  # the user changed it meanwhile: touch nothing, keep the stored original
    LEAVE_OLD = "leave_old"  # the same, but the new file goes, so that no duplicate stays


@dataclass(frozen=True, slots=True)
class RecoverReport:
    """How many half-way files were finished, queued again, restored, left; and how many wait for their disk.

    `batches` were looked at; `ended` of them had been at work when their owner died.
    """

    batches: int = 0
    ended: int = 0
    finished: int = 0
    requeued: int = 0
    restored: int = 0
    left: int = 0
    waiting: int = 0

    @property
    def is_news(self) -> bool:
        """Is there anything that was not told at an earlier start?"""
        return bool(self.ended or self.finished or self.requeued or self.restored or self.left)


def decide(new: There, old: There | None, *, replaces: bool, stored: bool) -> Act:
    """What to do, by what is at the output path and, for a conversion in place, at the source's path (`old`).

    `old` is None where the output path is the source's own (`replaces`), or the source is not touched at all.
    `stored` says that the undo store holds the original, whole.
    """
    if not replaces:
        if new is There.BLANK:
            return Act.REMOVE_NEW
        return Act.FINISH if new is There.RESULT else Act.REQUEUE
    if old is None:
        if new is There.BLANK and stored:
            return Act.RESTORE
        return {There.RESULT: Act.FINISH, There.SOURCE: Act.REQUEUE}.get(new, Act.LEAVE)
    if old is There.NOTHING:
        if new is There.RESULT:
            return Act.FINISH
        return Act.RESTORE if stored else Act.LEAVE
    if old is There.SOURCE:
        if new is There.RESULT:
            return Act.RETIRE if stored else Act.REMOVE_NEW
        return Act.REMOVE_NEW if new is There.BLANK else Act.REQUEUE
    return Act.LEAVE_OLD if new in (There.RESULT, There.BLANK) else Act.LEAVE


def settle(db: Database, store: UndoStore, *, now: datetime, alive: Callable[[str], bool] = is_alive) -> RecoverReport:
    """Settles the batches of dead owners, then lets go of originals that were kept long enough.

    Files on a disk that is not there now wait for a later start.
    """
    counts = dict.fromkeys(("batches", "ended", "finished", "requeued", "restored", "left", "waiting"), 0)
    with db.connection_context():
        for batch_id, owner, state in journal.half_way_batches(db):
            if alive(owner) or not batches.take_over(db, batch_id, owner=owner, new_owner=this_process()):
                continue
            counts["batches"] += 1
            counts["ended"] += state in ("running", "paused", "undoing")
            for job in journal.half_way_jobs(db, batch_id):
                counts[_settle_job(db, store, job)] += 1
            _close_batch(db, batch_id, state, now)
        store.release_unused(db)
        store.expire(db, now)
        today = moment_text(now)[:10]
        if preferences.get_setting(db, _SWEPT_ON) != today:
            store.sweep(db, now)
            preferences.set_setting(db, _SWEPT_ON, today)
    return RecoverReport(**counts)


def _close_batch(db: Database, batch_id: int, state: str, now: datetime) -> None:
    for job in journal.undoable_jobs(db, batch_id) if state == "undoing" else ():
        output = Path(os.fsdecode(job.output_path or job.path))
        if not job.replaces and output.parent.is_dir() and not os.path.lexists(output):  # else its disk is away
            journal.set_job(db, job.id, "undone")
    if state == "undoing" and journal.count_undoable(db, batch_id):  # can be undone again, from where it stopped
        batches.set_state(db, batch_id, "finished")
    elif state == "undoing":
        remove_folders(Path(os.fsdecode(path)) for path in batches.made_folders(db, batch_id))
        batches.set_state(db, batch_id, "undone")
    elif state in ("running", "paused"):
        ended = "interrupted" if journal.queued_in(db, batch_id) else "finished"
        batches.finish_batch(db, batch_id, now=now, state=ended)


def _settle_job(db: Database, store: UndoStore, job: JournalRow) -> str:
    """Carries out what `decide` says; returns the word of `RecoverReport` for it."""
    kept = originals.original_of(db, job.id)
    output = Path(os.fsdecode(job.output_path or job.path))
    source = Path(os.fsdecode(kept.path if kept else os.path.realpath(job.path)))
    beside = Path(os.fsdecode(job.staged_path)).parent if job.staged_path else output.parent
    if not beside.is_dir():
        return "waiting"
    if job.staged_path:
        discard(Path(os.fsdecode(job.staged_path)))
    if job.state == "undoing":
        return _settle_undo(db, store, job, kept, output)
    new = _look(output, job)
    converts = job.replaces and os.path.realpath(output) != os.path.realpath(source)
    old = _look(source, job) if converts else None
    act = decide(new, old, replaces=job.replaces, stored=kept is not None and store.holds(kept))
    try:
        return _carry_out(db, store, job, kept, act, output)
    except PlumeError:
        return "waiting"  # the disk refuses: nothing was lost, the next start tries again


def _settle_undo(db: Database, store: UndoStore, job: JournalRow, kept: Original | None, output: Path) -> str:
    """An undo that died: what it had brought to an end is undone, the rest is as before it."""
    is_back = kept is not None and standing(Path(os.fsdecode(kept.path))).sha256 == kept.sha256
    if not is_back or standing(output).sha256 == job.result_hash:
        journal.set_job(db, job.id, ended_state(job))
        return "requeued"
    journal.set_job(db, job.id, "undone")
    store.release(db, [job.id])
    return "finished"


def _carry_out(db: Database, store: UndoStore, job: JournalRow, kept: Original | None, act: Act, output: Path) -> str:
    if act is Act.RETIRE:
        try:
            store.retire(db, job.id)
        except PlumeError:
            act = Act.REMOVE_NEW
    if act in (Act.FINISH, Act.RETIRE):
        journal.set_job(db, job.id, ended_state(job))
        return "finished"
    if act in (Act.LEAVE, Act.LEAVE_OLD):
        if act is Act.LEAVE_OLD:
            _remove_new(output, job)
        journal.set_job(db, job.id, "failed", error_code="changed_since")
        return "left"
    if act is Act.RESTORE and kept is not None:
        in_place = is_in_place(job, kept)
        put_back(db, store, job, kept, over=FileFacts.of(output.lstat()) if in_place else None)
        if in_place:
            journal.set_job(db, job.id, "queued")
            return "restored"
    if act in (Act.REMOVE_NEW, Act.RESTORE):
        _remove_new(output, job)
    journal.set_job(db, job.id, "queued")
    return "restored" if act is Act.RESTORE else "requeued"


def _remove_new(output: Path, job: JournalRow) -> None:
    """The new file goes, if it is the job's result or blank: looked at again, since minutes may have passed."""
    if _look(output, job) in (There.RESULT, There.BLANK):
        remove_file(output, expected=FileFacts.of(output.lstat()))


def _look(path: Path, job: JournalRow) -> There:
    found = standing(path)
    if found.sha256 is None:
        return There.NOTHING
    if found.sha256 == job.result_hash:
        return There.RESULT
    if found.sha256 == job.source_hash:
        return There.SOURCE
    return There.BLANK if found.facts is not None and _is_blank(path) else There.OTHER


def _is_blank(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                if part.count(0) != len(part):
                    return False
    except OSError:
        return False
    return True
