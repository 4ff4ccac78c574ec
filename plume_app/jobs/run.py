"""One batch of the window: its rows, its numbers, and how a step and an end of a file are told. No threads, no I/O."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import FOLDER, OutputPolicy
from plume_app.events import BatchFinished, BatchProgress
from plume_app.files import Entry, Files
from plume_app.jobs.answered import forget_bytes, replaced
from plume_app.jobs.pace import Pace
from plume_app.jobs.prediction import Prediction
from plume_app.jobs.queue import Batch
from plume_app.jobs.results import KEPT, WRITTEN, FileResult
from plume_app.jobs.resuming import Unfinished, output_json
from plume_app.wire import Batch as BatchNumbers
from plume_app.wire import BatchState, plain

# Where a file stands when a step begins, and where the next one stands, in percent. Encoding is most of the work.
# One that was "read" is told as queued again: it waits for a worker.
STANDS = {"queued": (0.0, 5.0), "reading": (5.0, 10.0), "read": (10.0, 10.0), "encoding": (10.0, 85.0),
           "verifying": (85.0, 95.0), "saving": (95.0, 100.0)}  # fmt: skip
_MOST_EXPECTED = 3000  # files whose predictions are told in a tenth of a second: more of them have bytes for a pace


@dataclass(slots=True)
class Run:
    """A batch over `entries`. `batch` is set before anything else is asked; `ended` holds the ids that are done."""

    entries: Sequence[Entry]
    settings: Settings
    output: OutputPolicy
    overrides: dict[int, Settings]
    left: Unfinished | None = None  # of an earlier session, whose rows are not there yet
    clock: Callable[[], float] = time.monotonic  # seconds
    batch: Batch = field(init=False)
    state: BatchState = "running"
    ended: set[int] = field(default_factory=set)
    dropped: set[int] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("written", "kept", "failed", "cancelled"), 0))
    original_size: int = 0
    compressed_size: int = 0
    total_size: int = 0  # of the files that are expected to weigh something in the end
    duration_ms: int = 0
    private: int = 0  # kept files that still hold private data
    pace: Pace = field(init=False)
    damaged: frozenset[int] = frozenset()  # rows that a look found broken: tried, but nothing is expected of them
    ready: threading.Event = field(default_factory=threading.Event)  # its rows are there, and say that they wait
    _ended_before: int = 0
    _by_path: dict[str, Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pace = Pace(len(self.entries), 0, self.clock)

    def queue_rows(self, files: Files) -> list[int]:
        """Its rows say that they wait; one that was removed since it was asked for is not its own any more.

        Returns those of which nothing is known any more, since another batch gave them other bytes.
        """
        self.fill(self.entries, self.overrides)
        stale = forget_bytes(files, replaced(self.entries))
        self.refresh(files, self.entries, state="queued")
        if not all(entry.listed for entry in self.entries):
            self.fill([entry for entry in self.entries if entry.listed], self.overrides)
        self.ready.set()
        return stale

    def fill(self, entries: Sequence[Entry], overrides: dict[int, Settings]) -> None:
        """These are its rows."""
        self.entries, self.overrides = entries, overrides
        self._by_path = {entry.path: entry for entry in self.entries}
        self.damaged |= {one.id for one in self.entries if one.state == "waiting" and one.error is not None}
        self.total_size = sum(entry.size for entry in self.entries if entry.id not in self.damaged)
        self.pace = Pace(len(self.entries), sum(entry.size for entry in self.entries), self.clock)

    @property
    def done(self) -> int:
        """How many files have ended."""
        return len(self.ended) + self._ended_before

    def rest(self) -> None:
        """It is over: what only its work needed goes, since some that have ended are kept in mind."""
        self._ended_before = self.done
        self.ended, self.dropped, self._by_path = set(), set(), {}

    def at(self, path: Path) -> Entry | None:
        """The row of that path."""
        return self._by_path.get(os.fspath(path))

    def settings_for(self, path: Path) -> Settings:
        """The settings of one file: the row's own, or the batch's."""
        entry = self._by_path.get(os.fspath(path))
        return self.settings_of(entry) if entry else self.settings

    def settings_of(self, entry: Entry) -> Settings:
        """The same for a row."""
        return self.overrides.get(entry.id, self.settings)

    def predicted(self, path: Path, ask: Callable[[Entry, Settings], Prediction | None]) -> Prediction | None:
        """What its row says of one file, as it is begun."""
        entry = self._by_path.get(os.fspath(path))
        return ask(entry, self.settings_for(path)) if entry else None

    def wants(self, path: Path) -> bool:
        """Was the file not dropped from the batch?"""
        entry = self._by_path.get(os.fspath(path))
        return entry is None or entry.id not in self.dropped

    def remembered(self) -> dict[str, Any]:
        """What the history keeps, for a later session that goes on."""
        if self.left is not None:
            return output_json(self.output, self.left.roots, self.left.overrides)
        overrides = {}
        if self.overrides:
            overrides = {one.path: self.overrides[one.id] for one in self.entries if one.id in self.overrides}
        return output_json(self.output, self._roots(), overrides)

    def _roots(self) -> list[Path]:
        if self.output.policy != FOLDER:
            return []
        return sorted(map(Path, {entry.root for entry in self.entries if entry.root is not None}))

    def drop(self, file_ids: Collection[int]) -> None:
        """Do not begin these."""
        self.dropped.update(file_ids)

    def refresh(self, files: Files, entries: Sequence[Entry], *, state: str) -> None:
        """These rows say nothing of their last run any more; that one is damaged, no run has said."""
        progress, following = STANDS["queued"]
        fresh = {
            "state": state,
            "progress": progress,
            "next_progress": following,
            "eta_ms": None,
            "job_id": None,
            "output_path": None,
            "output_format": None,
            "compressed_size": None,
            "savings_percent": None,
            "compression_time_ms": None,
            "reason": None,
            "losses": (),
            "private_data_kept": False,
            "done_with": None,
        }
        files.update_all([one for one in entries if one.id in self.damaged], **fresh)
        files.update_all([one for one in entries if one.id not in self.damaged], **fresh, error=None)

    def wishes(self, ask: Callable[[Entry, Settings], Prediction | None]) -> dict[str, Any]:
        """What `Batch` is told of it."""
        return {
            "settings": self.settings,
            "output": self.output,
            "settings_for": self.settings_for,
            "predicted": lambda path: self.predicted(path, ask),
            "wanted": self.wants,
            "one_place": self.left is None and is_one_place(self.entries),
            "remembered": self.remembered(),
        }

    def expect(self, ask: Callable[[Entry, Settings], Prediction | None]) -> None:
        """Remember what the rows say now, to tell what is left by."""
        for entry in self.entries if len(self.entries) <= _MOST_EXPECTED else ():
            if entry.id in self.damaged:
                self.pace.expect(entry.id, 0, 0)
            elif (found := ask(entry, self.settings_of(entry))) is not None:
                self.pace.expect(entry.id, found.estimate.compressed_size, found.estimate.time_ms)

    def become(self, state: BatchState) -> None:
        """Running, or not."""
        self.state = state
        if state == "running":
            self.pace.go()
        else:
            self.pace.rest()

    def add(self, entry: Entry, result: FileResult) -> None:
        """Count one end."""
        self.ended.add(entry.id)
        self.counts[result.status] += 1
        self.private += result.private_data_kept
        before, after = result.weighed
        weighs = result.status in (WRITTEN, KEPT)
        if weighs == (entry.id in self.damaged):  # counted before but not after, it would pass for a saving
            self.total_size += entry.size if weighs else -entry.size
        self.pace.ended(entry.id, entry.size, after)
        self.original_size += before
        self.compressed_size += after

    def numbers(self) -> BatchNumbers:
        """How far it is."""
        return BatchNumbers(
            self.batch.id,
            self.state,
            self.done,
            len(self.entries),
            self.original_size,
            self.compressed_size,
            self.total_size,
            self.pace.predicted_size,
            self.pace.eta_ms,
        )


def is_one_place(entries: Sequence[Entry]) -> bool:
    """Were all of them found under one named path?"""
    roots = {entry.root for entry in entries}
    return len(entries) == 1 if None in roots else len(roots) == 1


def progress_event(run: Run) -> BatchProgress:
    """The event for how far it is."""
    return BatchProgress(**plain(run.numbers()))


def finished_event(run: Run, *, undoable: int) -> BatchFinished:
    """The event for its end."""
    return BatchFinished(
        batch_id=run.batch.id,
        state="cancelled" if run.state == "cancelled" else "finished",
        files=len(run.entries),
        **run.counts,
        original_size=run.original_size,
        compressed_size=run.compressed_size,
        duration_ms=run.duration_ms,
        undoable=undoable,
    )
