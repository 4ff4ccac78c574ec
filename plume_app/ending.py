"""The end of the window's process: with a status, within a time, whatever hangs."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from plume_app.window import Window


def end_in(seconds: float, status: int) -> None:
    """Whatever hangs: the process is gone then."""
    timer = threading.Timer(seconds, os._exit, (status,))
    timer.name, timer.daemon = "plume-end", True
    timer.start()


def leave(status: int, window: Window | None, *, wait_s: float) -> NoReturn:
    """End the process with `status`, after waiting for threads that the page started, at most `wait_s`.

    The interpreter's own end is skipped: threads may still wait for a window that is gone, and Qt's bindings crash
    while they are taken down. Nothing of the user's is at stake: whatever writes has been stopped before.
    """
    until = time.monotonic() + wait_s
    while time.monotonic() < until and any(
        thread.is_alive() and not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    ):
        if window is not None:
            window.release()
        time.sleep(0.01)
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(status)
