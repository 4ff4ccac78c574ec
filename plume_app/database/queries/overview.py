"""What the window shows of the whole database: its size, distributions, the history as lines, clearing statistics.

Clearing deletes nothing at once: it remembers up to which row the statistics do not count any more, so that it
can be taken back; `purge_cleared` deletes those rows later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.shared.moments import moment_of, moment_text

CLEARED_KEY = "statistics_cleared"  # {"upto": row id, "before": the row id until then, "at": moment}
KEEP_CLEARED = timedelta(days=1)
BUCKET_PERCENT = 10
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
class Bucket:
    """How many files saved between `from_percent` and `to_percent`; the first one also holds what grew."""

    from_percent: int
    to_percent: int
    files: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How far predictions were off: the median of |predicted - real| / real, in percent."""

    files: int
    median_error_percent: float


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


def savings_distribution(db: Database, since: datetime | None, until: datetime | None) -> list[Bucket]:
    """Ten buckets of percent saved, 0-10 to 90-100."""
    found = db.sql(
        "SELECT CASE WHEN compressed_size >= original_size THEN 0"
        f" ELSE min(9, (original_size - compressed_size) * 100 / original_size / {BUCKET_PERCENT}) END AS bucket,"
        f" count(*) {counted()} AND original_size > 0 GROUP BY bucket",
        _span(since, until),
    )
    files = {int(bucket): int(count) for bucket, count in found}
    return [Bucket(n * BUCKET_PERCENT, (n + 1) * BUCKET_PERCENT, files.get(n, 0)) for n in range(10)]


def median_savings(db: Database, since: datetime | None, until: datetime | None) -> float | None:
    """The middle file's saving in percent, one decimal; None without files."""
    return _median(
        db,
        f"SELECT 100.0 * (original_size - compressed_size) / original_size AS value {counted()} AND original_size > 0",
        _span(since, until),
    )


def prediction_accuracy(db: Database, since: datetime | None, until: datetime | None) -> Accuracy | None:
    """How good the predictions were; None where none was recorded."""
    question = (
        f"SELECT 100.0 * abs(predicted_size - compressed_size) / compressed_size AS value {counted()}"
        " AND predicted_size IS NOT NULL AND compressed_size > 0"
    )
    middle = _median(db, question, _span(since, until))
    if middle is None:
        return None
    ((files,),) = db.sql(f"SELECT count(*) FROM ({question})", _span(since, until))  # noqa: S608 - literals only
    return Accuracy(int(files), middle)


def _median(db: Database, question: str, span: tuple[str, str]) -> float | None:
    found = db.sql(
        f"WITH counted AS ({question}) SELECT value FROM counted ORDER BY value LIMIT 1"  # noqa: S608 - literals only
        " OFFSET (SELECT (count(*) - 1) / 2 FROM counted)",
        span,
    )
    return round(float(found[0][0]), 1) if found else None


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


def counted() -> str:
    """The rows that statistics count, for a question with two parameters: from when to before when."""
    return (
        "FROM compression_stats WHERE undone = 0 AND created_at >= ? AND created_at < ? AND id >"
        " coalesce((SELECT json_extract(value, '$.upto') FROM settings WHERE key = 'statistics_cleared'), 0)"
    )


def clear_statistics(db: Database, now: datetime) -> None:
    """Statistics begin anew; `restore_statistics` takes that back for a while."""
    with db.write():
        ((newest,),) = db.sql("SELECT coalesce(max(id), 0) FROM compression_stats")
        before = _cleared(db).get("upto", 0)
        set_setting(db, CLEARED_KEY, {"upto": newest, "before": before, "at": moment_text(now)})


def restore_statistics(db: Database) -> bool:
    """Takes the last clearing back; False where there is none to take back."""
    with db.write():
        known = _cleared(db)
        if known.get("upto", 0) == known.get("before", 0):
            return False
        set_setting(db, CLEARED_KEY, known | {"upto": known["before"]})
        return True


def purge_cleared(db: Database, now: datetime) -> int:
    """Deletes the rows of a clearing that is older than `KEEP_CLEARED`; returns how many."""
    with db.write() as connection:
        known = _cleared(db)
        if not known or moment_of(known["at"]) + KEEP_CLEARED > now:
            return 0
        gone = connection.execute("DELETE FROM compression_stats WHERE id <= ?", (known["upto"],)).rowcount
        set_setting(db, CLEARED_KEY, known | {"before": known["upto"]})
        return int(gone)


def _cleared(db: Database) -> dict[str, Any]:
    found = get_setting(db, CLEARED_KEY, {})
    return found if isinstance(found, dict) else {}


def _span(since: datetime | None, until: datetime | None) -> tuple[str, str]:
    return (moment_text(since) if since else "", moment_text(until) if until else "~")
