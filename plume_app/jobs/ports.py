"""What the window's parts need of a pool, so that a test can give them another one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol

from plume_app.jobs.messages import Outcome, Task


class TaskPool(Protocol):
    """Workers. `jobs.pool.Pool` is one."""

    def submit(self, task: Task, may_begin: Callable[[], bool] = ..., /) -> Future[Outcome]:
        """Takes a task, waiting for room; the future never raises. It is not begun while `may_begin` says no."""

    def look_again(self) -> None:
        """Asks `may_begin` of those that wait."""

    def cancel(self, task_id: int) -> None:
        """Ends one task, now; nothing where it has ended."""

    def cancel_all(self) -> None:
        """Ends every task that was taken."""
