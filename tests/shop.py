"""A Plume without window, terminal or worker processes: real files, real database, real engine, one thread.

`Shop(tmp_path)` has a data folder; `run` is one batch over paths and returns its results.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from plume_app.database.opening import open_database
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.scan import scan
from plume_app.domain.image.limits import Limits
from plume_app.jobs import worker
from plume_app.jobs.lane import always
from plume_app.jobs.messages import Job, Outcome
from plume_app.jobs.queue import Batch
from plume_app.jobs.results import FileResult, Summary
from plume_app.jobs.undo_store import UndoStore
from plume_app.jobs.walk import scan_for


class InlinePool:
    """The pool's port: does each task at once, where it stands."""

    def __init__(self, perform: Callable[[Job], Outcome] = worker.run) -> None:
        self.perform = perform
        self.jobs: list[int] = []
        self.cancelled = 0

    def submit(self, job: Job, may_begin: Callable[[], bool] = always) -> Future[Outcome]:  # noqa: ARG002 - a port
        self.jobs.append(job.id)
        future: Future[Outcome] = Future()
        future.set_result(self.perform(job))
        return future

    def look_again(self) -> None:
        """Nothing waits here."""

    def cancel_all(self) -> None:
        self.cancelled += 1


class Shop:
    """One data folder; `batch` makes a batch, `run` runs one and remembers its summary."""

    def __init__(self, folder: Path, *, pool: InlinePool | None = None, limits: Limits | None = None) -> None:
        self.folder = folder
        self.pool = pool or InlinePool()
        self.limits = limits or Limits()
        self.results: list[FileResult] = []
        self.open()

    def open(self) -> None:
        """Opens the database and the undo store, new ones where there are none."""
        self.db = open_database(self.folder / "plume.sqlite3")
        self.store = UndoStore(self.folder / "undo", free=lambda _: 10_000_000_000)

    def forget(self) -> None:
        """The user deletes Plume's memory."""
        self.db.close()
        for path in sorted(self.folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.open()

    def batch(
        self, settings: Settings, output: OutputPolicy, *, on_result: Callable[[FileResult], None] | None = None
    ) -> Batch:
        return Batch(
            db=self.db,
            pool=self.pool,
            store=self.store,
            settings=settings,
            output=output,
            limits=self.limits,
            on_result=on_result or self.results.append,
        )

    def run(
        self, paths: Sequence[Path], settings: Settings | None = None, output: OutputPolicy | None = None
    ) -> list[FileResult]:
        self.results = []
        output = output or OutputPolicy()
        self.summary: Summary = self.batch(settings or Settings(), output).run(
            scan(paths, scan_for(self.db, output, self.store.folder))
        )
        return self.results


def tree(folder: Path) -> dict[str, str]:
    """Every file below `folder`, hidden ones too: its path in it, and the SHA-256 of its bytes."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
