"""From what the user dropped, chose or pasted to rows of the list.

Folders are walked in a thread of their own, and rows appear meanwhile.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.domain.file.found import Candidate, Problem, Scan
from plume_app.domain.file.scan import scan
from plume_app.domain.shared.errors import Facts, InternalError
from plume_app.events import Event, FilesAdded, Notice, ScanProgress
from plume_app.files import Files
from plume_app.wire import ScanState

_CHUNK_FILES = 1000
_TELL_EVERY_S = 0.05
_STOP_S = 1.0

_log = logging.getLogger(__name__)


class Adding:
    """Adds files to the list, one request after the other. `added` hears of the new rows' ids. Close it."""

    def __init__(
        self,
        db: Database,
        files: Files,
        *,
        emit: Callable[[Event], None],
        scan_for: Callable[[], Scan],
        added: Callable[[Sequence[int]], None] = lambda _: None,
    ) -> None:
        self._db = db
        self._files = files
        self._emit = emit
        self._scan_for = scan_for
        self._added = added
        self._asked: queue.SimpleQueue[Callable[[], Iterable[Path]] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self.state: ScanState | None = None

    def add(self, paths: Sequence[Path]) -> None:
        """Have `paths` (files and folders) added; returns at once; who asks now hears that they are read."""
        if paths and not (self.state and self.state.running):
            self._tell(0, 0, running=True)
        self.add_from(lambda: paths)

    def add_from(self, ask: Callable[[], Iterable[Path]]) -> None:
        """Have added what `ask` returns, which may wait for the user; returns at once."""
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="plume-adding", daemon=True)
                self._thread.start()
        self._asked.put(ask)

    def close(self) -> None:
        """Give up what is being walked."""
        self._stopping.set()
        self._asked.put(None)
        with self._starting:  # a thread that somebody just starts cannot be waited for yet
            thread = self._thread
        if thread is not None:
            thread.join(_STOP_S)

    def _work(self) -> None:
        while (ask := self._asked.get()) is not None and not self._stopping.is_set():
            try:
                paths = list(ask())
                if paths:
                    with self._db.connection_context():
                        self._walk(paths)
            except Exception as error:  # the thread's edge: the next drop must work
                _log.exception("adding files")
                self._tell(0, 0, running=False)
                self._emit(Notice(InternalError.code, {"problem": type(error).__name__}))

    def _walk(self, paths: Sequence[Path]) -> None:
        found = ignored = problems = 0
        first: Problem | None = None
        chunk: list[Candidate] = []
        told_at = 0.0
        for one in scan(paths, self._scan_for()):
            if self._stopping.is_set() or self._files.is_full:
                break
            if isinstance(one, Candidate):
                chunk.append(one)
                found += 1
            elif isinstance(one, Problem):
                problems, first = problems + 1, first or one
            else:
                ignored += 1
            if len(chunk) >= _CHUNK_FILES or time.monotonic() - told_at >= _TELL_EVERY_S:
                self._take(chunk)
                self._tell(found, ignored, running=True)
                chunk, told_at = [], time.monotonic()
        self._take(chunk)
        self._tell(found, ignored, running=False)
        if first is not None:
            what = "several" if problems > 1 else "one"
            cause = {"code": first.error.code, "cause": first.error.facts.get("what", "")}
            facts: Facts = {"files": problems, "what": what, "name": first.path.name, **cause}
            self._emit(Notice("not_added", facts))
        elif not found and not self._stopping.is_set() and not self._files.is_full:
            self._emit(Notice("nothing_found", {"ignored": ignored}))
        if self._files.is_full:
            self._emit(Notice("list_full", {"limit": self._files.max_files}))

    def _take(self, chunk: Sequence[Candidate]) -> None:
        ids = self._files.add(chunk)
        if ids:
            self._emit(FilesAdded(len(ids), self._files.summary()))
            self._added(ids)

    def _tell(self, found: int, ignored: int, *, running: bool) -> None:
        self.state = ScanState(found, ignored, running)
        self._emit(ScanProgress(found, ignored, running))
