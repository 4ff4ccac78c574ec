"""What the window shows of the whole database: its size, where things are, the history as lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plume_app.database.connection import Database

_CHUNK_ROWS = 500


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """The file in numbers. `rows` counts jobs and statistics; sizes are bytes."""

    schema_version: int
    rows: int
    size: int
    undo_files: int
    undo_size: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One file of the history, for an export. Paths are bytes, moments UTC text."""

    batch_id: int
    job_id: int
    created_at: str
    path: bytes
    output_path: bytes | None
    state: str
    reason: str | None
    error_code: str | None
    original_size: int | None
    compressed_size: int | None
    input_format: str | None
    output_format: str | None
    compression_time_ms: int | None


def database_facts(db: Database) -> DatabaseFacts:
    """What `get_database_info` tells."""
    with db.snapshot():
        ((version,),) = db.sql("PRAGMA user_version")
        ((pages,),), ((page_size,),) = db.sql("PRAGMA page_count"), db.sql("PRAGMA page_size")
        ((rows,),) = db.sql("SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM compression_stats)")
        ((files, size),) = db.sql(
            "SELECT count(*), coalesce(sum(size), 0) FROM (SELECT DISTINCT stored_as, size FROM originals)"
        )
    return DatabaseFacts(version, rows, pages * page_size, files, size)


def count_batches(db: Database) -> int:
    """How many batches the history has."""
    return int(db.sql("SELECT count(*) FROM batches")[0][0])


def job_place(db: Database, job_id: int) -> bytes | None:
    """Where the result of a job is, or its source where nothing was written; None for an unknown job."""
    found = db.sql("SELECT coalesce(output_path, path) FROM jobs WHERE id = ?", (job_id,))
    return bytes(found[0][0]) if found else None


def batch_place(db: Database, batch_id: int) -> bytes | None:
    """Where the first result of a batch is; None where it wrote nothing."""
    found = db.sql(
        "SELECT output_path FROM jobs WHERE batch_id = ? AND output_path IS NOT NULL"
        " AND state = 'written' ORDER BY id LIMIT 1",
        (batch_id,),
    )
    return bytes(found[0][0]) if found else None


def history_lines(db: Database) -> Iterator[HistoryLine]:
    """Every file of the history, oldest first, read in pieces."""
    at = 0
    while True:
        found = db.sql(
            "SELECT jobs.batch_id, jobs.id, batches.created_at, jobs.path, jobs.output_path, jobs.state, jobs.reason,"
            " jobs.error_code, jobs.original_size, jobs.compressed_size, s.input_format, s.output_format,"
            " s.compression_time_ms FROM jobs JOIN batches ON batches.id = jobs.batch_id"
            " LEFT JOIN compression_stats AS s ON s.job_id = jobs.id"
            " WHERE jobs.id > ? GROUP BY jobs.id ORDER BY jobs.id LIMIT ?",
            (at, _CHUNK_ROWS),
        )
        for row in found:
            yield HistoryLine(*row)
        if len(found) < _CHUNK_ROWS:
            return
        at = int(found[-1][1])
