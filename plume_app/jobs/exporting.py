"""The history into a file that the user chose, in a thread of its own: a million rows take half a minute."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.queries.overview import HistoryLine, history_lines
from plume_app.domain.file.export import export_pieces, save
from plume_app.domain.shared.errors import InvalidRequest, PlumeError, TargetUnwritable
from plume_app.events import Event, Notice

_COLUMNS = tuple(one.name for one in fields(HistoryLine))

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The program ends; the target stays as it was."""


class Exporting:
    """One export at a time. Its end is a notice, `history_exported` or `export_failed`. Close it.

    `lines` tells what is to be written.
    """

    def __init__(
        self,
        db: Database,
        *,
        emit: Callable[[Event], None],
        lines: Callable[[Database], Iterator[HistoryLine]] = history_lines,
    ) -> None:
        self._db = db
        self._emit = emit
        self._lines = lines
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, target: Path, kind: str) -> None:
        """Have the history written to `target` as "csv" or "json"; returns at once.

        Raises TargetUnwritable where that is known already, InvalidRequest while another export runs.
        """
        if not os.access(target.parent, os.W_OK):
            raise TargetUnwritable(folder=os.fspath(target.parent), problem="it cannot be written")
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise InvalidRequest(problem="An export is being written; wait for its end.")
            self._thread = threading.Thread(target=self._write, args=(target, kind), name="plume-export", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Ends a running export; its target is as it was before."""
        self._stopping.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _write(self, target: Path, kind: str) -> None:
        facts: dict[str, str | int | float] = {"path": os.fspath(target), "rows": 0}

        def rows() -> Iterator[dict[str, Any]]:
            for number, line in enumerate(self._lines(self._db), 1):
                if self._stopping.is_set():
                    raise _Stopped
                facts["rows"] = number
                yield _told(line)

        try:
            with self._db.connection_context():
                save(target, export_pieces(rows(), _COLUMNS, kind))
        except _Stopped:
            return
        except PlumeError as error:
            _log.warning("export to %s: %s", target, error)
            self._emit(Notice("export_failed", facts))
        except Exception:  # the thread's edge: the user must hear that there is no file
            _log.exception("export to %s", target)
            self._emit(Notice("export_failed", facts))
        else:
            self._emit(Notice("history_exported", facts))


def _told(line: HistoryLine) -> dict[str, Any]:
    output = None if line.output_path is None else os.fsdecode(line.output_path)
    told = {name: getattr(line, name) for name in _COLUMNS}  # asdict copies deeply, and takes ten times as long
    return told | {"path": os.fsdecode(line.path), "output_path": output}
