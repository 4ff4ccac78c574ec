"""Who does what: the workers, the tasks that wait, and what becomes of both when something goes wrong.

Used by one thread only, the pool's, so it needs no lock. It decides; `Lane` does.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future

from plume_app.domain.shared.errors import InternalError, TimedOut, WorkerCrashed
from plume_app.jobs.answers import is_sound
from plume_app.jobs.budget import Budget, is_small
from plume_app.jobs.lane import Lane, Ticket
from plume_app.jobs.messages import Cancelled, Failed, Job, Outcome, Task

LAST_PER_WORKER = 4  # tasks that wait; as long as files are still being read, more wait
MAX_DEAD_STARTS = 3  # workers in a row that die before they take a task: then it is not chance

_log = logging.getLogger(__name__)


class Crew:
    """At most `size` lanes, made by `start_lane` when they are needed.

    `heard` is what pebble calls, from its own threads, when a task has ended; it must bring the call to
    `ended` in the crew's thread. `settled` is told of each ticket before its future is resolved, and
    `discard` takes lanes to be ended in the background.
    """

    def __init__(
        self,
        size: int,
        budget: Budget,
        *,
        start_lane: Callable[[], Lane],
        deadline_s: Callable[[Task], float],
        heard: Callable[[Lane, Ticket, Future[Outcome]], None],
        settled: Callable[[Ticket], None],
        discard: Callable[[Lane], None],
    ) -> None:
        self._size = size
        self._budget = budget
        self._start_lane = start_lane
        self._deadline_s = deadline_s
        self._heard = heard
        self._settled = settled
        self._discard = discard
        self._dead_starts = 0
        self.live: dict[int, Ticket] = {}
        self.lanes: list[Lane] = []
        self._waiting: deque[Ticket] = deque()
        self._suspects: deque[Ticket] = deque()  # their worker crashed; they will be tried alone

    @property
    def is_busy(self) -> bool:
        """Whether any worker has something to do."""
        return any(lane.tickets for lane in self.lanes)

    def accept(self, ticket: Ticket) -> None:
        """Take a task in."""
        self.live[ticket.task.id] = ticket
        self._waiting.append(ticket)

    def hand_out(self) -> None:
        """Give waiting tasks to workers, in order, as far as cores and memory go; those that may not begin wait on."""
        if any(ticket.alone for lane in self.lanes for ticket in lane.tickets):
            return
        while (ticket := self._next()) and self._has_room(ticket):
            if not self._hand(ticket, self._waiting):
                return
        # Those whose worker crashed are tried when nothing else is at work: it may have been the memory.
        while (suspect := _first(self._suspects)) and not _first(self._waiting) and not self.is_busy:
            self._hand(suspect, self._suspects)

    def idle_lane(self) -> Lane:
        """A worker with nothing to do, started if need be. Raises BrokenExecutor where none can be."""
        idle = next((lane for lane in self.lanes if not lane.tickets), None)
        if idle is None:
            idle = self._start_lane()
            self.lanes.append(idle)
        return idle

    def ended(self, lane: Lane, ticket: Ticket, future: Future[Outcome]) -> None:
        """A worker gave an outcome, or pebble gave up on it."""
        if lane not in self.lanes or ticket not in lane.tickets:
            return  # the lane was dropped meanwhile, and its tickets dealt with
        from pebble import ProcessExpired

        error = future.exception()
        if error is None:
            if not is_sound(future.result(), ticket.task):
                self._blame(lane, ticket)
                return
            lane.tickets.remove(ticket)
            self._settle(ticket, future.result())
        elif isinstance(error, TimeoutError):
            self._settle(ticket, _failed(ticket, TimedOut.code, seconds=round(self._deadline_s(ticket.task))))
            self._drop(lane)
        elif isinstance(error, ProcessExpired):
            self._blame(lane, ticket)
        elif isinstance(error, BrokenExecutor):
            self._blame(lane, lane.tickets[0])  # pebble does not know whom; the first was at work
        else:
            _log.error("task %d", ticket.task.id, exc_info=error)
            lane.tickets.remove(ticket)
            self._settle(ticket, _failed(ticket, InternalError.code, problem=type(error).__name__))

    def look(self) -> None:
        """Find workers that died without a word."""
        for lane in tuple(self.lanes):
            if lane.tickets and not lane.is_sound:
                self._blame(lane, lane.tickets[0])

    def cancel(self, task_id: int) -> None:
        """End one task, if it is not finished."""
        ticket = self.live.get(task_id)
        if ticket is None:
            return
        for queued in (self._waiting, self._suspects):
            if ticket in queued:
                queued.remove(ticket)
        self._settle(ticket, Cancelled(task_id))
        for lane in tuple(self.lanes):
            # One that still waits in the pipe is short by rule: it may run, nobody listens.
            if lane.tickets and lane.tickets[0] is ticket:
                self._drop(lane)

    def cancel_all(self) -> None:
        """End every task that was taken in."""
        self._waiting.clear()
        self._suspects.clear()
        for ticket in tuple(self.live.values()):
            self._settle(ticket, Cancelled(ticket.task.id))
        for lane in tuple(self.lanes):
            if lane.tickets:
                self._drop(lane)

    def release_idle(self) -> None:
        """End the workers that have nothing to do."""
        for lane in tuple(self.lanes):
            if not lane.tickets:
                self._drop(lane)

    def _next(self) -> Ticket | None:
        """The first that may begin; of the last few pictures to compress the largest.

        A large one that begins last leaves all other workers with nothing to do: 1 % of a batch of photographs.
        """
        first = _first(self._waiting)
        if first is None or type(first.task) is not Job or len(self._waiting) > LAST_PER_WORKER * self._size:
            return first
        last = (ticket for ticket in self._waiting if type(ticket.task) is Job and ticket.may_begin())
        return max(last, key=lambda ticket: ticket.peak_bytes, default=None)  # a pause may have come since `first`

    def _has_room(self, ticket: Ticket) -> bool:
        running_bytes = sum(other.peak_bytes for lane in self.lanes for other in lane.tickets)
        return self._budget.fits(ticket.peak_bytes, running_bytes)

    def _hand(self, ticket: Ticket, line: deque[Ticket]) -> bool:
        """Send a ticket of `line` to a worker, or fail it where none lives long enough. False when none is free."""
        known = len(self.lanes)
        try:
            lane = self._lane_for(ticket)
        except BrokenExecutor:  # no process can be started at all
            line.remove(ticket)
            self._settle(ticket, _failed(ticket, WorkerCrashed.code))
            return True
        if lane is None:
            return False
        if lane.hand(ticket, self._deadline_s(ticket.task), self._heard):
            line.remove(ticket)
            self._dead_starts = 0
            return True
        is_new = len(self.lanes) > known
        self._drop(lane)  # it died while it was idle: nobody is to blame
        self._dead_starts += is_new
        if is_new and self._dead_starts >= MAX_DEAD_STARTS:
            line.remove(ticket)
            self._settle(ticket, _failed(ticket, WorkerCrashed.code))
        return True

    def _lane_for(self, ticket: Ticket) -> Lane | None:
        """An idle worker, a new one, or one whose short task leaves time to send the next short one."""
        if len(self.lanes) < self._size or any(not lane.tickets for lane in self.lanes):
            return self.idle_lane()
        if not is_small(ticket.task):
            return None
        return next((lane for lane in self.lanes if len(lane.tickets) == 1 and is_small(lane.tickets[0].task)), None)

    def _blame(self, lane: Lane, ticket: Ticket) -> None:
        """A worker crashed over `ticket`: once it may try again, alone."""
        if ticket.alone:
            self._settle(ticket, _failed(ticket, WorkerCrashed.code))
        elif not ticket.future.done():
            ticket.alone = True
            self._suspects.append(ticket)
        self._drop(lane)

    def _settle(self, ticket: Ticket, outcome: Outcome) -> None:
        if self.live.get(ticket.task.id) is ticket:  # else it was cancelled while it was at work
            del self.live[ticket.task.id]
            self._settled(ticket)
            ticket.future.set_result(outcome)

    def _drop(self, lane: Lane) -> None:
        """Throw a worker away; what it had not finished waits again, at the front."""
        self.lanes.remove(lane)
        left = [ticket for ticket in lane.tickets if not ticket.future.done() and ticket not in self._suspects]
        self._waiting.extendleft(reversed(left))
        self._discard(lane)


def _first(line: deque[Ticket]) -> Ticket | None:
    return next((ticket for ticket in line if ticket.may_begin()), None)


def _failed(ticket: Ticket, code: str, **facts: str | int | float) -> Failed:
    return Failed(ticket.task.id, code, facts)
