"""Version 2's SQL: how many jobs of each batch stand where, kept by triggers, so that the history reads no job.

Released with version 2 and never edited, like the step that runs it. `batch_tallies` has a row for each batch:
`queued`, `written` (also while and after it is undone), `kept`, `failed`, `cancelled`, and `undoable`, what an undo
would still touch: a replaced file whose original is stored, or a new file that this batch wrote. A job that wrote
nothing may name the result of an earlier batch, which is not this batch's to remove.
"""

from __future__ import annotations

import sqlite3

STATES = {
    "queued": ("queued",),
    "written": ("written", "undoing", "undone"),
    "kept": ("kept",),
    "failed": ("failed",),
    "cancelled": ("cancelled",),
}
TALLIED = (*STATES, "undoable")
_DECIDES = "state, writes, replaces, output_path, result_hash, error_code"


def undoable(job: str) -> str:
    """The condition that an undo would touch the job of that name in the statement."""
    stored = f"EXISTS (SELECT 1 FROM originals WHERE originals.job_id = {job}.id)"  # noqa: S608 - literals only, here and below
    return f"(({_may_return(job)} AND {stored}) OR {_may_go(job)})"


def _may_return(job: str) -> str:
    return f"({job}.state IN ('written', 'undoing') OR coalesce({job}.error_code = 'changed_since', 0))"


def _may_go(job: str) -> str:
    return (
        f"({job}.state IN ('written', 'kept') AND {job}.writes = 1 AND {job}.replaces = 0"
        f" AND {job}.output_path IS NOT NULL AND {job}.result_hash IS NOT NULL)"
    )


def worth(job: str) -> tuple[str, ...]:
    """What one job adds to each of TALLIED: 0 or 1."""
    counted = (f"({job}.state IN ({', '.join(map(repr, states))}))" for states in STATES.values())
    return (*counted, undoable(job))


def create_tallies(connection: sqlite3.Connection) -> None:
    """Adds the table, the tallies of the jobs that are there, and the triggers."""
    columns = ", ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in TALLIED)
    parent = "INTEGER PRIMARY KEY REFERENCES batches (id) ON DELETE CASCADE"
    connection.execute(f"CREATE TABLE batch_tallies (batch_id {parent}, {columns})")
    connection.execute(f"INSERT INTO batch_tallies {tallies()}")
    for statement in _triggers():
        connection.execute(statement)


def tallies() -> str:
    """The select that counts every job anew."""
    sums = ", ".join(f"coalesce(sum({one}), 0)" for one in worth("jobs"))
    return f"SELECT batches.id, {sums} FROM batches LEFT JOIN jobs ON jobs.batch_id = batches.id GROUP BY batches.id"  # noqa: S608


def _triggers() -> tuple[str, ...]:
    def trigger(name: str, event: str, body: str) -> str:
        return f"CREATE TRIGGER tallies_{name} {event} BEGIN {body}; END"

    def tally(changes: dict[str, str], batch_id: str) -> str:
        changed = ", ".join(f"{name} = {name} {change}" for name, change in changes.items())
        return f"UPDATE batch_tallies SET {changed} WHERE batch_id = {batch_id}"  # noqa: S608

    new, old = (dict(zip(TALLIED, worth(row), strict=True)) for row in ("NEW", "OLD"))
    moved = {name: f"+ {new[name]} - {old[name]}" for name in TALLIED}
    gone = {name: f"- {old[name]}" for name in TALLIED}

    # What an original alone decides: with a job that counts as a new file anyway it changes nothing.
    def stored(row: str, sign: str) -> str:
        job = f"SELECT id FROM jobs WHERE id = {row}.job_id AND {_may_return('jobs')} AND NOT {_may_go('jobs')}"  # noqa: S608
        batch_id = f"(SELECT batch_id FROM jobs WHERE id = {row}.job_id)"  # noqa: S608
        return tally({"undoable": f"{sign} EXISTS ({job})"}, batch_id)

    return (
        trigger("begun", "AFTER INSERT ON batches", "INSERT INTO batch_tallies (batch_id) VALUES (NEW.id)"),
        trigger("added", "AFTER INSERT ON jobs", tally({name: f"+ {new[name]}" for name in TALLIED}, "NEW.batch_id")),
        trigger("changed", f"AFTER UPDATE OF {_DECIDES} ON jobs", tally(moved, "NEW.batch_id")),
        # Before: its original goes with it, and no longer knows its batch then.
        trigger("removed", "BEFORE DELETE ON jobs", tally(gone, "OLD.batch_id")),
        trigger("stored", "AFTER INSERT ON originals", stored("NEW", "+")),
        trigger("let_go", "AFTER DELETE ON originals", stored("OLD", "-")),
    )
