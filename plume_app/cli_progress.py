"""The bar on a terminal: bytes done of bytes found, and the time left. Nothing where nobody watches."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

import click

from plume_app.domain.file.found import Candidate, Found, Ignored
from plume_app.jobs.results import FileResult

_BAR_COLUMNS, _BESIDE_THE_BAR = 36, 38  # label, brackets, percentage or "123456/123456", "1d 02:03:04"
_USUAL_COLUMNS = 80
_MIN_WEIGHT = 10_000  # bytes that a file counts at least: a thousand tiny files take time too


def bar_width() -> int:
    """Columns for the bar alone: a line that the terminal breaks cannot be wiped again.

    The terminal is that of standard error; click would ask standard output, which may be a file.
    """
    columns = 0
    with suppress(ValueError, OSError):
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    return max(1, min(_BAR_COLUMNS, (columns or _USUAL_COLUMNS) - _BESIDE_THE_BAR))


class Bar:
    """A bar on standard error. The total is counted by a walk of its own, which overtakes the compressing."""

    def __init__(self, find: Callable[[], Iterable[Found]] | None) -> None:
        self._find = find
        self._ended = False
        self._bar: Any = None

    def __enter__(self) -> Bar:
        if self._find is not None:
            self._bar = click.progressbar(
                length=1, label="Compressing", file=sys.stderr, show_eta=True, update_min_steps=1, width=bar_width()
            )
            self._bar.length = None  # a whole that is not counted yet has no percentage
            self._bar.__enter__()
            threading.Thread(target=self._count, args=(self._find,), name="plume-count", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        if self._bar is not None:
            self._bar.__exit__(kind, error, trace)

    def advance(self, result: FileResult) -> None:
        """One file has ended."""
        if self._bar is not None:
            self._bar.update(max(_MIN_WEIGHT, result.original_size or 0))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Room for a line of output: the bar is wiped before and drawn again after."""
        if self._bar is None:
            yield
            return
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
        yield
        sys.stdout.flush()
        self._bar.render_progress()

    def _count(self, find: Callable[[], Iterable[Found]]) -> None:
        total = 0
        for found in find():
            if self._ended:
                return
            if not isinstance(found, Ignored):
                total += max(_MIN_WEIGHT, found.size) if isinstance(found, Candidate) else _MIN_WEIGHT
        self._bar.length = max(1, total)


def no_bar() -> Bar:
    """A bar that shows nothing."""
    return Bar(None)
