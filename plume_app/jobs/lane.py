"""One worker process under pebble, and the tasks handed to it in order.

A pool of one, many times, rather than one pool of many: with a shared pipe a worker that dies in the
wrong moment can hold the lock of all others, take a task with it that nobody misses, or be killed for a
task it has just finished. A lane that loses its worker is thrown away whole; what it had not finished
goes elsewhere. pebble starts, times and ends the process.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any

from plume_app.jobs import answers, budget, worker
from plume_app.jobs.messages import Outcome, Task

if TYPE_CHECKING:
    from pebble import ProcessPool


def always() -> bool:
    """A task that waits for nothing but a worker."""
    return True


@dataclass(eq=False, slots=True)
class Ticket:
    """One task on its way, and the future that the caller holds.

    `peak_bytes` is what the budget expects it to take. `alone`: its worker crashed once; it is tried
    again with nothing beside it. While `may_begin` says no it waits, and others pass it.
    """

    task: Task
    peak_bytes: int
    may_begin: Callable[[], bool] = always
    future: Future[Outcome] = field(default_factory=Future)
    alone: bool = False


class Lane:
    """A worker and its tickets, the first of them at work. Used by the pool's thread only."""

    def __init__(self, context: BaseContext, start_arguments: tuple[Any, ...]) -> None:
        from pebble import ProcessPool  # 0.1 s: not before there is work

        self.tickets: list[Ticket] = []
        self._pool: ProcessPool = ProcessPool(
            max_workers=1, initializer=worker.start, initargs=start_arguments, context=context
        )
        _ = self.is_sound  # pebble starts the process when the pool is first looked at
        answers.guard(self._pool)

    @property
    def is_sound(self) -> bool:
        """Whether the worker still takes tasks."""
        return bool(self._pool.active)

    def hand(self, ticket: Ticket, timeout_s: float, ended: Callable[[Lane, Ticket, Future[Outcome]], None]) -> bool:
        """Send a task, to be killed after `timeout_s` of work; `ended` is called from a thread of pebble.

        False when the lane is broken.
        """
        share = budget.address_bytes(ticket.task, alone=ticket.alone)
        try:
            future = self._pool.schedule(worker.perform, args=(ticket.task, share), timeout=timeout_s)
        except RuntimeError:  # pebble: "The Pool is not active"
            return False
        self.tickets.append(ticket)
        future.add_done_callback(lambda future: ended(self, ticket, future))
        return True

    def end(self) -> None:
        """Kill the worker, whatever it does, and wait until it is gone: about 0.1 s."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
