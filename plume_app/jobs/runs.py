"""The batches of one window: those that are at work, and the last ones that have ended. No threads, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plume_app.domain.shared.errors import invalid
from plume_app.files import ACTIVE, Entry
from plume_app.jobs.run import Run
from plume_app.wire import Batch as BatchNumbers

OPEN = ("running", "paused")
_IN_MIND = 20


@dataclass(slots=True)
class Runs:
    """By batch id, in the order they were asked for."""

    _runs: dict[int, Run] = field(default_factory=dict)

    def add(self, run: Run) -> None:
        """One more; the oldest that have ended are forgotten."""
        self._runs[run.batch.id] = run
        for old in [*self._runs][:-_IN_MIND]:
            if self._runs[old].state not in OPEN:
                del self._runs[old]

    def get(self, batch_id: int) -> Run | None:
        """That of this batch, if it is of this window and not forgotten."""
        return self._runs.get(batch_id)

    def open(self) -> list[Run]:
        """Those that have not ended."""
        return [run for run in self._runs.values() if run.state in OPEN]

    def free(self, entries: Sequence[Entry]) -> list[Entry]:
        """Those in the list that are not at work, nor given to a batch whose rows do not say so yet."""
        taken = {one.id for run in self.open() if not run.ready.is_set() for one in run.entries}
        return [one for one in entries if one.state not in ACTIVE and one.listed and one.id not in taken]

    def at_work(self, batch_id: int) -> Run:
        """One that has not ended. Raises InvalidRequest."""
        run = self._runs.get(batch_id)
        if run is None or run.state not in OPEN:
            raise invalid("batch_id", "a batch that is at work", batch_id)
        return run

    def takes_up(self, batch_id: int) -> bool:
        """Is this batch of an earlier session being taken up already?"""
        return any(run.left is not None and run.left.batch_id == batch_id for run in self.open())

    def current(self) -> BatchNumbers | None:
        """The batch at work or waiting, else the last one."""
        found = next(iter([*self.open(), *reversed(self._runs.values())]), None)
        return None if found is None else found.numbers()

    def files_left(self) -> int:
        """How many files of batches at work are not done."""
        return sum(len(run.entries) - run.done for run in self.open())
