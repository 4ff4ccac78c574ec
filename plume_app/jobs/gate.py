"""The gate before the pool: how many file bytes may be on their way at once."""

from __future__ import annotations

import threading


class Gate:
    """Lets in tasks while their bytes stay under `most_bytes` and their number under `most`.

    A task larger than the whole goes through when nothing else is inside. Who found `most` inside waits until a
    quarter of them has left: to bring many tiny files one by one costs more than to bring them in a row, since each
    time a thread must wake, and finds the processor's caches full of pictures. Any thread may use it.
    """

    def __init__(self, most_bytes: int, most: int) -> None:
        self._most_bytes = most_bytes
        self._most = most
        self._enough = max(1, most // 4)  # places that make it worth to wake somebody
        self._bytes = 0
        self._count = 0
        self._closed = False
        self._waiting: list[int] = []  # the sizes of those who wait
        self._changed = threading.Condition()

    @property
    def is_closed(self) -> bool:
        """Whether nobody is let in any more."""
        return self._closed

    @property
    def is_empty(self) -> bool:
        """Whether everybody who came in has left."""
        return self._count == 0

    def enter(self, size: int, *, waits: bool = True) -> bool:
        """Come in with `size` bytes, after waiting for room; False when the gate is closed for good.

        With `waits` false room is taken even where there is none.
        """
        with self._changed:
            if waits and not self._has_room(size):
                self._waiting.append(size)
                self._changed.wait_for(lambda: self._closed or self._has_room(size, self._enough))
                self._waiting.remove(size)
            if self._closed:
                return False
            self._bytes += size
            self._count += 1
            return True

    def leave(self, size: int) -> None:
        """Go out with the `size` bytes that came in."""
        with self._changed:
            self._bytes -= size
            self._count -= 1
            if self._waiting and self._has_room(min(self._waiting), self._enough):
                self._changed.notify_all()

    def close(self) -> None:
        """Let nobody in any more, those who wait included."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _has_room(self, size: int, places: int = 1) -> bool:
        return self._count == 0 or (self._count + places <= self._most and self._bytes + size <= self._most_bytes)
