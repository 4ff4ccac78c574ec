"""What the list shows of a file beyond its name: its header, read here; its badges and thumbnail, by a worker.

Headers of all files are read in the order they came, thumbnails are made for rows that are visible. What the
page looks at now comes before everything else.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from plume_app.domain.compression.codecs import header_readers
from plume_app.domain.file.reading import read_source
from plume_app.domain.file.refusals import unreadable
from plume_app.domain.image.header import Header, read_header
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import PlumeError
from plume_app.events import Event, FilesChanged
from plume_app.files import Entry, Files
from plume_app.jobs.messages import Cancelled, Failed, Outcome, Thumbnail, Thumbnailed
from plume_app.jobs.pictures import Pictures
from plume_app.jobs.ports import TaskPool
from plume_app.wire import Failure, FileRow

EDGE_PX = 128  # twice the list's thumbnails, for dense screens
_AT_ONCE = 4  # thumbnails under way: enough to keep a worker busy, few enough that what is visible comes first
_MOST_VISIBLE = 1000
_TELL_EVERY_S = 0.05
_STOP_S = 1.0

_log = logging.getLogger(__name__)


class Looking:
    """Looks at files for the list. `row` makes the page's row; `facts_changed` hears of headers read. Close it."""

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
    ) -> None:
        self._files = files
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
        self._outcomes: deque[tuple[Entry, Outcome]] = deque()
        self._under_way: set[int] = set()
        self._changed: dict[int, Entry] = {}
        self._told_at = 0.0
        self._stopping = False
        self._thread: threading.Thread | None = None

    def added(self, file_ids: Iterable[int]) -> None:
        """New rows: their headers are wanted, some time."""
        with self._news:
            self._unread.extend(file_ids)
            self._wake()

    def show(self, entries: Sequence[Entry]) -> None:
        """These rows are visible now: everything about them is wanted first."""
        with self._news:
            self._visible = list(entries[:_MOST_VISIBLE])
            for entry in self._visible:
                if entry.thumbnail is not None and entry.thumbnail not in self._pictures:
                    entry.looked = False  # it had to make room
            self._wake()

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
        with self._news:
            while not self._stopping:
                if self._outcomes:
                    entry, outcome = self._outcomes.popleft()
                    return lambda: self._came_back(entry, outcome)
                for entry in self._visible:
                    if _needs_header(entry):
                        return lambda entry=entry: self._read_header(entry)  # type: ignore[misc]
                    if not entry.looked and entry.id not in self._under_way and len(self._under_way) < _AT_ONCE:
                        self._under_way.add(entry.id)
                        return lambda entry=entry: self._send(entry)  # type: ignore[misc]
                while self._unread:
                    found = self._files.find(self._unread.popleft())
                    if found is not None and _needs_header(found):
                        return lambda: self._read_header(found)
                if self._changed:
                    return lambda: self._tell(force=True)
                self._news.wait()
        return None

    def _read_header(self, entry: Entry) -> None:
        try:
            header = _header_of_file(Path(entry.real_path), self._limits)
        except PlumeError as error:
            self._files.update(entry, error=Failure.of(error), looked=True)
        else:
            self._files.update(entry, header=header)
        self._changed[entry.id] = entry

    def _send(self, entry: Entry) -> None:
        try:
            read = read_source(Path(entry.real_path), check_size=self._limits.check_file)
        except PlumeError as error:
            self._under_way.discard(entry.id)
            self._files.update(entry, error=Failure.of(error), looked=True)
            self._changed[entry.id] = entry
            return
        decoded_bytes = entry.header.decoded_bytes if entry.header else 0
        task = Thumbnail(self._new_task_id(), read.data, EDGE_PX, decoded_bytes, self._limits)
        self._pool.submit(task).add_done_callback(lambda done: self._hear(entry, done.result()))

    def _hear(self, entry: Entry, outcome: Outcome) -> None:
        """In the pool's thread: brief."""
        with self._news:
            self._outcomes.append((entry, outcome))
            self._news.notify_all()

    def _came_back(self, entry: Entry, outcome: Outcome) -> None:
        self._under_way.discard(entry.id)
        match outcome:
            case Thumbnailed(picture=picture, mime=mime, header=header, traits=traits):
                name = self._pictures.put(picture, mime)
                self._files.update(entry, header=header, traits=traits, thumbnail=name, looked=True)
            case Failed(code=code, facts=facts):
                failure = entry.error or Failure.of(PlumeError.of(code, facts))
                self._files.update(entry, error=failure, looked=True)
            case Cancelled():
                return  # it will be asked for again when it is visible again
            case _:
                raise TypeError(f"a thumbnail cannot end as {type(outcome).__name__}")
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


def _needs_header(entry: Entry) -> bool:
    return entry.header is None and not entry.looked and entry.listed


def _header_of_file(path: Path, limits: Limits) -> Header:
    """What the first bytes of a file say, without reading the rest."""
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        opened = os.open(path, flags)
        try:
            size = os.fstat(opened).st_size
            limits.check_file(size)

            def read_at(offset: int, count: int) -> bytes:
                os.lseek(opened, offset, os.SEEK_SET)
                return os.read(opened, count)

            header = read_header(read_at, size, header_readers())
        finally:
            os.close(opened)
    except OSError as error:
        raise unreadable(error) from error
    limits.check_header(header)
    return header
