"""The ordered steps that bring a database file to the shape that this Plume knows.

To add a step: append a function decorated with `@migration`, add `test_<name>` and the released schema
under tests/database/schemas. Literal SQL only, never models: a model changes, a released step must not.
Never edit a released step. Step and version (`PRAGMA user_version`) commit together.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from plume_app.database.aggregates import create_aggregates
from plume_app.database.tallies import create_tallies

Step = Callable[[sqlite3.Connection], None]

MIGRATIONS: list[Step] = []
APPLICATION_ID = 0x506C756D  # "Plum": tells Plume's file from any other SQLite file


def migration(step: Step) -> Step:
    """Registers `step` as the next version."""
    MIGRATIONS.append(step)
    return step


def version_of(connection: sqlite3.Connection) -> int:
    """The number of steps that the file has seen; 0 for a new one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate_one(connection: sqlite3.Connection, steps: list[Step] = MIGRATIONS) -> None:
    """Runs the next pending step inside the transaction that the caller holds, with its version.

    Foreign keys are off on `connection`, since a step may rebuild a table; they are checked here at the end.
    """
    version = version_of(connection)
    steps[version](connection)
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise sqlite3.IntegrityError(f"migration {version + 1} left {len(broken)} rows without their parent")
    connection.execute(f"PRAGMA user_version = {version + 1}")


@migration
def create_tables(connection: sqlite3.Connection) -> None:
    """Version 1: everything of contract.md, complete from the start."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in _VERSION_1:
        connection.execute(statement)


# Moments are text of 24 characters, UTC (2026-01-31T12:00:00.000Z): they sort as they read. Paths are blobs, since
# SQLite text refuses names that are not UTF-8. Numbers that cannot be are refused here, whoever writes.
_MOMENT = "GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]Z'"


def _size(name: str, *, unknown: bool = False) -> str:
    """A column of bytes: a whole number from 0 to a million gigabytes."""
    check = f"CHECK (typeof({name}) = 'integer' AND {name} BETWEEN 0 AND 1000000000000000)"
    if unknown:
        return f"{name} INTEGER {check.replace('(typeof', f'({name} IS NULL OR typeof', 1)}"
    return f"{name} INTEGER NOT NULL {check}"


def _hash(name: str) -> str:
    return f"{name} TEXT CHECK ({name} IS NULL OR length({name}) = 64)"


def _path(name: str) -> str:
    return f"{name} BLOB CHECK ({name} IS NULL OR (typeof({name}) = 'blob' AND length({name}) > 0))"


_VERSION_1 = (
    f"""CREATE TABLE batches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        created_at TEXT NOT NULL CHECK (created_at {_MOMENT}),
        finished_at TEXT CHECK (finished_at IS NULL OR finished_at {_MOMENT}),
        settings TEXT NOT NULL,
        output TEXT NOT NULL,
        files INTEGER NOT NULL DEFAULT 0 CHECK (typeof(files) = 'integer' AND files >= 0),
        {_size("original_size", unknown=True)},
        {_size("compressed_size", unknown=True)},
        state TEXT NOT NULL CHECK (state IN
            ('running', 'paused', 'finished', 'cancelled', 'interrupted', 'undoing', 'undone'))
    )""",
    "CREATE INDEX batches_state ON batches (state)",
    f"""CREATE TABLE jobs (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        {_path("path")} NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN
            ('queued', 'intended', 'written', 'kept', 'failed', 'cancelled', 'undoing', 'undone')),
        reason TEXT,
        error_code TEXT,
        {_path("staged_path")},
        {_path("output_path")},
        replaces INTEGER NOT NULL DEFAULT 0 CHECK (replaces IN (0, 1)),
        writes INTEGER NOT NULL DEFAULT 0 CHECK (writes IN (0, 1)),
        {_hash("source_hash")},
        {_hash("result_hash")},
        {_hash("settings_hash")},
        {_size("original_size", unknown=True)},
        {_size("compressed_size", unknown=True)},
        CHECK (state != 'intended'
            OR (staged_path IS NOT NULL AND output_path IS NOT NULL AND result_hash IS NOT NULL))
    )""",
    "CREATE INDEX jobs_batch_state ON jobs (batch_id, state)",
    "CREATE INDEX jobs_half_way ON jobs (batch_id) WHERE state IN ('intended', 'undoing')",
    "CREATE INDEX jobs_output_path ON jobs (output_path) WHERE output_path IS NOT NULL",
    "CREATE INDEX jobs_result_hash ON jobs (result_hash) WHERE result_hash IS NOT NULL",
    "CREATE INDEX jobs_path ON jobs (path)",
    f"""CREATE TABLE compression_stats (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        batch_id INTEGER REFERENCES batches (id) ON DELETE SET NULL,
        job_id INTEGER REFERENCES jobs (id) ON DELETE SET NULL,
        input_format TEXT NOT NULL CHECK (length(input_format) BETWEEN 1 AND 32),
        output_format TEXT NOT NULL CHECK (length(output_format) BETWEEN 1 AND 32),
        {_size("original_size")},
        {_size("compressed_size")},
        {_size("original_disk_size", unknown=True)},
        {_size("compressed_disk_size", unknown=True)},
        compression_time_ms INTEGER NOT NULL CHECK (
            typeof(compression_time_ms) = 'integer' AND compression_time_ms BETWEEN 0 AND 604800000),
        quality INTEGER CHECK (quality IS NULL OR quality BETWEEN 1 AND 100),
        lossless INTEGER NOT NULL CHECK (lossless IN (0, 1)),
        effort TEXT NOT NULL,
        width INTEGER NOT NULL CHECK (width BETWEEN 1 AND 2147483647),
        height INTEGER NOT NULL CHECK (height BETWEEN 1 AND 2147483647),
        codec_version TEXT NOT NULL,
        {_hash("source_hash")},
        {_hash("settings_hash")},
        {_size("predicted_size", unknown=True)},
        features TEXT,
        undone INTEGER NOT NULL DEFAULT 0 CHECK (undone IN (0, 1)),
        created_at TEXT NOT NULL CHECK (created_at {_MOMENT})
    )""",
    "CREATE INDEX compression_stats_created_at ON compression_stats (created_at)",
    "CREATE INDEX compression_stats_job_id ON compression_stats (job_id)",
    "CREATE INDEX compression_stats_batch_id ON compression_stats (batch_id)",
    f"""CREATE TABLE originals (
        job_id INTEGER PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
        {_path("path")} NOT NULL,
        stored_as TEXT NOT NULL,
        sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
        {_size("size")},
        mode INTEGER NOT NULL CHECK (mode BETWEEN 0 AND 4095),
        mtime_ns INTEGER NOT NULL,
        attributes TEXT NOT NULL,
        expires_at TEXT NOT NULL CHECK (expires_at {_MOMENT})
    )""",
    "CREATE INDEX originals_stored_as ON originals (stored_as, size)",
    "CREATE INDEX originals_expires_at ON originals (expires_at)",
    f"""CREATE TABLE made_folders (
        batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        {_path("path")} NOT NULL,
        PRIMARY KEY (batch_id, path)
    ) WITHOUT ROWID""",
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
)


@migration
def keep_aggregates(connection: sqlite3.Connection) -> None:
    """Version 2: predictions with their interval; sums of the statistics and tallies of batches, kept by triggers."""
    create_aggregates(connection)
    create_tallies(connection)
