"""The one thread that tells the page what happened; the events themselves are in events_kinds.py."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Hashable
from itertools import islice

from plume_app.events_kinds import (
    ALL_EVENTS,
    BatchFinished,
    BatchProgress,
    CloseRequested,
    CompressionProgress,
    EstimatesChanged,
    Event,
    FilesAdded,
    FilesChanged,
    JobFinished,
    Notice,
    PreviewReady,
    ScanProgress,
    Stage,
    StatsChanged,
    Status,
)
from plume_app.wire import plain

__all__ = [
    "ALL_EVENTS",
    "BatchFinished",
    "BatchProgress",
    "CloseRequested",
    "CompressionProgress",
    "Emitter",
    "EstimatesChanged",
    "Event",
    "FilesAdded",
    "FilesChanged",
    "JobFinished",
    "Notice",
    "PreviewReady",
    "ScanProgress",
    "Stage",
    "StatsChanged",
    "Status",
    "json_of",
    "script_of",
]

PUSH_EVERY_S = 0.05  # at most 20 pushes a second: a page redraws no faster than it can be read
MAX_PUSHED = 1000  # events in one push; 47 kB take the page less than a millisecond
_STOP_S = 1.0  # a push that hangs in a dying window is not waited for longer

_log = logging.getLogger(__name__)


def script_of(events_json: str) -> str:
    """The script that hands a push to the page, for `run_js`; ASCII, since WebKitGTK drops anything else."""
    return f"window.plume_receive&&window.plume_receive({events_json})"


class Emitter:
    """Tells the page: any thread calls `emit`, one daemon thread calls `push` with a JSON array in ASCII.

    Nothing is pushed before `start`. `stop` comes before the window goes: afterwards `push` is not called.
    `push` may block (that slows the telling, nobody else) and may raise (that is logged).
    """

    def __init__(self, push: Callable[[str], object], *, every_s: float = PUSH_EVERY_S) -> None:
        self._push = push
        self._every_s = every_s
        self._lock = threading.Lock()
        self._waiting: dict[int, Event] = {}  # by number, which is the order
        self._at: dict[Hashable, int] = {}  # key of a waiting event -> its number
        self._number = 0
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def emit(self, event: Event) -> None:
        """Have `event` told, soon, and in order; returns at once."""
        with self._lock:
            if event.ends is not None:
                self._forget(event.ends)
            if event.key is not None:
                self._forget(event.key)
                self._at[event.key] = self._number
            self._waiting[self._number] = event
            self._number += 1
        self._news.set()

    def start(self) -> None:
        """Begin to push: the page listens now."""
        if self._thread is None and not self._stopping.is_set():
            self._thread = threading.Thread(target=self._run, name="plume-events", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Push nothing more; waits a moment for a push that is under way."""
        self._stopping.set()
        self._news.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_STOP_S)

    def take(self) -> list[Event]:
        """The next events to tell, at most `MAX_PUSHED`; they do not wait any more."""
        with self._lock:
            taken = dict(islice(self._waiting.items(), MAX_PUSHED))
            if len(taken) == len(self._waiting):
                self._waiting, self._at = {}, {}
                self._news.clear()
            else:
                self._waiting = dict(islice(self._waiting.items(), MAX_PUSHED, None))
                for event in taken.values():
                    self._at.pop(event.key, None)
        return list(taken.values())

    def _forget(self, key: Hashable) -> None:
        self._waiting.pop(self._at.pop(key, -1), None)

    def _run(self) -> None:
        while True:
            self._news.wait()
            if self._stopping.is_set():
                return
            events = self.take()
            if events:
                try:
                    self._push(json_of(events))
                except Exception:  # a window that is going away must not cost the next push
                    _log.exception("a push of %d events", len(events))
            if self._stopping.wait(self._every_s):
                return


def json_of(events: list[Event]) -> str:
    """The array that the page gets: each event's fields, and its name in `event`."""
    told = [{"event": event.NAME, **plain(event)} for event in events]
    return json.dumps(told, ensure_ascii=True, allow_nan=False)
