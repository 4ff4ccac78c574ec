"""A fresh database, a batch in it, and a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import create_batch

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "data" / "plume.sqlite3")


@pytest.fixture
def batch_id(db: Database) -> int:
    return create_batch(db, owner="1:1:boot", settings={"quality": 80}, output={"policy": "suffix"}, now=NOW)
