from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plume_app.database.migrations import MIGRATIONS
from plume_app.database.opening import open_database
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.shared.errors import DatabaseTooNew, TargetUnwritable
from processes import as_nobody

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def _add_colour(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE settings ADD COLUMN colour TEXT")


def _half_then_fail(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half (id INTEGER)")
    raise ZeroDivisionError


def _forget_batches(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM batches")


def test_a_new_file_has_the_newest_version_and_the_write_ahead_log(tmp_path: Path) -> None:
    db = open_database(tmp_path / "a" / "b" / "plume.sqlite3")

    assert db.notice is None
    assert db.sql("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert db.sql("PRAGMA journal_mode") == [("wal",)]


@pytest.mark.parametrize("known", [False, True], ids=["new", "open to others before"])
def test_the_file_its_companions_and_its_copies_are_for_their_owner_only(tmp_path: Path, known: bool) -> None:
    path = tmp_path / "plume.sqlite3"
    if known:
        set_setting(open_database(path), "theme", "dark")
        path.chmod(0o644)
    db = open_database(path, steps=[*MIGRATIONS, _add_colour] if known else MIGRATIONS)
    with db.write() as connection:
        connection.execute("DELETE FROM settings")
        found = {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()}

    assert found.keys() > {"plume.sqlite3", "plume.sqlite3-wal", "plume.sqlite3-shm"}
    assert set(found.values()) == {0o600}
    assert any(".v" in name for name in found) == known


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    set_setting(open_database(path), "theme", "dark")

    assert get_setting(open_database(path), "theme") == "dark"


def test_before_a_step_the_file_is_copied_with_all_that_it_held(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    set_setting(open_database(path), "theme", "dark")

    db = open_database(path, steps=[*MIGRATIONS, _add_colour], now=NOW)

    assert db.sql("SELECT key, colour FROM settings") == [("theme", None)]
    copy = path.with_name(f"plume.sqlite3.v{len(MIGRATIONS)}-20260304T050607Z")
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT * FROM settings").fetchall() == [("theme", '"dark"')]
        assert old.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    open_database(path)

    with pytest.raises(ZeroDivisionError):
        open_database(path, steps=[*MIGRATIONS, _add_colour, _half_then_fail])

    db = open_database(path, steps=[*MIGRATIONS, _add_colour])
    assert db.sql("PRAGMA user_version") == [(len(MIGRATIONS) + 1,)]
    assert db.sql("SELECT count(*) FROM sqlite_master WHERE name = 'half'") == [(0,)]


def test_a_step_that_orphans_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    with open_database(path).write() as connection:
        connection.execute(
            "INSERT INTO batches (owner, created_at, settings, output, state)"
            " VALUES ('1', '2026-03-04T05:06:07.000Z', '{}', '{}', 'running')"
        )
        connection.execute("INSERT INTO jobs (batch_id, path) VALUES (1, x'61')")

    with pytest.raises(sqlite3.IntegrityError):
        open_database(path, steps=[*MIGRATIONS, _forget_batches])

    assert open_database(path).sql("SELECT count(*) FROM batches") == [(1,)]


def test_a_database_of_a_newer_plume_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    open_database(path, steps=[*MIGRATIONS, _add_colour])
    before = path.read_bytes()

    with pytest.raises(DatabaseTooNew) as refused:
        open_database(path)

    assert refused.value.facts == {"found": len(MIGRATIONS) + 1, "known": len(MIGRATIONS)}
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["text", "header", "pages", "other program", "short", "word", "letter"])
def test_t51_a_damaged_file_is_set_aside_whole_and_plume_goes_on(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "plume.sqlite3"
    if damage == "text":
        path.write_bytes(b"this is no database, but somebody's text\n" * 40)
    elif damage == "other program":
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE cookies (id INTEGER)")
            connection.commit()
    else:
        set_setting(open_database(path), "theme", "dark")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        whole = bytearray(path.read_bytes())
        if damage == "header":
            whole[16:100] = os.urandom(84)
        elif damage == "word":  # of a trigger: SQLite's own check finds nothing wrong
            whole = whole.replace(b"NEW.output_path", b"NEW.outpud_path")
        elif damage == "letter":  # what SQLite says of it is no text
            whole = whole.replace(b" ON jobs (batch_id, state)", b" ON job\xc2 (batch_id, state)")
        elif damage == "pages":
            whole[4096:] = bytes(len(whole) - 4096)
        else:
            del whole[5000:]
        path.write_bytes(whole)
    damaged = path.read_bytes()

    db = open_database(path, now=NOW)

    assert db.notice == tmp_path / "plume.sqlite3.damaged-20260304T050607Z"
    assert db.notice.read_bytes() == damaged
    set_setting(db, "theme", "light")
    assert get_setting(db, "theme") == "light"


def test_t51_damage_that_is_met_at_work_is_told_and_the_next_start_sets_the_file_aside(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    first = open_database(path)
    for number in range(60):
        set_setting(first, f"{number}", "x" * 100_000)  # too large a file to be read whole at each start
    first.close()
    with path.open("r+b") as file:
        file.seek(5_000_000)
        file.write(bytes(8192))

    db = open_database(path)
    assert db.notice is None
    with pytest.raises(TargetUnwritable) as told:
        for number in range(60):
            get_setting(db, f"{number}")
    db.close()

    assert told.value.facts["what"] == "history_damaged"
    assert open_database(path).notice is not None
    assert open_database(path).notice is None


def test_two_damaged_files_of_one_second_are_both_kept(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    for _ in range(2):
        path.write_bytes(b"no database at all" * 100)
        open_database(path, now=NOW)
        for companion in tmp_path.glob("plume.sqlite3-*"):
            companion.unlink()

    assert len(list(tmp_path.glob("*.damaged-*"))) == 2


def test_t51_plume_works_when_the_database_was_deleted(tmp_path: Path) -> None:
    path = tmp_path / "plume.sqlite3"
    set_setting(open_database(path), "theme", "dark")
    for file in tmp_path.iterdir():
        file.unlink()

    assert get_setting(open_database(path), "theme") is None


def test_a_folder_that_cannot_be_written_is_told_as_such() -> None:
    def open_in_a_foreign_folder() -> None:
        with pytest.raises(TargetUnwritable):
            open_database(Path("/proc/plume/plume.sqlite3"))

    as_nobody(open_in_a_foreign_folder)


def test_opening_again_leaves_this_process_its_locks(tmp_path: Path) -> None:
    """Without them the next process that closes the database would throw away the log that is in use here."""
    path = tmp_path / "plume.sqlite3"
    first = open_database(path)
    with first.connection_context():
        set_setting(first, "a", 1)
        open_database(path)
        code = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); list(c.execute('SELECT 1 FROM jobs')); c.close()"
        subprocess.run([sys.executable, "-c", code, str(path)], check=True)

        assert path.with_name(path.name + "-wal").exists()
        assert get_setting(first, "a") == 1
    first.close()
