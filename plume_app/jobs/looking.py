"""What the list shows of a file beyond its name: its header, read here; badges, thumbnail and trials, by a worker.

Headers of all files are read in the order they came, thumbnails are made for rows that are visible. What the
page looks at now comes before everything else; what nobody looks at is tried last, for the total. While the list
is scrolled nothing is begun: the processors are the window's, and what passes is not worth a look.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import PlumeError
from plume_app.events import Event, FilesChanged
from plume_app.files import Entry, Files
from plume_app.jobs.first_look import first_look
from plume_app.jobs.messages import Cancelled, Failed, Inspected, Outcome, Thumbnailed
from plume_app.jobs.pictures import Pictures
from plume_app.jobs.ports import TaskPool
from plume_app.jobs.trials import Trials
from plume_app.jobs.visits import Visit, needs_header, next_visible, task_of
from plume_app.wire import Failure, FileRow

_MOST_VISIBLE = 1000
_TELL_EVERY_S = 0.05
_SCROLL_S = 1.0  # so long a scroll is believed to go on; the page says so again every half of it
_STOP_S = 1.0

_log = logging.getLogger(__name__)


class Looking:
    """Looks at files for the list. `row` makes the page's row; `facts_changed` hears of headers read and of trials.

    While `busy`, nothing is tried that nobody looks at: the processors belong to the batch. Close it.
    """

    def __init__(
        self,
        files: Files,
        pool: TaskPool,
        pictures: Pictures,
        *,
        emit: Callable[[Event], None],
        row: Callable[[Entry], FileRow],
        facts_changed: Callable[[], None],
        new_task_id: Callable[[], int],
        limits: Limits,
        trials: Trials,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        self._files = files
        self._trials = trials
        self._busy = busy
        self._pool = pool
        self._pictures = pictures
        self._emit = emit
        self._row = row
        self._facts_changed = facts_changed
        self._new_task_id = new_task_id
        self._limits = limits
        self._news = threading.Condition()
        self._visible: list[Entry] = []
        self._unread: deque[int] = deque()
        self._outcomes: deque[tuple[Visit, Outcome]] = deque()
        self._under_way: set[int] = set()
        self._changed: dict[int, Entry] = {}
        self._told_at = 0.0
        self._stopping = self._has_rested = False
        self._scrolled_until = 0.0
        self._thread: threading.Thread | None = None

    def added(self, file_ids: Iterable[int]) -> None:
        """New rows: their headers are wanted, some time."""
        with self._news:
            known = list(file_ids)
            self._unread.extend(known)
            self._trials.add(known)
            self._wake()

    def wish_changed(self) -> None:
        """The predictions are for other settings now."""
        with self._news:
            self._trials.restart()
            self._wake()

    def rested(self) -> None:
        """A batch is over: there may be time for what nobody looks at."""
        with self._news:
            self._has_rested = True  # also for who has asked a moment ago whether it is
            self._wake()

    def show(self, entries: Sequence[Entry]) -> None:
        """These rows are visible now: everything about them is wanted first."""
        with self._news:
            self._visible = list(entries[:_MOST_VISIBLE])
            self._scrolled_until = 0.0
            for entry in self._visible:
                if entry.thumbnail is not None and entry.thumbnail not in self._pictures:
                    entry.looked = False  # it had to make room
            self._wake()

    def scrolled(self) -> None:
        """The list moves: begin nothing until rows are shown, or for a second."""
        with self._news:
            self._scrolled_until = time.monotonic() + _SCROLL_S

    def close(self) -> None:
        """Stop looking."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def _wake(self) -> None:
        if self._thread is None and not self._stopping:
            self._thread = threading.Thread(target=self._work, name="plume-looking", daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _work(self) -> None:
        while (deed := self._next()) is not None:
            try:
                deed()
                self._tell(force=False)
            except Exception:  # the thread's edge: one odd file must not blind the list
                _log.exception("looking at a file")

    def _next(self) -> Callable[[], None] | None:
        """What to do now, the most urgent first; None at the end. Waits for something to do."""
        while True:
            busy = self._busy()  # not under our lock: whoever answers may hold one of its own for a while
            with self._news:
                if self._stopping:
                    return None
                moving_s = self._scrolled_until - time.monotonic()
                if (deed := self._came()) is not None:
                    return deed
                if moving_s <= 0 and (deed := self._first_deed(busy=busy)) is not None:
                    return deed
                if not self._has_rested:
                    self._news.wait(moving_s if moving_s > 0 else None)
                self._has_rested = False

    def _came(self) -> Callable[[], None] | None:
        if not self._outcomes:
            return None
        back, outcome = self._outcomes.popleft()
        return lambda: self._came_back(back, outcome)

    def _first_deed(self, *, busy: bool) -> Callable[[], None] | None:
        if (deed := self._for_visible()) is not None:
            return deed
        while self._unread:
            found = self._files.find(self._unread.popleft())
            if found is not None and needs_header(found):
                return lambda: self._read_header(found)
        if self._changed:
            return lambda: self._tell(force=True)
        if not self._under_way and not busy and (visit := self._trials.next_unseen()) is not None:
            return self._set_out(Visit(*visit))
        return None

    def _for_visible(self) -> Callable[[], None] | None:
        found = next_visible(self._visible, self._under_way, self._trials.wanted)
        if isinstance(found, Visit):
            return self._set_out(found)
        return None if found is None else lambda: self._read_header(found)

    def _set_out(self, visit: Visit) -> Callable[[], None]:
        self._under_way.add(visit.entry.id)
        return lambda: self._send(visit)

    def _read_header(self, entry: Entry) -> None:
        try:
            header, features = first_look(Path(path := entry.real_path), self._limits)
            found: dict[str, Any] = {"header": header, "features": features}
        except PlumeError as error:
            found = {"error": Failure.of(error), "looked": True}
        if entry.real_path == path:  # else the row follows another file by now, and is in line for that
            self._files.update(entry, **found)
            self._changed[entry.id] = entry

    def _send(self, visit: Visit) -> None:
        try:
            self._ask(visit)
        except BaseException:  # told where it is caught; but nobody would ask for the row again
            self._under_way.discard(visit.entry.id)
            raise

    def _ask(self, visit: Visit) -> None:
        entry = visit.entry
        try:
            task = task_of(visit, self._new_task_id(), self._limits)
        except PlumeError as error:
            self._under_way.discard(entry.id)
            self._files.update(entry, error=Failure.of(error), looked=True)
            self._changed[entry.id] = entry
            return
        self._pool.submit(task).add_done_callback(lambda done: self._hear(visit, done.result()))

    def _hear(self, visit: Visit, outcome: Outcome) -> None:
        """In the pool's thread: brief."""
        with self._news:
            self._outcomes.append((visit, outcome))
            self._news.notify_all()

    def _came_back(self, visit: Visit, outcome: Outcome) -> None:
        entry = visit.entry
        self._under_way.discard(entry.id)
        match visit.of_its_row(outcome):
            case Thumbnailed(picture=picture, mime=mime, header=header, traits=traits):
                name = self._pictures.put(picture, mime)
                self._files.update(entry, header=header, traits=traits, thumbnail=name, looked=True)
            case Inspected(header=header, traits=traits):
                self._files.update(entry, header=header, traits=traits)
            case Failed() if not visit.thumbnail:
                pass  # a trial went wrong: the estimate rests on the header
            case Failed(code=code, facts=facts):
                failure = entry.error or Failure.of(PlumeError.of(code, facts))
                self._files.update(entry, error=failure, looked=True)
            case Cancelled():
                with self._news:  # it is asked for again when it is visible again: a pool that is gone cancels at once
                    self._visible = [one for one in self._visible if one is not entry]
                return
            case _:
                raise TypeError(f"a look cannot end as {type(outcome).__name__}")
        if visit.trial is not None:
            found = outcome if isinstance(outcome, Thumbnailed | Inspected) else None
            features, probe = (found.features, found.probe) if found else (None, None)
            self._trials.took(entry, visit.trial, features, probe)
        self._changed[entry.id] = entry

    def _tell(self, *, force: bool) -> None:
        if not self._changed or (not force and time.monotonic() - self._told_at < _TELL_EVERY_S):
            return
        changed, self._changed = self._changed, {}
        self._told_at = time.monotonic()
        with self._news:
            rows = [entry for entry in self._visible if entry.id in changed]
        if rows:
            self._emit(FilesChanged([self._row(entry) for entry in rows if entry.listed]))
        self._facts_changed()
