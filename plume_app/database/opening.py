"""Opening the file: new or known, brought to the newest version, or set aside when it is damaged.

Nobody loses a picture with the database: it holds history and undo. So a file that cannot be read is
moved aside, never deleted, and a fresh one takes its place; one of a newer Plume is refused untouched.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import BUSY_TIMEOUT_S, SUSPECT, Database, begin, is_damage, raise_refusal
from plume_app.database.migrations import MIGRATIONS, Step, migrate_one, version_of
from plume_app.database.models import ALL_TABLES
from plume_app.domain.shared.errors import DatabaseTooNew, DiskFull, PlumeError, TargetUnwritable
from plume_app.domain.shared.moments import compact

QUICK_CHECK_BYTES = 4_000_000  # a full check costs 4 ms a megabyte; above this only the start of the file is looked at


class _Damaged(Exception):
    """The file is no database, or not one of Plume."""


def open_database(path: Path, *, steps: list[Step] = MIGRATIONS, now: datetime | None = None) -> Database:
    """The database at `path`, made if there is none, migrated if it is older.

    A damaged file is renamed `<name>.damaged-<time>`, with its companions, and `Database.notice` says where.
    Before the first pending step the file is copied to `<name>.v<version>-<time>`.

    Raises DatabaseTooNew, TargetUnwritable, DiskFull.
    """
    moment = compact(now or datetime.now(UTC))
    aside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _only_one_opens(path):
            try:
                _bring_up_to_date(path, steps, moment)
            except (_Damaged, sqlite3.DatabaseError, UnicodeDecodeError) as error:
                # A damaged name in SQLite's own words is no text any more, says Python before it says what is wrong.
                if isinstance(error, sqlite3.DatabaseError) and not is_damage(error):
                    raise
                aside = _set_aside(path, moment)
                _bring_up_to_date(path, steps, moment)
            _suspect(path).unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise_refusal(error, path.parent)
        raise
    except OSError as error:
        raise _folder_refuses(error, path.parent) from error
    return Database(path, notice=aside)


def _folder_refuses(error: OSError, folder: Path) -> PlumeError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(folder=str(folder), what="data_folder")
    return TargetUnwritable(folder=str(folder), problem=error.strerror or str(error), what="data_folder")


def _bring_up_to_date(path: Path, steps: list[Step], moment: str) -> None:
    _close_to_others(path)
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
        _check(connection, path, len(steps))
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode = TRUNCATE")  # a disk without shared memory: slower, as safe
        copied = version_of(connection) == 0
        while version_of(connection) < len(steps):
            if not copied:
                _copy(connection, path.with_name(f"{path.name}.v{version_of(connection)}-{moment}"))
                copied = True
            connection.execute("PRAGMA foreign_keys = OFF")  # a step may rebuild a table
            begin(connection)
            try:
                migrate_one(connection, steps)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if len(steps) >= len(MIGRATIONS):  # the models tell of the newest version
            _check_words(connection)


def _close_to_others(path: Path) -> None:
    """Makes the file where it is missing, for its owner only: a history tells where pictures lie.

    SQLite gives its companions the mode of the file.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
    except FileExistsError:
        # By its name: to open and close it would drop the locks of every connection that this process has to it, and
        # another process would then throw away the write-ahead log under them (sqlite.org/howtocorrupt.html, 2.2).
        if path.stat().st_mode & 0o077:
            with suppress(OSError):  # a disk without modes, or somebody else's file
                path.chmod(0o600)


def _check(connection: sqlite3.Connection, path: Path, known: int) -> None:
    version = version_of(connection)
    if version > known:
        raise DatabaseTooNew(found=version, known=known)
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version == 0 and tables:
        raise _Damaged(f"{path.name} is not a database of Plume")
    check = "integrity_check" if _suspect(path).exists() else "quick_check"
    is_looked_at = path.stat().st_size <= QUICK_CHECK_BYTES or check == "integrity_check"
    if is_looked_at and connection.execute(f"PRAGMA {check}(1)").fetchone()[0] != "ok":
        raise _Damaged(path.name)


def _check_words(connection: sqlite3.Connection) -> None:
    """Do tables, columns and triggers have their names? SQLite's check passes over the words that made them.

    Each statement is compiled, with the triggers that it would set off, and not run.
    """
    for model in ALL_TABLES:
        meta = model._meta  # noqa: SLF001 - the way that peewee documents
        table, columns = meta.table_name, tuple(meta.columns)
        names, same = ", ".join(columns), ", ".join(f"{name} = {name}" for name in columns)
        values = ", ".join("?" * len(columns))
        try:
            connection.execute(f"EXPLAIN INSERT INTO {table} ({names}) VALUES ({values})", columns)  # noqa: S608
            connection.execute(f"EXPLAIN UPDATE {table} SET {same}")  # noqa: S608
            connection.execute(f"EXPLAIN DELETE FROM {table}")  # noqa: S608
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_ERROR:
                raise
            raise _Damaged(str(error)) from error


def _suspect(path: Path) -> Path:
    return path.with_name(path.name + SUSPECT)


def _copy(connection: sqlite3.Connection, target: Path) -> None:
    """A whole copy, through SQLite, since a file copy would miss what is still in the write-ahead log."""
    target.unlink(missing_ok=True)
    _close_to_others(target)
    with closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)


def _set_aside(path: Path, moment: str) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{moment}-{number}")
    for ending in ("", "-wal", "-shm"):
        source = path.with_name(path.name + ending)
        if source.exists():
            _move(source, aside.with_name(aside.name + ending))
    return aside


def _move(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # a disk without hard links
        shutil.copy2(source, target)
    source.unlink()


@contextmanager
def _only_one_opens(path: Path) -> Iterator[None]:
    """Two processes that start at once must not both migrate, nor set aside each other's fresh file."""
    try:
        import fcntl
    except ImportError:  # Windows: an open database cannot be moved there, which protects it as well
        yield
        return
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with suppress(OSError):  # a network disk without locks
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
