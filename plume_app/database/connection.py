"""One open database file: connections of threads, reading, writing.

Each thread has its own connection. Every query takes one from a bounded pool when its thread has none and gives
back what it took; a thread that asks much holds one with `connection_context`. Writers queue at `BEGIN
IMMEDIATE`, also across processes (window and command line), and wait: nobody sees "database is locked".
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from peewee import DatabaseError as PeeweeError
from playhouse.pool import PooledSqliteDatabase

from plume_app.domain.shared.errors import DiskFull, TargetUnwritable

BUSY_TIMEOUT_S = 5
BUSY_ROUNDS = 24  # of BUSY_TIMEOUT_S each: SQLite's waiting is not fair, so one writer may lose several rounds
MAX_CONNECTIONS = 32  # more than the threads of a window; a new one costs 1.5 ms, one of the pool 0.1 ms
SUSPECT = ".suspect"  # the ending of a mark beside the file: damage was met, the next start looks at all of it
_DAMAGE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT)
POOL_WAIT_S = 120  # for another thread to give one back; as long as a writer waits for others
_PRAGMAS = (
    ("busy_timeout", BUSY_TIMEOUT_S * 1000),
    ("foreign_keys", 1),
    ("synchronous", "NORMAL"),
    ("temp_store", "MEMORY"),
)


class Database:
    """An open database of the newest version, made by `opening.open_database`.

    `notice` is None, or the path where a damaged file was set aside when this one was made.
    """

    def __init__(self, path: Path, *, notice: Path | None = None) -> None:
        self.path = path
        self.notice = notice
        self._process = os.getpid()
        self._inherited: list[PooledSqliteDatabase] = []
        self._peewee = self._pool()

    def _pool(self) -> PooledSqliteDatabase:
        return PooledSqliteDatabase(
            str(self.path),
            max_connections=MAX_CONNECTIONS,
            timeout=POOL_WAIT_S,
            pragmas=_PRAGMAS,
            autoconnect=False,
            thread_safe=True,
            check_same_thread=False,  # the pool lends a connection to one thread at a time
        )

    @contextmanager
    def connection_context(self) -> Iterator[None]:
        """Holds a connection for this thread; may be nested."""
        opened = False
        if os.getpid() != self._process:
            # A forked copy must not touch its parent's connections, nor close them, says SQLite.
            self._inherited.append(self._peewee)
            self._process, self._peewee = os.getpid(), self._pool()
        try:
            with self._refusals():
                opened = self._peewee.connect(reuse_if_open=True)
            yield
        finally:
            if opened:
                self._peewee.close()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start; inside another one it joins that.

        `durable` makes the commit survive a power cut (one fsync, about 10 ms); without it a power cut may
        take the newest commits back, in order, and never damages the file.

        Raises DiskFull or TargetUnwritable when the data folder refuses, or the file is damaged.
        """
        with self._refusals(), self.connection_context():
            connection = self._connection()
            if _in_transaction(connection):
                yield connection
                return
            try:
                if durable:
                    connection.execute("PRAGMA synchronous = FULL")
                begin(connection)
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if _in_transaction(connection):  # something went wrong; a full disk has rolled back already
                        connection.execute("ROLLBACK")
            finally:
                if durable:
                    connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads that see one moment."""
        with self.connection_context():
            connection = self._connection()
            if _in_transaction(connection):
                yield
                return
            connection.execute("BEGIN")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    def rows(self, query: Any) -> list[tuple[Any, ...]]:
        """The answer to a peewee select, as plain tuples."""
        with self._refusals(), self.connection_context():
            return list(query.tuples().bind(self._peewee))

    def sql(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
        """The answer to a literal select, for what peewee would say less clearly."""
        with self._refusals(), self.connection_context():
            return list(self._connection().execute(statement, parameters))

    def execute(self, query: Any) -> int:
        """Runs a peewee update or delete in a transaction; returns how many rows it met."""
        with self.write():
            return int(query.execute(self._peewee))

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """What SQLite refuses (peewee tells it in a class of its own), as a failure of the contract."""
        try:
            yield
        except (sqlite3.Error, PeeweeError) as error:
            refused = error if isinstance(error, sqlite3.Error) else getattr(error, "orig", None)
            if isinstance(refused, sqlite3.Error):
                if is_damage(refused):
                    with suppress(OSError):
                        self.path.with_name(self.path.name + SUSPECT).touch(mode=0o600)
                raise_refusal(refused, self.path.parent)
            raise

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection = self._peewee.connection()
        return found

    def close(self) -> None:
        """Closes this thread's connection and those that wait in the pool; what other threads hold they close."""
        with suppress(sqlite3.Error):
            self._peewee.manual_close()
            self._peewee.close_idle()


def _in_transaction(connection: sqlite3.Connection) -> bool:
    return connection.in_transaction


def begin(connection: sqlite3.Connection) -> None:
    """Starts a writing transaction, waiting for other writers up to two minutes."""
    for round_ in range(BUSY_ROUNDS):
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if not is_busy(error) or round_ == BUSY_ROUNDS - 1:
                raise


def is_busy(error: sqlite3.Error) -> bool:
    """Did SQLite refuse only because somebody else is writing?"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_damage(error: sqlite3.Error) -> bool:
    """Does SQLite say that the file is not what it wrote?"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def raise_refusal(error: sqlite3.Error, folder: Path) -> None:
    """Raises DiskFull or TargetUnwritable when that is what `error` means; otherwise does nothing."""
    if is_damage(error):
        raise TargetUnwritable(folder=str(folder), problem=str(error), what="history_damaged") from error
    extended = getattr(error, "sqlite_errorcode", 0)
    code = extended & 0xFF
    # A disk that is full when the memory shared by processes is to grow is told as an I/O error.
    if code == sqlite3.SQLITE_FULL or extended == sqlite3.SQLITE_IOERR_SHMSIZE:
        raise DiskFull(folder=str(folder), what="data_folder") from error
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        raise TargetUnwritable(folder=str(folder), problem=str(error), what="data_folder") from error
