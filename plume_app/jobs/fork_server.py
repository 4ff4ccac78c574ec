"""The process that workers are forked from: it has the encoders loaded, so that a worker starts at once.

Python's own (`multiprocessing.forkserver`, one for the whole process). It is stopped when no pool needs it,
since what it has loaded is most of what Plume would take at rest.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext

# pebble's own module is what the worker runs; loaded before the fork it costs each worker nothing.
PRELOAD = ["plume_app.jobs.preload", "plume_app.jobs.worker", "pebble.pool.process"]

START_METHOD = "forkserver" if sys.platform == "linux" else "spawn"

_lock = threading.Lock()
_users: set[object] = set()


def begin() -> None:
    """Have it start and load while the caller does: the first worker is ready 0.1 s earlier.

    Stopped as otherwise when the last user lets it go; without any it ends with this process.
    """
    if START_METHOD == "forkserver":
        with _lock:
            _ensure_running()


def use(context: BaseContext, user: object) -> None:
    """Have the fork server run until `user` lets it go; nothing where workers are not forked from it."""
    if context.get_start_method() != "forkserver":
        return
    with _lock:
        _users.add(user)
        _ensure_running()


def let_go(user: object, *, rest: bool = False) -> None:
    """Stop the fork server when `user` was the last; its workers must have ended.

    `rest`: this process stays, and has nothing to do. Then what only the work needed is given back too: Python's
    resource tracker (a process, 6 MB; it comes back with the next semaphore) and memory that was freed.
    """
    with _lock:
        if user not in _users:
            return
        _users.discard(user)
        if not _users:
            # Private, but the only way; Python's own tests end it so. Without it the server ends with us.
            stop = getattr(forkserver._forkserver, "_stop", None)  # noqa: SLF001
            if stop is not None:
                stop()
            if rest:
                _rest()


def _rest() -> None:
    from plume_app.jobs import heap  # it loads ctypes, and this module is loaded first of all

    gc.collect()  # first: a dead pool's semaphores are known to the tracker until it is collected
    stop = getattr(getattr(resource_tracker, "_resource_tracker", None), "_stop", None)
    if stop is not None and START_METHOD == "forkserver":
        stop()  # private, as above
    heap.give_back()


def _ensure_running() -> None:
    forkserver.set_forkserver_preload(PRELOAD)
    # A terminal sends Ctrl+C, and its own end, to every process: the server would die of them while it loads.
    # A blocked signal stays blocked in what is started now, and in every worker; ending them is our affair.
    of_the_terminal = (signal.SIGINT, signal.SIGHUP)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, of_the_terminal)
    try:
        resource_tracker.ensure_running()  # would be started with the server, and unblocks SIGINT behind itself
        signal.pthread_sigmask(signal.SIG_BLOCK, of_the_terminal)
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
