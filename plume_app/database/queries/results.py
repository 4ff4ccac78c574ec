"""The journal of writing (intend, record) and what Plume knows of its own results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plume_app.database.connection import Database
from plume_app.domain.shared.moments import moment_text

RECORDED_STATES = ("written", "kept", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to happen to one file.

    `replaces`: in place; then `output_path` is the source's own path, or, with a conversion, the new name
    beside it. `reason` is set where the file is kept and a copy of it is written (complete folders).
    """

    job_id: int
    staged_path: bytes
    output_path: bytes
    source_hash: str
    result_hash: str
    replaces: bool = False
    settings_hash: str | None = None
    original_size: int | None = None
    compressed_size: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StatsRow:
    """What one finished picture teaches; a row of `compression_stats`. `features` is JSON text or None.

    `predicted_*` is what was predicted before the file was compressed, the interval with it, as far as anything was.
    """

    input_format: str
    output_format: str
    original_size: int
    compressed_size: int
    compression_time_ms: int
    quality: int | None
    lossless: bool
    effort: str
    width: int
    height: int
    codec_version: str
    original_disk_size: int | None = None
    compressed_disk_size: int | None = None
    predicted_size: int | None = None
    features: str | None = None
    predicted_low: int | None = None
    predicted_high: int | None = None
    predicted_time_ms: int | None = None
    prediction_basis: str | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """How one job ended: `state` is one of RECORDED_STATES.

    `output_path` names the file that holds the result (None when nothing was written). Hashes and sizes
    that are None leave what `intend` wrote. Give no `stats` for failed, cancelled and `already_done`.
    """

    job_id: int
    state: str
    reason: str | None = None
    error_code: str | None = None
    output_path: bytes | None = None
    source_hash: str | None = None
    result_hash: str | None = None
    settings_hash: str | None = None
    original_size: int | None = None
    compressed_size: int | None = None
    replaces: bool | None = None
    stats: StatsRow | None = None


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """What stands behind an output path. `source_path` and hashes as they were when it was written."""

    job_id: int
    source_path: bytes
    output_path: bytes
    source_hash: str
    result_hash: str
    settings_hash: str | None
    replaces: bool
    reason: str | None


def intend(db: Database, intents: Sequence[Intent]) -> None:
    """Writes down what is about to happen, at once, and through to the disk where an original is at stake."""
    with db.write(durable=any(intent.replaces for intent in intents)) as connection:
        connection.executemany(
            "UPDATE jobs SET state = 'intended', writes = 1, staged_path = ?, output_path = ?, source_hash = ?,"
            " result_hash = ?, replaces = ?, settings_hash = ?, original_size = ?, compressed_size = ?, reason = ?"
            " WHERE id = ?",
            (
                (
                    *(i.staged_path, i.output_path, i.source_hash, i.result_hash, i.replaces, i.settings_hash),
                    *(i.original_size, i.compressed_size, i.reason, i.job_id),
                )
                for i in intents
            ),
        )


def record(db: Database, results: Sequence[JobResult], *, now: datetime) -> None:
    """Writes how jobs ended, with their statistics, in one transaction.

    Raises ValueError for a state that ends nothing; sqlite3.IntegrityError, with nothing written, for sizes
    or numbers that cannot be.
    """
    for result in results:
        if result.state not in RECORDED_STATES:
            raise ValueError(f"{result.state!r} is not how a job ends")
    moment = moment_text(now)
    with db.write() as connection:
        connection.executemany(_RECORD, [_job_values(result) for result in results])
        connection.executemany(
            _ADD_STATS, [_stats_values(result, result.stats, moment) for result in results if result.stats]
        )


_RECORD = (
    "UPDATE jobs SET state = ?, reason = ?, error_code = ?, staged_path = NULL, output_path = ?,"
    " replaces = coalesce(?, replaces), source_hash = coalesce(?, source_hash), result_hash = ?,"
    " settings_hash = coalesce(?, settings_hash), original_size = coalesce(?, original_size),"
    " compressed_size = coalesce(?, compressed_size) WHERE id = ?"
)
_ADD_STATS = (
    "INSERT INTO compression_stats (batch_id, job_id, input_format, output_format, original_size, compressed_size,"
    " compression_time_ms, quality, lossless, effort, width, height, codec_version, original_disk_size,"
    " compressed_disk_size, predicted_size, features, predicted_low, predicted_high, predicted_time_ms,"
    " prediction_basis, source_hash, settings_hash, created_at)"
    " VALUES ((SELECT batch_id FROM jobs WHERE id = ?1), (SELECT id FROM jobs WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7,"
    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)"
)


def _job_values(r: JobResult) -> tuple[object, ...]:
    return (
        *(r.state, r.reason, r.error_code, r.output_path, r.replaces, r.source_hash, r.result_hash),
        *(r.settings_hash, r.original_size, r.compressed_size, r.job_id),
    )


def _stats_values(r: JobResult, s: StatsRow, moment: str) -> tuple[object, ...]:
    return (
        *(r.job_id, s.input_format, s.output_format, s.original_size, s.compressed_size, s.compression_time_ms),
        *(s.quality, s.lossless, s.effort, s.width, s.height, s.codec_version, s.original_disk_size),
        *(s.compressed_disk_size, s.predicted_size, s.features, s.predicted_low, s.predicted_high),
        *(s.predicted_time_ms, s.prediction_basis, r.source_hash, r.settings_hash, moment),
    )


_RESULT = (
    "SELECT id, path, output_path, source_hash, result_hash, settings_hash, replaces, reason FROM jobs"
    " WHERE output_path IS NOT NULL AND result_hash IS NOT NULL AND source_hash IS NOT NULL"
    " AND state IN ('written', 'kept') AND output_path = ? ORDER BY id DESC LIMIT 1"
)


def recorded_result(db: Database, output_path: bytes) -> RecordedResult | None:
    """The newest result that was written to `output_path` and not undone, kept copies included."""
    found = db.sql(_RESULT, (output_path,))
    if not found:
        return None
    job_id, path, output_path, source_hash, result_hash, settings_hash, replaces, reason = found[0]
    return RecordedResult(
        job_id, bytes(path), bytes(output_path), source_hash, result_hash, settings_hash, bool(replaces), reason
    )


def is_own_result(db: Database, content_hash: str, settings_hash: str) -> bool:
    """Are these bytes themselves a result that Plume made at these settings, under whatever name?"""
    found = db.sql(
        "SELECT 1 FROM jobs WHERE result_hash = ? AND settings_hash = ? AND state IN ('written', 'undone')"
        " AND reason IS NULL LIMIT 1",
        (content_hash, settings_hash),
    )
    return bool(found)


def is_result_path(db: Database, path: bytes) -> bool:
    """Was `path` written by Plume as a new file beside or under an original? A folder walk leaves it out.

    Files replaced in place are originals still. Whether the file there is still that result, a walk need
    not know: a file that Plume made stays a result when its owner edits it, and can be named directly.
    """
    found = db.sql(
        "SELECT 1 FROM jobs WHERE output_path = ? AND replaces = 0 AND state IN ('intended', 'written', 'kept')"
        " AND result_hash IS NOT NULL AND output_path != path LIMIT 1",
        (path,),
    )
    return bool(found)
