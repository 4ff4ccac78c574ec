"""Every released schema is kept as SQL in `schemas/`; a database of that version must still open."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import pytest

from plume_app.database.migrations import MIGRATIONS, create_tables, migrate_one
from plume_app.database.opening import open_database
from plume_app.database.queries.clearing import restore_statistics, wrong_aggregates
from plume_app.database.queries.statistics import stats

SCHEMAS = Path(__file__).parent / "schemas"
MOMENT = "2026-03-04T05:06:07.000Z"
BATCH = "INSERT INTO batches (owner, created_at, settings, output, state) VALUES ('1', ?, '{}', '{}', 'running')"
STATS = {
    "input_format": "png",
    "output_format": "png",
    "original_size": 10,
    "compressed_size": 9,
    "compression_time_ms": 1,
    "quality": 80,
    "lossless": 0,
    "effort": "fast",
    "width": 1,
    "height": 1,
    "codec_version": "1",
    "created_at": MOMENT,
    "predicted_low": 500,
    "predicted_high": 700,
}


def schema_of(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY name"
    )
    return [(name, " ".join(sql.split())) for name, sql in found]


def made_by_steps(version: int) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for _ in range(version):
            migrate_one(connection)
        return schema_of(connection)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_released_step_still_makes_the_schema_that_it_was_released_with(version: int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript((SCHEMAS / f"v{version}.sql").read_text(encoding="utf-8"))
        assert schema_of(connection) == made_by_steps(version)


@pytest.mark.parametrize("version", range(1, len(MIGRATIONS) + 1))
def test_a_database_of_every_released_version_opens(tmp_path: Path, version: int) -> None:
    path = tmp_path / "plume.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / f"v{version}.sql").read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()

    db = open_database(path)

    assert db.notice is None
    assert db.sql("SELECT count(*) FROM jobs") == [(0,)]


def _empty() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _ in MIGRATIONS:
        migrate_one(connection)
    connection.execute(BATCH, [MOMENT])
    return connection


def _add_stats(
    connection: sqlite3.Connection, usual: Mapping[str, object] = MappingProxyType(STATS), **changed: object
) -> None:
    row = {**usual, **changed}
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO compression_stats ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608


def test_create_tables_makes_everything_but_what_later_steps_add() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        create_tables(connection)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").fetchone() == (0,)


def test_keep_aggregates_sums_what_version_1_had_recorded(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / "v1.sql").read_text(encoding="utf-8"))
        old = {name: value for name, value in STATS.items() if not name.startswith("predicted")}
        for moment, size in ((MOMENT, 9), ("2026-03-04T23:59:59.999Z", 8), ("2026-04-04T05:06:07.000Z", 11)):
            _add_stats(connection, old, compressed_size=size, created_at=moment, predicted_size=9)
        _add_stats(connection, old, undone=1)
        connection.execute("PRAGMA user_version = 1")
        connection.commit()

    db = open_database(path)
    found = stats(db)

    assert wrong_aggregates(db) == []
    assert (found.totals.files, found.totals.original_size, found.totals.compressed_size) == (3, 30, 28)
    assert [(one.day, one.totals.files) for one in found.by_day] == [("2026-03-04", 2), ("2026-04-04", 1)]
    assert found.accuracy is not None
    assert (found.accuracy.files, found.accuracy.within_interval_percent) == (3, None)
    assert len(list(tmp_path.glob("plume.sqlite3.v1-*"))) == 1


def test_keep_aggregates_remembers_what_was_cleared(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((SCHEMAS / "v1.sql").read_text(encoding="utf-8"))
        old = {name: value for name, value in STATS.items() if not name.startswith("predicted")}
        for _ in range(5):
            _add_stats(connection, old)
        cleared = f'{{"upto": 3, "before": 1, "at": "{MOMENT}"}}'
        connection.execute("INSERT INTO settings VALUES ('statistics_cleared', ?)", [cleared])
        connection.execute("PRAGMA user_version = 1")
        connection.commit()

    db = open_database(path)

    assert stats(db).totals.files == 2
    assert restore_statistics(db)
    assert stats(db).totals.files == 4


def test_create_tables_takes_a_plausible_row() -> None:
    with closing(_empty()) as connection:
        _add_stats(connection)
        assert connection.execute("SELECT undone FROM compression_stats").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("original_size", -1),
        ("compressed_size", 2**63 - 1),
        ("compressed_size", 2**64 - 5.0),
        ("original_disk_size", -4096),
        ("original_size", None),
        ("original_size", "large"),
        ("compression_time_ms", -1),
        ("quality", 0),
        ("quality", 101),
        ("lossless", 2),
        ("width", 0),
        ("height", -5),
        ("input_format", ""),
        ("created_at", "yesterday"),
        ("created_at", "2026-03-04 05:06:07"),
        ("source_hash", "abc"),
        ("job_id", 12345),
        ("predicted_low", -1),
        ("predicted_high", 2.5),
        ("predicted_high", 499),
        ("predicted_time_ms", -1),
        ("prediction_basis", ""),
    ],
)
def test_t51_absurd_statistics_are_refused(name: str, value: object) -> None:
    with closing(_empty()) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            _add_stats(connection, **{name: value})


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO jobs (batch_id, path) VALUES (1, 'text')",
        "INSERT INTO jobs (batch_id, path) VALUES (1, x'')",
        "INSERT INTO jobs (batch_id, path, state) VALUES (1, x'61', 'happy')",
        "INSERT INTO jobs (batch_id, path, state) VALUES (1, x'61', 'intended')",
        "INSERT INTO originals VALUES (1, x'61', 'a', 'short', 1, 420, 0, '{}', '2026-03-04T05:06:07.000Z')",
        "UPDATE batches SET files = -1",
        "UPDATE batches SET state = 'happy'",
    ],
)
def test_t51_absurd_rows_are_refused(statement: str) -> None:
    with closing(_empty()) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
