"""How far a batch is against what was expected of it: the time that is left, and what all will weigh in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

_ETA_AFTER_MS = 1500  # a pace from less than that is noise


@dataclass(slots=True)
class Pace:
    """`total_bytes` are those of all files before. The clock stands while the batch rests; seconds."""

    files: int
    total_bytes: int
    clock: Callable[[], float] = time.monotonic
    _expected: dict[int, tuple[int, int]] = field(default_factory=dict)
    _bytes_done: int = 0
    _ms_left: int = 0
    _ms_done: int = 0
    _size_left: int = 0
    _size_done: int = 0
    _is_known: bool = False
    _worked_s: float = 0.0
    _since: float | None = None

    def expect(self, file_id: int, size: int, time_ms: int) -> None:
        """What one file is expected to weigh and to take; only where every file has that, it is used."""
        self._expected[file_id] = size, max(1, time_ms)
        self._size_left += size
        self._ms_left += max(1, time_ms)
        self._is_known = len(self._expected) == self.files

    def go(self) -> None:
        """The clock runs from now on."""
        self._since = self.clock() if self._since is None else self._since

    def rest(self) -> None:
        """The clock stands."""
        self._worked_s, self._since = self._worked_s + self._running_s(), None

    def ended(self, file_id: int, original_size: int, compressed_size: int) -> None:
        """One file is done; what failed weighs nothing."""
        size, time_ms = self._expected.pop(file_id, (0, 0))
        self._bytes_done += original_size
        self._size_done += compressed_size
        self._size_left -= size
        self._ms_left -= time_ms
        self._ms_done += time_ms

    @property
    def predicted_size(self) -> int | None:
        """What all of it will weigh: real where it is done, expected elsewhere; None where nothing was expected."""
        return self._size_done + self._size_left if self._is_known else None

    @property
    def eta_ms(self) -> int | None:
        """The time that the rest takes at the pace so far; None until there is a pace, and while it rests.

        The expected times weigh the files where they are known, their bytes otherwise.
        """
        done, left = self._bytes_done, self.total_bytes - self._bytes_done
        if self._is_known:
            done, left = self._ms_done, self._ms_left
        passed_ms = 1000 * (self._worked_s + self._running_s())
        if self._since is None or done <= 0 or passed_ms <= _ETA_AFTER_MS:
            return None
        return round(passed_ms * max(0, left) / done)

    def _running_s(self) -> float:
        return 0.0 if self._since is None else self.clock() - self._since
