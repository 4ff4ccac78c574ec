"""What the window's parts need of a pool, so that a test can give them another one."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from plume_app.jobs.messages import Outcome, Task


class TaskPool(Protocol):
    """Workers. `jobs.pool.Pool` is one."""

    def submit(self, task: Task, /) -> Future[Outcome]:
        """Takes a task, waiting for room; the future never raises."""

    def cancel(self, task_id: int) -> None:
        """Ends one task, now; nothing where it has ended."""

    def cancel_all(self) -> None:
        """Ends every task that was taken."""
