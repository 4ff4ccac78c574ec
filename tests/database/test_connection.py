from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plume_app.database.connection import Database
from plume_app.database.models import Settings
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import history
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.shared.errors import DiskFull
from processes import in_another_process

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


def test_a_query_gives_back_the_connection_that_it_took(db: Database) -> None:
    set_setting(db, "a", 1)
    with db.connection_context():
        assert get_setting(db, "a") == 1

    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(get_setting(db, "a")))
    thread.start()
    thread.join()

    assert found == [1]
    assert db._peewee.is_closed()
    assert len(db._peewee._connections) == 1


def test_threads_share_a_bounded_number_of_connections_and_wait_for_them(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plume_app.database.connection.MAX_CONNECTIONS", 2)
    small = Database(db.path)
    open_at_once: list[int] = []

    def work(number: int) -> None:
        with small.connection_context():
            set_setting(small, str(number), number)
            open_at_once.append(len(small._peewee._in_use))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(40)))

    assert max(open_at_once) <= 2
    assert small.sql("SELECT count(*) FROM settings") == [(40,)]
    small.close()


def test_a_forked_copy_of_the_process_uses_connections_of_its_own(db: Database) -> None:
    set_setting(db, "a", 1)

    def work() -> None:
        (before,) = db._peewee._connections
        set_setting(db, "b", get_setting(db, "a"))
        assert before not in db._peewee._connections

    assert in_another_process(work) == 0
    assert get_setting(db, "b") == 1


def test_closing_leaves_no_file_open(db: Database) -> None:
    set_setting(db, "a", 1)
    db.close()

    assert not db.path.with_name(db.path.name + "-wal").exists()  # the last one to close puts everything into the file


def test_a_durable_write_goes_through_to_the_disk_and_later_ones_do_not(db: Database) -> None:
    with db.connection_context():
        with db.write(durable=True) as connection:
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert db.sql("PRAGMA synchronous") == [(1,)]  # NORMAL


def test_a_full_disk_is_told_as_disk_full_and_the_next_write_works(db: Database) -> None:
    with db.connection_context():
        db.sql("PRAGMA max_page_count = 30")
        with pytest.raises(DiskFull) as told:
            set_setting(db, "big", "x" * 500_000)
        with pytest.raises(DiskFull):  # told by peewee, in a class of its own
            db.execute(Settings.insert(key="big", value="x" * 500_000))
        set_setting(db, "small", 1)

    assert told.value.facts["what"] == "data_folder"
    assert get_setting(db, "small") == 1


def test_foreign_keys_are_on(db: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.write() as connection:
        connection.execute("INSERT INTO jobs (batch_id, path) VALUES (99, x'61')")
