"""What was done, and taking it back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Literal

from plume_app.bridge import command
from plume_app.context import AppContext
from plume_app.database.queries import overview
from plume_app.database.queries.batches import BatchRow, history
from plume_app.domain.file.naming import DEFAULT_SUFFIX, FOLDER, IN_PLACE
from plume_app.domain.shared.errors import invalid
from plume_app.domain.shared.moments import moment_text
from plume_app.wire import OF_BATCH, Output

MAX_HISTORY = 500


@dataclass(frozen=True, slots=True)
class GetHistory:
    """A page of the history."""

    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True)
class HistoryBatch:
    """One batch; `undoable` counts the files that an undo would still touch, `resumable` those that were not begun.

    `settings` and `output` may be given to `compress_image` as they are, to do the same again.
    """

    batch_id: int
    created_at: str
    finished_at: str | None
    state: str
    settings: dict[str, Any]
    output: Output
    files: int
    written: int
    kept: int
    failed: int
    cancelled: int
    original_size: int | None
    compressed_size: int | None
    undoable: int
    resumable: int


@dataclass(frozen=True, slots=True)
class History:
    """Batches, newest first, and how many there are."""

    total: int
    batches: list[HistoryBatch]


@dataclass(frozen=True, slots=True)
class UndoBatch:
    """Which batch."""

    batch_id: int


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that was not taken back, and the code that says why."""

    path: str
    code: str


@dataclass(frozen=True, slots=True)
class UndoReport:
    """Originals back in their place, results removed, and what was left as it is."""

    restored: int
    removed: int
    left: list[LeftFile]


@dataclass(frozen=True, slots=True)
class ExportHistory:
    """As a table or as JSON."""

    format: Literal["csv", "json"]


@dataclass(frozen=True, slots=True)
class Exported:
    """False when the user thought better of it. The end of the writing is told as a notice."""

    saved: bool


@command
def get_history(context: AppContext, request: GetHistory) -> History:
    """Batches, newest first, with what can be undone."""
    if request.offset < 0 or not 0 <= request.limit <= MAX_HISTORY:
        raise invalid("limit", f"an offset from 0 and a limit from 0 to {MAX_HISTORY}", (request.offset, request.limit))
    rows = history(context.db, offset=request.offset, limit=request.limit)
    told = [_told(row) for row in rows]
    return History(overview.count_batches(context.db), told)


@command
def undo_batch(context: AppContext, request: UndoBatch) -> UndoReport:
    """Put the originals of a batch back and remove its results, where they are still what it wrote."""
    report = context.desk.undo(request.batch_id)
    left = [LeftFile(os.fspath(one.path), one.code) for one in report.left]
    return UndoReport(report.restored, report.removed, left)


@command
def export_history(context: AppContext, request: ExportHistory) -> Exported:
    """Ask where, and begin to write every file of the history there; a notice tells when that is done."""
    target = context.shell.choose_target(f"plume-history.{request.format}")
    if target is None:
        return Exported(False)
    context.exporting.begin(target, request.format)
    return Exported(True)


def _told(row: BatchRow) -> HistoryBatch:
    return HistoryBatch(
        row.id,
        moment_text(row.created_at),
        moment_text(row.finished_at) if row.finished_at else None,
        row.state,
        row.settings,
        _output(row),
        row.files,
        row.written,
        row.kept,
        row.failed,
        row.cancelled,
        row.original_size,
        row.compressed_size,
        row.undoable,
        row.queued if row.state == "interrupted" else 0,
    )


def _output(row: BatchRow) -> Output:
    """Where a batch wrote to. Its folder is named by the batch: the page gives no paths."""
    policy, suffix = row.output.get("policy"), row.output.get("suffix", DEFAULT_SUFFIX)
    if policy == FOLDER:
        return Output("folder", suffix, f"{OF_BATCH}{row.id}", row.output.get("folder"))
    return Output("in_place" if policy == IN_PLACE else "suffix", suffix)
