"""The process that workers are forked from: it has the encoders loaded, so that a worker starts at once.

Python's own (`multiprocessing.forkserver`, one for the whole process). It is stopped when no pool needs it,
since what it has loaded is most of what Plume would take at rest.
"""

from __future__ import annotations

import threading
from multiprocessing import forkserver
from multiprocessing.context import BaseContext

# pebble's own module is what the worker runs; loaded before the fork it costs each worker nothing.
PRELOAD = ["plume_app.jobs.preload", "plume_app.jobs.worker", "pebble.pool.process"]

_lock = threading.Lock()
_users: set[object] = set()


def use(context: BaseContext, user: object) -> None:
    """Have the fork server run until `user` lets it go; nothing where workers are not forked from it."""
    if context.get_start_method() != "forkserver":
        return
    with _lock:
        _users.add(user)
        forkserver.set_forkserver_preload(PRELOAD)
        forkserver.ensure_running()


def let_go(user: object) -> None:
    """Stop the fork server when `user` was the last; its workers must have ended."""
    with _lock:
        if user not in _users:
            return
        _users.discard(user)
        if not _users:
            # Private, but the only way; Python's own tests end it so. Without it the server ends with us.
            stop = getattr(forkserver._forkserver, "_stop", None)  # noqa: SLF001
            if stop is not None:
                stop()
