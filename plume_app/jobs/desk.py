"""What the window does with the queue: batches one after the other in a thread, and every row told where it stands.

A batch is run by `queue.Batch`; here its files are rows of the list, its steps and ends become events, and the
user can pause, resume, cancel, drop single files and try again what failed.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping, Sequence

from plume_app.database.connection import Database
from plume_app.database.queries import batches
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import InternalError, InvalidRequest, PlumeError
from plume_app.events import Event, FilesAdded, Notice, StatsChanged
from plume_app.files import Entry, Files
from plume_app.jobs.answered import left_over
from plume_app.jobs.following import follow_undo
from plume_app.jobs.joining import is_quick, joined
from plume_app.jobs.ports import TaskPool
from plume_app.jobs.prediction import Prediction
from plume_app.jobs.queue import Batch
from plume_app.jobs.resuming import Unfinished, unfinished
from plume_app.jobs.run import Run, finished_event, progress_event
from plume_app.jobs.runs import OPEN, Runs
from plume_app.jobs.telling import Steps, Teller
from plume_app.jobs.undo import UndoReport, undo_batch
from plume_app.jobs.undo_store import UndoStore
from plume_app.wire import Batch as BatchNumbers
from plume_app.wire import BatchState

_STOP_S = 2.0

__all__ = ["Desk", "Steps"]

_log = logging.getLogger(__name__)


class Desk:
    """Runs batches over rows of `files`. `predicted` is what a row says of its file; `added` hears of rows that a batch
    of an earlier session brings back, `over` of each batch's end. Close it."""

    def __init__(
        self,
        db: Database,
        pool: TaskPool,
        store: UndoStore,
        files: Files,
        *,
        emit: Callable[[Event], None],
        limits: Limits,
        steps: Steps | None = None,
        added: Callable[[Sequence[int]], None] = lambda _ids: None,
        predicted: Callable[[Entry, Settings], Prediction | None] = lambda _entry, _settings: None,
        over: Callable[[], None] = lambda: None,
    ) -> None:
        self._db = db
        self._pool = pool
        self._store = store
        self._files = files
        self._emit = emit
        self._limits = limits
        self._added = added
        self._predicted = predicted
        self._over = over
        self._lock = threading.RLock()
        self._teller = Teller(files, emit, predicted, self._lock)
        self._runs = Runs()
        self._waiting: queue.SimpleQueue[Run | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closing = False
        if steps is not None:
            steps.heard = self._teller.heard_stage

    def start(
        self,
        entries: Sequence[Entry],
        settings: Settings,
        output: OutputPolicy,
        overrides: Mapping[int, Settings] | None = None,
    ) -> int:
        """Queues a batch over those of `entries` that are not at work already; returns its id at once.

        Raises InvalidRequest when none is left.
        """
        with self._lock:
            if not (chosen := self._runs.free(entries)):
                raise InvalidRequest(problem="There are no files to compress.", what="nothing_left")
            return self._queue(Run(chosen, settings, output, dict(overrides or {})))

    def _queue(self, run: Run) -> int:
        with self._lock:
            if self._closing:
                raise InvalidRequest(problem="There are no files to compress.")
            run.batch = Batch(
                db=self._db,
                pool=self._pool,
                store=self._store,
                limits=self._limits,
                on_result=lambda result: self._teller.ended(run, result),
                on_step=lambda job_id, path, stage: self._teller.step(run, job_id, path, stage),
                **run.wishes(self._predicted),
            )
            self._runs.add(run)
            stale = run.queue_rows(self._files) if is_quick(run) else []
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="plume-desk", daemon=True)
                self._thread.start()
        self._added(stale)
        self._emit(FilesAdded(0, self._files.summary()))
        self._emit(progress_event(run))
        self._waiting.put(run)
        if not run.ready.is_set():
            threading.Thread(target=self._join, args=(run,), name="plume-joining", daemon=True).start()
        return run.batch.id

    def left_over(self, settings: Settings, output: OutputPolicy, overrides: Mapping[int, Settings]) -> list[Entry]:
        """The rows that were not yet dealt with at these settings: what *all* means to a batch."""
        return left_over(self._files.all(), settings, output, overrides)

    def pause(self, batch_id: int) -> None:
        """Begin no further file of the batch. Raises InvalidRequest when it is not at work."""
        run = self._runs.at_work(batch_id)
        run.batch.pause()
        self._become(run, "paused")

    def resume(self, batch_id: int) -> int:
        """Go on; returns the id of the batch that does: where an earlier session was interrupted, a new one.

        Raises InvalidRequest when it is neither at work nor interrupted, or nothing of it is left.
        """
        if self._runs.get(batch_id) is None:
            return self._start_again(unfinished(self._db, batch_id, ("queued",), ended=("interrupted",)))
        run = self._runs.at_work(batch_id)
        run.batch.resume()
        self._become(run, "running")
        return batch_id

    def cancel(self, batch_id: int) -> None:
        """Stop it; what is written stays. Raises InvalidRequest when it is not at work."""
        self._runs.at_work(batch_id).batch.cancel()

    def cancel_jobs(self, file_ids: Sequence[int]) -> None:
        """Drop single files from the batches at work; the others go on."""
        wanted = set(file_ids)
        with self._lock:
            for run in self._runs.open():
                run.drop(wanted)
            at_work = self._teller.jobs_of(wanted)
        for job_id in at_work:
            self._pool.cancel(job_id)

    def retry_failed(self, batch_id: int) -> int:
        """A new batch over what failed or was cancelled in one that has ended, also in an earlier session; its id.

        Raises InvalidRequest for an unknown batch, or with nothing left.
        """
        run = self._runs.get(batch_id)
        if run is None:
            return self._start_again(unfinished(self._db, batch_id, ("failed", "cancelled")))
        again = [entry for entry in run.entries if entry.state in ("failed", "cancelled")]
        return self.start(again, run.settings, run.output, run.overrides)

    def _start_again(self, left: Unfinished) -> int:
        """A batch over files of an earlier session: they are looked at, and join the list, behind the answer."""
        with self._lock:
            if not left.files or self._runs.takes_up(left.batch_id):
                raise InvalidRequest(problem="There are no files to compress.")
            return self._queue(Run((), left.settings, left.output, {}, left=left))

    def _join(self, run: Run) -> None:  # in a thread of its own
        new, stale = joined(run, self._db, self._files, self._lock)
        self._emit(FilesAdded(len(new), self._files.summary()))
        self._added([*new, *stale])
        self._emit(StatsChanged())
        self._emit(progress_event(run))
        run.ready.set()

    def undo(self, batch_id: int) -> UndoReport:
        """Takes a batch back, and its rows become what they were. Raises InvalidRequest."""
        report = undo_batch(self._db, self._store, batch_id)
        self._added(follow_undo(self._files, batch_id, self._runs.get(batch_id)))
        self._emit(FilesAdded(0, self._files.summary()))
        self._emit(StatsChanged())
        return report

    def current(self) -> BatchNumbers | None:
        """The batch at work or waiting, else the last one of this window."""
        with self._lock:
            return self._runs.current()

    def files_left(self) -> int:
        """How many files of batches at work are not done."""
        with self._lock:
            return self._runs.files_left()

    def close(self, wait_s: float = _STOP_S) -> None:
        """Cancel what is at work and wait for its end, at most `wait_s`; the next start settles what is left then."""
        with self._lock:
            self._closing = True
            for run in self._runs.open():
                run.batch.cancel()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(wait_s)

    def _become(self, run: Run, state: BatchState) -> None:
        with self._lock:
            if run.state not in OPEN:
                return
            run.become(state)
        batches.set_state(self._db, run.batch.id, state)
        self._emit(progress_event(run))

    def _work(self) -> None:  # in the desk's thread
        while (run := self._waiting.get()) is not None:
            run.ready.wait()
            try:
                run.expect(self._predicted)
                run.pace.go()
                summary = run.batch.run([entry.candidate for entry in run.entries])
            except PlumeError as error:
                self._emit(Notice(error.code, error.facts))
            except Exception as error:  # the thread's edge: the next batch must be able to run
                _log.exception("batch %d", run.batch.id)
                self._emit(Notice(InternalError.code, {"problem": type(error).__name__}))
            else:
                run.duration_ms = summary.duration_ms
            self._finish(run)

    def _finish(self, run: Run) -> None:
        with self._lock:
            left = [entry for entry in run.entries if entry.id not in run.ended]
            run.counts["cancelled"] += len(left)
            run.become("cancelled" if run.batch.is_cancelled else "finished")
            self._teller.forget(run)
        self._files.update_all(left, state="cancelled", progress=0.0, next_progress=None, eta_ms=None)
        row = batches.batch(self._db, run.batch.id)
        self._emit(progress_event(run))
        self._emit(finished_event(run, undoable=row.undoable if row else 0))
        if run.private:
            self._emit(Notice("private_data_kept", {"files": run.private}))
        self._over()
        self._emit(FilesAdded(0, self._files.summary()))
        self._emit(StatsChanged())
