from __future__ import annotations

import pytest

from plume_app.database.connection import Database
from plume_app.database.models import ALL_TABLES


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.__name__)
def test_a_model_has_the_columns_of_its_table(table: type, db: Database) -> None:
    meta = table._meta  # type: ignore[attr-defined]
    columns = {row[1]: row for row in db.sql(f"PRAGMA table_info({meta.table_name})")}

    assert set(meta.columns) == set(columns)
    for name, field in meta.columns.items():
        required = bool(columns[name][3]) or bool(columns[name][5])
        assert field.null != required, name


def test_every_table_has_a_model(db: Database) -> None:
    tables = {name for (name,) in db.sql("SELECT name FROM sqlite_master WHERE type = 'table'")}

    assert {table._meta.table_name for table in ALL_TABLES} == tables - {"sqlite_sequence"}
