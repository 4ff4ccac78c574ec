"""The list of added files: what the window shows, in any order, filtered, without copying it for each look.

One lock, no I/O. Made for 100,000 rows: adding costs a dictionary entry, a window of rows a slice. An order
is sorted again only when something it depends on has changed, and from where it stood, so that the sort
meets rows that are nearly in place.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Any

from plume_app.domain.file.found import Candidate
from plume_app.domain.shared.errors import invalid
from plume_app.files_entry import Entry, row_of
from plume_app.wire import Filter, ListSummary

__all__ = ["ACTIVE", "MAX_FILES", "SORTS", "Entry", "Files", "row_of"]

MAX_FILES = 500_000  # about half a gigabyte of rows; more at once is a task for the command line
_ORDERS_IN_MIND = 3
_AT_A_TIME = 2000  # rows that are changed within a few milliseconds
ACTIVE = frozenset({"queued", "reading", "encoding", "verifying", "saving"})
_FILTERED: dict[str, frozenset[str]] = {
    "waiting": ACTIVE | {"waiting", "cancelled"},
    "written": frozenset({"written"}),
    "kept": frozenset({"kept"}),
    "failed": frozenset({"failed"}),
}
_STATE_RANK = {"failed": 0, "kept": 2, "written": 3, "cancelled": 4, "waiting": 5}  # what is at work stands at 1


_COLUMNS: dict[str, tuple[Callable[[Entry], Any], bool]] = {  # how to sort, and whether it changes while files wait
    "added": (lambda one: one.id, False),
    "name": (lambda one: one.name_key, False),
    "folder": (lambda one: (one.folder_key, one.name_key), False),
    "original_size": (lambda one: one.size, False),
    "compressed_size": (lambda one: -1 if one.compressed_size is None else one.compressed_size, True),
    "savings_percent": (lambda one: -1e9 if one.savings_percent is None else one.savings_percent, True),
    "input_format": (lambda one: one.header.format if one.header else "~", True),
    "state": (lambda one: _STATE_RANK.get(one.state, 1), True),
}
SORTS = frozenset(_COLUMNS) | {f"-{name}" for name in _COLUMNS}


@dataclass(slots=True)
class _Order:
    """The rows in one order, filtered or not, and the moment (of `Files`) that they are true for."""

    entries: list[Entry]
    structure: int
    change: int
    next_id: int  # rows from this id on came later


@dataclass(slots=True)
class Files:
    """The list. Every method may be called from any thread."""

    max_files: int = MAX_FILES
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _entries: dict[int, Entry] = field(default_factory=dict)
    _by_path: dict[str, int] = field(default_factory=dict)
    _next_id: int = 1
    _structure: int = 0  # counts what adds or removes rows
    _change: int = 0  # counts what changes a row
    _counts: dict[str, int] = field(default_factory=dict)
    _bytes: int = 0
    _orders: dict[tuple[str, Filter | None], _Order] = field(default_factory=dict)

    def add(self, found: Iterable[Candidate]) -> list[int]:
        """Adds files at the end; one that is in the list already, under whatever name, is not added again.

        Returns the new ids, fewer than asked where `max_files` is reached.
        """
        added: list[int] = []
        with self._lock:
            for one in found:
                real = os.fspath(one.real_path)
                if real in self._by_path or len(self._entries) >= self.max_files:
                    continue
                folder, name = os.path.split(os.fspath(one.path))
                file_id = self._next_id
                root = None if one.root is None else os.fspath(one.root)
                entry = Entry(
                    file_id, os.fspath(one.path), root, real, one.size, one.mtime_ns, name.casefold(), folder.casefold()
                )
                self._next_id += 1
                self._entries[file_id] = entry
                self._by_path[real] = file_id
                self._count(entry, 1)
                added.append(file_id)
            if added:
                self._structure += 1
        return added

    @property
    def is_full(self) -> bool:
        """Are there as many rows as there may be?"""
        return len(self._entries) >= self.max_files

    def remove(self, file_ids: Collection[int] | None = None) -> list[Entry]:
        """Takes rows off the list (None: all); those at work stay. Returns what was removed."""
        with self._lock:
            wanted = list(self._entries) if file_ids is None else file_ids
            gone = [one for file_id in wanted if (one := self._entries.get(file_id)) and one.state not in ACTIVE]
            for entry in gone:
                entry.listed = False
                del self._entries[entry.id]
                del self._by_path[entry.real_path]
                self._count(entry, -1)
            if gone:
                self._structure += 1
        return gone

    def get(self, file_id: int) -> Entry:
        """The row of that id. Raises InvalidRequest when there is none."""
        entry = self._entries.get(file_id)
        if entry is None:
            raise invalid("file_id", "the id of a row in the list", file_id)
        return entry

    def find(self, file_id: int) -> Entry | None:
        """The row of that id, if it is still in the list."""
        return self._entries.get(file_id)

    def at_path(self, path: str) -> Entry | None:
        """The row of the file that `path` (resolved) names."""
        with self._lock:
            return self._entries.get(self._by_path.get(path, 0))

    def all(self) -> list[Entry]:
        """Every row, in the order they were added."""
        with self._lock:
            return list(self._entries.values())

    def update(self, entry: Entry, **changes: Any) -> None:
        """Changes fields of a row; the counts follow. Nothing happens to a row that was removed meanwhile."""
        self.update_all((entry,), **changes)

    def update_all(self, entries: Iterable[Entry], **changes: Any) -> None:
        """The same for many rows, which get the same values, some at a time: the list can be asked meanwhile."""
        waiting = iter(entries)
        while some := list(islice(waiting, _AT_A_TIME)):
            with self._lock:
                for entry in some:
                    if not entry.listed:
                        continue
                    if "state" in changes:
                        self._count(entry, -1)
                    for name, value in changes.items():
                        setattr(entry, name, value)
                    if "state" in changes:
                        self._count(entry, 1)
                self._change += 1

    def move(self, entry: Entry, path: str, real_path: str, came_from: tuple[tuple[int, str, str], ...]) -> None:
        """Its file has another name now. Nothing happens where that has a row, or this one was removed."""
        with self._lock:
            if not entry.listed or self._by_path.get(real_path, entry.id) != entry.id:
                return
            del self._by_path[entry.real_path]
            self._by_path[real_path] = entry.id
            folder, name = os.path.split(path)
            entry.path, entry.real_path, entry.came_from = path, real_path, came_from
            entry.name_key, entry.folder_key = name.casefold(), folder.casefold()
            self._structure += 1
            self._change += 1

    def summary(self) -> ListSummary:
        """The list in numbers."""
        with self._lock:
            count = self._counts
            active = sum(count.get(state, 0) for state in ACTIVE)
            return ListSummary(
                len(self._entries),
                self._bytes,
                count.get("waiting", 0),
                active,
                *(count.get(state, 0) for state in ("written", "kept", "failed", "cancelled")),
            )

    def window(self, offset: int, limit: int, sort: str, wanted: Filter) -> tuple[list[Entry], int]:
        """At most `limit` rows from `offset` on of the filtered list, and how many it has.

        Raises InvalidRequest for an unknown column.
        """
        if sort not in SORTS:
            raise invalid("sort", f"one of {', '.join(sorted(_COLUMNS))}, with - before it or not", sort)
        with self._lock:
            entries = self._filtered(sort, wanted).entries
            if sort.startswith("-"):  # what is equal keeps the order in which it came, backwards
                end = len(entries) - offset
                return entries[max(0, end - limit) : max(0, end)][::-1], len(entries)
            return entries[offset : offset + limit], len(entries)

    def _filtered(self, sort: str, wanted: Filter) -> _Order:
        column = sort.removeprefix("-")
        whole = self._sorted(column)
        text = wanted.text.casefold().strip()
        if not text and wanted.state == "all":
            return whole
        key = (column, Filter(text, wanted.state))
        known = self._orders.get(key)
        if known and known.structure == self._structure and known.change == self._change:
            return known
        states = _FILTERED.get(wanted.state)
        entries: Sequence[Entry] = whole.entries
        if states is not None:
            entries = [one for one in entries if one.state in states]
        if text:
            entries = [one for one in entries if text in one.name_key or text in one.folder_key]
        return self._remember(key, _Order(list(entries), self._structure, self._change, self._next_id))

    def _sorted(self, column: str) -> _Order:
        sort_key, changes = _COLUMNS[column]
        known = self._orders.get((column, None))
        if known and known.structure == self._structure and (not changes or known.change == self._change):
            return known
        if known is None:
            entries = list(self._entries.values())
        elif known.structure == self._structure:
            entries = known.entries
        else:
            new = list(takewhile(lambda one: one.id >= known.next_id, reversed(self._entries.values())))
            entries = [one for one in known.entries if one.listed] + new[::-1]
        if column != "added":
            entries = sorted(entries, key=sort_key)
        return self._remember((column, None), _Order(entries, self._structure, self._change, self._next_id))

    def _remember(self, key: tuple[str, Filter | None], order: _Order) -> _Order:
        self._orders.pop(key, None)
        self._orders[key] = order
        while len(self._orders) > _ORDERS_IN_MIND:
            del self._orders[next(iter(self._orders))]
        return order

    def _count(self, entry: Entry, by: int) -> None:
        self._counts[entry.state] = self._counts.get(entry.state, 0) + by
        self._bytes += by * entry.size
