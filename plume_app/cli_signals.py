"""Ctrl+C, a polite end, a terminal that closes: one way out, status 130, quietly, whatever the moment.

Three moments, three answers. While nothing is open the process simply ends (`end_at_once`). While a command works it
is unwound (`unwinding`). While a batch runs it is cancelled, so that only whole files are left (`Interruption`).

KeyboardInterrupt is not used: Python ends a process by the signal itself when one has passed through `exec`, which is
how dataclasses are made, so that an interrupted import would not end with the status that was asked for. A signal that
whoever started the program had ignored (`nohup`, `&` in a script) stays ignored. Standard library only, and little.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

INTERRUPTED = 130  # what a shell says of a program that Ctrl+C ended
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP

_Handler = Callable[[int, FrameType | None], Any]


def end_at_once() -> None:
    """From now on a signal ends the process: nothing is open yet, and an import cannot swallow this."""
    _handle(lambda _number, _frame: os._exit(INTERRUPTED))


@contextmanager
def unwinding() -> Iterator[None]:
    """A signal raises SystemExit where the main thread stands: what is open gets closed."""
    with _handled(_unwind):
        yield


class Interruption:
    """A signal is remembered, and told to the one who stops the work, as soon as there is one.

    Nothing is torn out of the middle of opening or closing; only a second signal, while nobody can stop yet, unwinds.
    """

    def __init__(self) -> None:
        self.came = False
        self._stop: Callable[[], None] | None = None
        self._context = _handled(self._hear)

    def __enter__(self) -> Interruption:
        self._context.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)

    def stops(self, stop: Callable[[], None]) -> None:
        """From now on a signal calls `stop`, which must take no lock; at once if one has come already."""
        self._stop = stop
        if self.came:
            stop()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        again, self.came = self.came, True
        if self._stop is not None:
            self._stop()
        elif again:
            _unwind(number, frame)


def _unwind(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(INTERRUPTED)


@contextmanager
def _handled(handler: _Handler) -> Iterator[None]:
    before = _handle(handler)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _handle(handler: _Handler) -> dict[int, Any]:
    """Sets it for every signal that is not ignored; returns what was set before."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return {one: signal.signal(one, handler) for one in numbers if signal.getsignal(one) is not signal.SIG_IGN}
