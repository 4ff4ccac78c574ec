"""A desktop Plume without window and worker processes: real files, real database, real engine, real threads.

`Desktop(folder)` has every command as `call(name, **request)`, its answers as data, and the events in a list.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from devserver import DevShell

from plume_app import commands
from plume_app.bridge import COMMANDS, answer_to
from plume_app.context import AppContext, make_context
from plume_app.database.opening import open_database
from plume_app.domain.image.limits import Limits
from plume_app.events import Event
from plume_app.jobs import worker
from plume_app.jobs.lane import always
from plume_app.jobs.messages import Cancelled, Job, Outcome, Task
from plume_app.jobs.undo_store import UndoStore

_ = commands  # importing it registers them
PATIENCE_S = 60.0  # a test that waits so long is red because something hangs, not because a machine is slow


class ThreadPool:
    """The pool's port: a thread for each task; `hold` keeps jobs from beginning until it is released."""

    def __init__(self, steps: Callable[[int, str], None] = lambda _id, _stage: None) -> None:
        self.steps = steps
        self.go = threading.Event()
        self.go.set()
        self.tasks: list[Task] = []
        self._futures: dict[int, Future[Outcome]] = {}
        self._lock = threading.Lock()
        self._news = threading.Condition()

    def submit(self, job: Task, may_begin: Callable[[], bool] = always) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.tasks.append(job)
        self._futures[job.id] = future
        threading.Thread(target=self._work, args=(job, future, may_begin), daemon=True).start()
        return future

    def look_again(self) -> None:
        with self._news:
            self._news.notify_all()

    def cancel(self, task_id: int) -> None:
        self._settle(self._futures[task_id], Cancelled(task_id))

    def cancel_all(self) -> None:
        for task_id in list(self._futures):
            self.cancel(task_id)

    def _work(self, job: Task, future: Future[Outcome], may_begin: Callable[[], bool]) -> None:
        if isinstance(job, Job):
            self.go.wait()
            with self._news:
                self._news.wait_for(lambda: may_begin() or future.done())
            self.steps(job.id, "encoding")
        self._settle(future, worker.run(job))

    def _settle(self, future: Future[Outcome], outcome: Outcome) -> None:
        with self._lock:
            if future.done():
                return
            future.set_result(outcome)
        self.look_again()


class Heard:
    """The emitter's port: a list, and waiting for an event in it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = threading.Condition()

    def emit(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def of(self, kind: type[Any]) -> list[Any]:
        return [one for one in self.events if isinstance(one, kind)]

    def wait(self, kind: type[Any], fits: Callable[[Any], bool] = lambda _: True) -> Any:
        found: list[Any] = []

        def there() -> bool:
            found[:] = [one for one in self.of(kind) if fits(one)]
            return bool(found)

        with self._news:
            assert self._news.wait_for(there, PATIENCE_S), f"no {kind.__name__} came"
        return found[-1]


class Desktop:
    """One data folder, one window's Python side."""

    def __init__(self, folder: Path, *, limits: Limits | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        from plume_app.jobs.desk import Steps

        steps = Steps()
        self.db = open_database(folder / "plume.sqlite3")
        self.store = UndoStore(folder / "undo", free=lambda _: 10_000_000_000)
        self.pool, self.looks, self.fast = ThreadPool(steps), ThreadPool(), ThreadPool()
        self.shell = DevShell()
        self.heard = Heard()
        self.context: AppContext = make_context(
            db=self.db,
            store=self.store,
            pool=self.pool,
            fast_pool=self.fast,
            whole_pool=self.looks,
            limits=limits or Limits(),
            events=self.heard,
            shell=self.shell,
            log_folder=folder / "logs",
            workers=2,
            steps=steps,
        )

    def answer(self, name: str, request: Any = None) -> dict[str, Any]:
        """The envelope, as the page gets it."""
        return answer_to(self.context, COMMANDS[name], request)

    def call(self, name: str, /, **request: Any) -> Any:
        """The data; an expected failure fails the test."""
        answer = self.answer(name, request)
        assert answer["ok"], answer
        return answer["data"]

    def code(self, name: str, /, **request: Any) -> str:
        """The code of an expected failure."""
        answer = self.answer(name, request)
        assert not answer["ok"], answer
        return str(answer["error"]["code"])

    def add(self, *paths: Path) -> list[int]:
        """Rows of these files, once they are there and a worker has looked at them."""
        from plume_app.events import ScanProgress

        before = len(self.heard.of(ScanProgress))
        self.shell.dropped = list(paths)
        self.call("take_drop")
        self.heard.wait(ScanProgress, lambda one: not one.running and one in self.heard.of(ScanProgress)[before:])
        self.until(lambda: all(row["traits"] is not None and self._looked(row["file_id"]) for row in self.rows()))
        return [row["file_id"] for row in self.rows()]

    def rows(self, **request: Any) -> list[dict[str, Any]]:
        return list(self.call("get_files", **request)["rows"])

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < end, "it never came true"
            time.sleep(0.005)

    def compress(self, **request: Any) -> Any:
        """One batch to its end: its `batch_finished`."""
        from plume_app.events import BatchFinished

        batch_id = self.call("compress_image", **request)["batch_id"]
        return self.heard.wait(BatchFinished, lambda one: one.batch_id == batch_id)

    def close(self) -> None:
        self.context.close()
        self.db.close()

    def _looked(self, file_id: int) -> bool:
        return self.context.files.get(file_id).looked
