"""What the window and the command line share: folders, database, undo store, workers. Two doors, one hall."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.domain.file.refusals import refusal
from plume_app.domain.image.limits import MAX_DECODED_BYTES, MAX_FILE_BYTES, Limits
from plume_app.domain.shared.errors import Facts, PlumeError, TargetUnwritable, invalid
from plume_app.jobs.pool import Pool
from plume_app.jobs.recover import settle
from plume_app.jobs.undo_limits import chosen_limits
from plume_app.jobs.undo_store import UndoStore
from plume_app.paths import Paths, find_paths

WORKER_LOG = "workers.log"


@dataclass(slots=True)
class Runtime:
    """Everything that a front door needs; made by `open_runtime`, closed by it.

    `notices` are codes and facts of what the user should know, for `sentences.notice_sentence`.
    """

    paths: Paths
    db: Database
    store: UndoStore
    pool: Pool
    limits: Limits
    notices: list[tuple[str, Facts]] = field(default_factory=list)


@contextmanager
def open_runtime(
    *,
    workers: int | Callable[[Database], int] | None = None,
    warm: bool = False,
    on_stage: Callable[[int, str], None] | None = None,
) -> Iterator[Runtime]:
    """Opens the data folder, settles what a dead run left, and makes the pool.

    `workers`: how many (None or 0: the cores), or who asks the database for that. `warm` lets the first worker start
    while the database opens, where it is not asked; otherwise the first job starts it.

    Raises TargetUnwritable, DiskFull, DatabaseTooNew, InvalidRequest (a limit that is no number).
    """
    paths = find_paths()
    limits = limits_from(os.environ)
    for folder in (paths.data_folder, paths.log_folder):  # each closed to others: a history tells where pictures lie
        _make_folder(folder)
    with ExitStack() as opened:

        def pool_of(count: int | None) -> Pool:
            made = Pool(count or cores(), log_path=paths.log_folder / WORKER_LOG, on_stage=on_stage)
            return opened.enter_context(closing(made))

        pool = None if callable(workers) else pool_of(workers)
        if warm and pool is not None:
            pool.warm()
        db = open_database(paths.database)
        opened.callback(db.close)
        pool = pool or pool_of(workers(db) if callable(workers) else workers)
        max_bytes, keep_days = chosen_limits(db)  # one store: what the window keeps longer must not go earlier here
        store = UndoStore(paths.undo_folder, max_bytes=max_bytes, keep_days=keep_days)
        runtime = Runtime(paths, db, store, pool, limits)
        if db.notice is not None:
            runtime.notices.append(("database_set_aside", {"path": str(db.notice)}))
        with db.connection_context():
            report = settle(db, store, now=datetime.now(UTC))
        if report.is_news:
            runtime.notices.append(("recovered", asdict(report)))
        yield runtime


def limits_from(environment: os._Environ[str] | dict[str, str]) -> Limits:
    """The limits, with `PLUME_MAX_FILE_BYTES` and `PLUME_MAX_DECODED_BYTES` where they are set (bytes)."""
    return Limits(
        _number(environment, "PLUME_MAX_FILE_BYTES", MAX_FILE_BYTES),
        _number(environment, "PLUME_MAX_DECODED_BYTES", MAX_DECODED_BYTES),
    )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _data_folder_refusal(error, folder) from error


def _data_folder_refusal(error: OSError, folder: Path) -> PlumeError:
    found = refusal(error, folder)
    return TargetUnwritable(**found.facts | {"what": "data_folder"}) if isinstance(found, TargetUnwritable) else found


def _number(environment: os._Environ[str] | dict[str, str], name: str, default: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise invalid(name, "a number of bytes", text)
    return int(text)


def cores() -> int:
    """The cores that this process may use, which in a container are fewer than the machine's."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
