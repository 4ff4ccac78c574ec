"""The end of the session, Ctrl+C in the terminal: a signal closes the window, whatever the toolkit's loop is doing.

Python runs its signal handlers only between two lines of Python, and a toolkit's loop may not come to one for long.
The number of the signal is therefore also read from a socket, by a thread. `close` may be called twice.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NAMES = ("SIGTERM", "SIGINT", "SIGHUP")


@contextmanager
def closing_signals(close: Callable[[], None]) -> Iterator[None]:
    """Call `close` in a thread when one of the signals comes; in the main thread only."""
    known = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    # PyGObject takes the socket for itself while its loop runs, and then sees to it that handlers run soon.
    before = {one: signal.signal(one, lambda *_: threading.Thread(target=close).start()) for one in known}
    was = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)

    def wait() -> None:
        with reading:
            while number := reading.recv(1):
                if number[0] in known:
                    close()

    thread = threading.Thread(target=wait, name="plume-signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(was)
        for one, handler in before.items():
            signal.signal(one, handler)
        writing.close()  # ends the thread
        thread.join(timeout=1)
