"""The undo store's rows: which bytes belong to which replaced file, until when."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.models import Originals
from plume_app.domain.shared.moments import moment_text

_BUSY = (
    "(SELECT jobs.id FROM jobs JOIN batches ON batches.id = jobs.batch_id"
    " WHERE batches.state IN ('running', 'paused', 'undoing') OR jobs.state IN ('intended', 'undoing'))"
)


@dataclass(frozen=True, slots=True)
class Original:
    """One replaced file: where it was, its bytes' hash and name in the store, and what it had beside bytes.

    `attributes` is what `domain.file.attributes.Attributes.to_json` gives.
    """

    job_id: int
    path: bytes
    stored_as: str
    sha256: str
    size: int
    mode: int
    mtime_ns: int
    attributes: dict[str, Any]


def add_original(db: Database, original: Original, *, expires_at: datetime) -> None:
    """Remembers one original; a second time for the same job replaces the first. Durable when it returns."""
    o = original
    values = (
        *(o.job_id, o.path, o.stored_as, o.sha256, o.size, o.mode, o.mtime_ns),
        *(json.dumps(o.attributes), moment_text(expires_at)),
    )
    with db.write(durable=True) as connection:
        connection.execute(
            "INSERT INTO originals (job_id, path, stored_as, sha256, size, mode, mtime_ns, attributes, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id) DO UPDATE SET path = excluded.path,"
            " stored_as = excluded.stored_as, sha256 = excluded.sha256, size = excluded.size, mode = excluded.mode,"
            " mtime_ns = excluded.mtime_ns, attributes = excluded.attributes, expires_at = excluded.expires_at",
            values,
        )


def original_of(db: Database, job_id: int) -> Original | None:
    """What the store holds for a job."""
    o = Originals
    columns = (o.job_id, o.path, o.stored_as, o.sha256, o.size, o.mode, o.mtime_ns, o.attributes)
    for found_id, path, stored_as, sha256, size, mode, mtime_ns, attributes in db.rows(
        o.select(*columns).where(o.job_id == job_id)
    ):
        return Original(found_id, bytes(path), stored_as, sha256, size, mode, mtime_ns, json.loads(attributes))
    return None


def remove_originals(db: Database, job_ids: Collection[int]) -> list[str]:
    """Forgets the originals of these jobs; returns the names in the store that nobody needs any more."""
    with db.write() as connection:
        names: set[str] = set()
        for job_id in job_ids:
            names.update(
                name for (name,) in connection.execute("SELECT stored_as FROM originals WHERE job_id = ?", [job_id])
            )
            connection.execute("DELETE FROM originals WHERE job_id = ?", [job_id])
        return [name for name in sorted(names) if not is_needed(db, name)]


def is_needed(db: Database, stored_as: str) -> bool:
    """Does any job still need these bytes?"""
    return bool(db.sql("SELECT 1 FROM originals WHERE stored_as = ? LIMIT 1", (stored_as,)))


def expired(db: Database, now: datetime) -> list[int]:
    """Jobs whose originals were kept long enough, none of a batch at work."""
    found = db.sql(
        f"SELECT job_id FROM originals WHERE expires_at <= ? AND job_id NOT IN {_BUSY}",  # noqa: S608 - literals only
        (moment_text(now),),
    )
    return [int(job_id) for (job_id,) in found]


def unused(db: Database, batch_id: int | None = None) -> list[int]:
    """Jobs of ended batches (or of that one) whose original was stored, but in the end not replaced, or put back."""
    found = db.sql(
        "SELECT originals.job_id FROM originals JOIN jobs ON jobs.id = originals.job_id"  # noqa: S608 - literals only
        " WHERE (?1 IS NULL OR jobs.batch_id = ?1) AND (jobs.state IN ('queued', 'kept', 'cancelled', 'undone')"
        "        OR (jobs.state = 'failed' AND jobs.error_code IS NOT 'changed_since'))"
        f" AND originals.job_id NOT IN {_BUSY}",
        (batch_id,),
    )
    return [int(job_id) for (job_id,) in found]


def oldest(db: Database, *, limit: int) -> list[tuple[int, int]]:
    """Jobs and sizes of the oldest originals, none of a batch at work: what makes room first."""
    found = db.sql(
        f"SELECT job_id, size FROM originals WHERE job_id NOT IN {_BUSY} ORDER BY job_id LIMIT ?",  # noqa: S608
        (limit,),
    )
    return [(int(job_id), int(size)) for job_id, size in found]


def stored_bytes(db: Database) -> int:
    """Bytes in the store; equal contents count once."""
    query = "SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT stored_as, size FROM originals)"
    return int(db.sql(query)[0][0])
