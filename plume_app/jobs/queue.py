"""One batch from found files to a summary: feed, wait, save, tell; pause, resume, cancel.

Two threads: the feeder reads ahead and fills the pool, the caller's thread saves what comes back. Between them
at most a few results wait, so the memory of a batch does not grow with its length.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.queries.batches import create_batch, finish_batch
from plume_app.database.queries.results import is_result_path
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.flush import flush_folders
from plume_app.domain.file.found import Found
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.image.limits import Limits
from plume_app.jobs.claims import Claims
from plume_app.jobs.feeding import Feeder, PoolPort
from plume_app.jobs.gathering import Gathering
from plume_app.jobs.items import Item
from plume_app.jobs.messages import Outcome
from plume_app.jobs.names import Names
from plume_app.jobs.owner import this_process
from plume_app.jobs.prediction import Prediction
from plume_app.jobs.results import CANCELLED, FileResult, Summary, Tally
from plume_app.jobs.resuming import output_json
from plume_app.jobs.saving import Saver
from plume_app.jobs.targets import recorded
from plume_app.jobs.undo_store import UndoStore

_FILES_ON_THE_WAY = 64  # between disk and disk; the pool's own cap in bytes holds first for large ones


class Batch:
    """One run. Make it, call `run` once; `pause`, `resume` and `cancel` come from any thread.

    `settings_for` gives the settings of one path where they are not those of the batch, `predicted` what the user
    was told to expect of it; `wanted` is asked before a file is begun; `on_step(job_id, path, stage)` hears "reading",
    "read" (it waits for a worker) and "saving", from different threads. `one_place` says that all files are found
    under one named path, so that no two of them can want one name. `remembered` is what the history keeps of `output`
    (of `resuming.output_json`, where a later session shall go on).
    """

    def __init__(
        self,
        *,
        db: Database,
        pool: PoolPort,
        store: UndoStore,
        settings: Settings,
        output: OutputPolicy,
        limits: Limits,
        on_result: Callable[[FileResult], None],
        settings_for: Callable[[Path], Settings] | None = None,
        predicted: Callable[[Path], Prediction | None] = lambda _path: None,
        wanted: Callable[[Path], bool] = lambda _path: True,
        on_step: Callable[[int, Path, str], None] = lambda _job_id, _path, _stage: None,
        one_place: bool = False,
        remembered: Mapping[str, Any] | None = None,
    ) -> None:
        self.db = db
        self.pool = pool
        self.store = store
        self.on_result = on_result
        self.limits = limits
        self.settings = settings
        self.settings_for = settings_for or (lambda _path: settings)
        self.predicted = predicted
        self.wanted = wanted
        self.on_step = on_step
        self.id = create_batch(
            db,
            owner=this_process(),
            settings=settings.to_json(),
            output=remembered or output_json(output),
            now=datetime.now(UTC),
        )
        self._recorded_at = functools.partial(recorded, db)
        claims = None if one_place else Claims(self._recorded_at)
        self._names = Names(output, lambda path: is_result_path(db, os.fsencode(path)), claims)
        self._saver = Saver(db, store, self.id, self.settings_for, self._names, self._recorded_at)
        self._gathering = Gathering(lambda item: self.on_step(item.job_id, item.path, "saving"))
        self._slots = threading.Semaphore(_FILES_ON_THE_WAY)
        self._running = threading.Event()
        self._running.set()
        self._is_cancelled = False  # no Event: its lock could be held by the very code that a signal interrupts
        self._feeder_failure: BaseException | None = None

    def pause(self) -> None:
        """Begin no further file: a worker finishes what it has, and what only waits for one waits on."""
        self._running.clear()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._running.set()
        self.pool.look_again()

    def cancel(self) -> None:
        """Stop: files with a worker end as cancelled within a second, others are not begun. For signal handlers too."""
        self._is_cancelled = True
        threading.Thread(target=self._stop, name="plume-cancel", daemon=True).start()  # a handler must take no lock

    @property
    def is_cancelled(self) -> bool:
        """Was `cancel` called?"""
        return self._is_cancelled

    def run(self, found: Iterable[Found]) -> Summary:
        """Everything in `found`, to its end; results are told in the order in which they end."""
        started = time.monotonic()
        tally = Tally()
        feeder = Feeder(
            db=self.db,
            pool=self.pool,
            batch_id=self.id,
            settings=self.settings,
            settings_for=self.settings_for,
            names=self._names,
            limits=self.limits,
            recorded_at=self._recorded_at,
            go_on=self._go_on,
            stopped=lambda: self._is_cancelled,
            predicted=self.predicted,
            wanted=self.wanted,
            begun=lambda job_id, path: self.on_step(job_id, path, "reading"),
            read=lambda job_id, path: self.on_step(job_id, path, "read"),
            may_begin=lambda: self._running.is_set() and not self._is_cancelled,
            end=self._gathering.put,
            sent=self._sent,
        )
        thread = threading.Thread(target=self._feed, args=(feeder, found), name="plume-feeder", daemon=True)
        with self.db.connection_context():
            thread.start()
            state = "interrupted"
            try:
                for group in self._gathering.groups():
                    for result in self._saver.save(group):
                        tally.add(result)
                        self.on_result(result)
                    self._slots.release(len(group))
                thread.join()
                if self._feeder_failure is not None:
                    raise self._feeder_failure
                flush_folders(self._saver.folders)  # only now may the journal say that the batch is finished
                state = "cancelled" if self.is_cancelled else "finished"
            finally:
                if state == "interrupted":
                    self.cancel()
                    thread.join()  # or it would add jobs to a batch that has ended
                finish_batch(self.db, self.id, now=datetime.now(UTC), state=state)
                self.store.release_unused(self.db, self.id)
        duration_ms = round((time.monotonic() - started) * 1000)
        tally.counts[CANCELLED] += feeder.not_begun
        return tally.summary(self.id, ignored=feeder.ignored, duration_ms=duration_ms)

    def _stop(self) -> None:
        """What of a cancellation takes locks; in a thread of its own."""
        self._running.set()
        self._slots.release()  # the feeder may wait for one that nobody gives back any more
        self.pool.cancel_all()

    def _feed(self, feeder: Feeder, found: Iterable[Found]) -> None:
        try:
            with self.db.connection_context():
                feeder.feed(found)
        except BaseException as error:  # handed to the thread that can tell it
            self._feeder_failure = error
            self.cancel()
        finally:
            self._gathering.all_is_fed()

    def _go_on(self) -> bool:
        """Waits for its turn: not paused, and few enough files between disk and disk. False after a cancel."""
        self._slots.acquire()
        self._running.wait()
        if self.is_cancelled:
            self._slots.release()  # for the next file, which is not begun either
            return False
        return True

    def _sent(self, item: Item, future: Future[Outcome]) -> None:
        self._gathering.expect(item, future)
        if self.is_cancelled:  # the cancellation may have come between the question and the submit
            self.pool.cancel_all()
