from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import history
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.shared.errors import DiskFull

_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import add_jobs, create_batch, finish_batch
from plume_app.database.queries.results import JobResult, record

now = datetime.now(UTC)
for _ in range(15):
    db = open_database(Path(sys.argv[1]))
    batch = create_batch(db, owner="1:1:", settings={}, output={}, now=now)
    jobs = add_jobs(db, batch, [b"/in/%d.png" % n for n in range(200)])
    for job in jobs[:20]:
        record(db, [JobResult(job, "kept", reason="not_smaller")], now=now)
    finish_batch(db, batch, now=now)
"""


def test_t51_three_processes_write_at_once_and_nobody_sees_a_locked_database(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"

    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path)], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    errors = [writer.communicate()[1] for writer in writers]

    assert errors == ["", "", ""]
    rows = history(open_database(path), limit=100)
    assert len(rows) == 45
    assert {(row.files, row.kept) for row in rows} == {(200, 20)}


def test_a_write_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('a', '1')")
        raise ZeroDivisionError

    assert get_setting(db, "a") is None


def test_a_write_inside_a_write_is_one_transaction(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.write():
        set_setting(db, "a", 1)
        raise ZeroDivisionError

    assert get_setting(db, "a") is None


def test_a_query_closes_the_connection_that_it_opened(db: Database) -> None:
    set_setting(db, "a", 1)
    with db.connection_context():
        assert get_setting(db, "a") == 1

    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(get_setting(db, "a")))
    thread.start()
    thread.join()

    assert found == [1]
    assert db._peewee.is_closed()


def test_a_durable_write_goes_through_to_the_disk_and_later_ones_do_not(db: Database) -> None:
    with db.connection_context():
        with db.write(durable=True) as connection:
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert db.sql("PRAGMA synchronous") == [(1,)]  # NORMAL


def test_a_full_disk_is_told_as_disk_full_and_the_next_write_works(db: Database) -> None:
    with db.connection_context():
        db.sql("PRAGMA max_page_count = 30")
        with pytest.raises(DiskFull):
            set_setting(db, "big", "x" * 500_000)
        set_setting(db, "small", 1)

    assert get_setting(db, "small") == 1


def test_foreign_keys_are_on(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
        connection.execute("INSERT INTO jobs (batch_id, path) VALUES (99, x'61')")
