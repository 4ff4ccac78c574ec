"""The pool of workers: bytes in, bytes out, on all cores, within a memory budget, and never stuck.

Whatever happens to a worker costs one picture at most: a deadline or a cancellation kills it, a crash is
tried once more with nothing beside it, and every future that `submit` gave gets an outcome.

One thread owns the crew; everybody else puts a deed into its inbox. Futures are resolved, and their
callbacks run, in that thread: callbacks must be brief, and may call `submit`, which then never waits.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path

from plume_app.jobs import budget, fork_server, sandbox
from plume_app.jobs.crew import Crew
from plume_app.jobs.gate import Gate
from plume_app.jobs.lane import Lane, Ticket, always
from plume_app.jobs.messages import Cancelled, Outcome, Task
from plume_app.jobs.stages import StagePipe

IDLE_S = 30.0  # workers that had nothing to do for so long are let go
LOOK_S = 1.0  # how often the pool looks for workers that died without a word
MAX_LOG_BYTES = 8_000_000  # a log above it starts anew


class Pool:
    """At most `workers` processes at work. Nothing is started before `warm` or the first `submit`.

    `memory_bytes` bounds what the tasks at work take together (default: by what is free). Libraries'
    output goes to `log_path` (default: nowhere). `on_stage(job_id, stage)` is called from a thread when a
    job begins to encode or to verify. `perform` and `deadline_s` replace the work itself and what it may
    take (tests). Close it.
    """

    def __init__(
        self,
        workers: int,
        *,
        memory_bytes: int | None = None,
        log_path: Path | None = None,
        on_stage: Callable[[int, str], None] | None = None,
        perform: Callable[[Task], Outcome] | None = None,
        deadline_s: Callable[[Task], float] = budget.deadline_s,
        idle_s: float = IDLE_S,
    ) -> None:
        self.workers = size = max(1, workers)
        self._log_path = log_path
        self._on_stage = on_stage
        self._perform = perform
        self._idle_s = idle_s
        self._gate = Gate(budget.MAX_IN_FLIGHT_BYTES, 8 * size + 24)
        self._context = multiprocessing.get_context(fork_server.START_METHOD)
        self._crew = Crew(
            size,
            budget.Budget(memory_bytes or budget.default_memory_bytes()),
            start_lane=self._start_lane,
            deadline_s=deadline_s,
            heard=lambda lane, ticket, future: self._inbox.put(
                functools.partial(self._crew.ended, lane, ticket, future)
            ),
            settled=lambda ticket: self._gate.leave(budget.file_bytes(ticket.task)),
            discard=lambda lane: self._in_background(lane.end),
        )
        self._inbox: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stages: StagePipe | None = None
        self._reapers: list[threading.Thread] = []

    def warm(self) -> None:
        """Begin to start the first worker, so that it is ready when the first file has been read."""
        self._ensure_thread()
        self._inbox.put(self._warm)

    def submit(self, task: Task, may_begin: Callable[[], bool] = always) -> Future[Outcome]:
        """The outcome of `task`, in time; the future never raises. Ids must differ among unfinished tasks.

        Waits while too many file bytes are in flight; after `close` the outcome is `Cancelled`. No worker gets the
        task while `may_begin`, asked from the pool's thread, says no; when it says otherwise, call `look_again`.
        """
        ticket = Ticket(task, budget.peak_bytes(task), may_begin)
        ticket.future.set_running_or_notify_cancel()  # it is cancelled by `cancel`, not by itself
        self._ensure_thread()
        waits = threading.current_thread() is not self._thread
        if not self._gate.enter(budget.file_bytes(task), waits=waits):
            ticket.future.set_result(Cancelled(task.id))
            return ticket.future
        self._inbox.put(functools.partial(self._crew.accept, ticket))
        return ticket.future

    def cancel(self, task_id: int) -> None:
        """End one task now, also within C code; its outcome is `Cancelled`, or what it already was."""
        self._inbox.put(functools.partial(self._crew.cancel, task_id))

    def look_again(self) -> None:
        """Some tasks may begin that might not before."""
        self._inbox.put(lambda: None)  # the tasks that wait are handed out after every deed

    def cancel_all(self) -> None:
        """End every task that was submitted so far."""
        self._inbox.put(self._crew.cancel_all)

    def release_idle(self) -> None:
        """Let go the workers that have nothing to do; they come back with the next task."""
        self._inbox.put(self._release_idle)

    def close(self) -> None:
        """Cancel what is unfinished, end every worker, and wait for that."""
        self._gate.close()
        with self._starting:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._inbox.put(None)
            thread.join()
        if self._stages is not None:
            self._stages.close()
            self._stages = None

    def _ensure_thread(self) -> None:
        with self._starting:
            if self._thread is not None or self._gate.is_closed:
                return
            _begin_log(self._log_path)
            if self._on_stage is not None:
                self._stages = StagePipe(self._context, self._hear_stage)
            self._thread = threading.Thread(target=self._work, name="plume-pool", daemon=True)
            self._thread.start()

    def _hear_stage(self, job_id: int, stage: str) -> None:
        if job_id in self._crew.live and self._on_stage is not None:  # a late word about a finished job is no news
            self._on_stage(job_id, stage)

    # Below: the pool's thread.

    def _work(self) -> None:
        try:
            while (deed := self._next()) is not None:
                deed()
                self._crew.hand_out()
        finally:  # also after a bug of ours: nobody waits for ever
            self._gate.close()
            self._turn_away()
            self._crew.release_idle()
            self._let_go(tuple(self._reapers))

    def _turn_away(self) -> None:
        """Cancel everything, also what passed the gate before it closed and is not in the inbox yet."""
        self._crew.cancel_all()
        while not self._gate.is_empty:
            try:
                deed = self._inbox.get(timeout=LOOK_S)
            except queue.Empty:
                return  # a ticket that a bug lost
            if deed is not None:
                deed()
            self._crew.cancel_all()

    def _next(self) -> Callable[[], object] | None:
        """The next deed; when none comes, a look at the workers."""
        busy = self._crew.is_busy
        try:
            return self._inbox.get(timeout=LOOK_S if busy else self._idle_s if self._crew.lanes else None)
        except queue.Empty:
            return self._crew.look if busy else self._release_idle

    def _warm(self) -> None:
        try:
            self._crew.idle_lane()
        except BrokenExecutor:
            return  # the first task will meet it again, and has a future to tell

    def _start_lane(self) -> Lane:
        fork_server.use(self._context, self)
        limits = sandbox.Limits(budget.most_address_bytes())
        stages = self._stages.writer if self._stages is not None else None
        return Lane(self._context, (str(self._log_path or os.devnull), stages, limits, self._perform))

    def _release_idle(self) -> None:
        self._crew.release_idle()
        if not self._crew.lanes:
            self._in_background(functools.partial(self._let_go, tuple(self._reapers), rest=True))

    def _let_go(self, reapers: tuple[threading.Thread, ...], *, rest: bool = False) -> None:
        for reaper in reapers:
            reaper.join()
        fork_server.let_go(self, rest=rest)

    def _in_background(self, deed: Callable[[], object]) -> None:
        self._reapers = [reaper for reaper in self._reapers if reaper.is_alive()]
        reaper = threading.Thread(target=deed, name="plume-pool-reaper", daemon=True)
        reaper.start()
        self._reapers.append(reaper)


def _begin_log(path: Path | None) -> None:
    """Empty a log that has grown large; workers append to it."""
    if path is not None and path.is_file() and path.stat().st_size > MAX_LOG_BYTES:
        path.write_bytes(b"")
