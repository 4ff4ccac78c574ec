"""`plume stats`, `plume history`, `plume undo`: what the database knows, and taking a batch back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from plume_app.cli_lines import files_text, json_line, shown, size_text
from plume_app.cli_progress import bar_width
from plume_app.cli_scan import shown_name
from plume_app.cli_stats import stats_json, stats_lines
from plume_app.database.queries.batches import BatchRow, history
from plume_app.database.queries.statistics import stats
from plume_app.database.queries.wins import biggest_wins
from plume_app.jobs.undo import UndoReport, undo_batch
from plume_app.runtime import Runtime
from plume_app.sentences import sentence

_PAGE_ROWS = 500


def show_stats(runtime: Runtime, *, as_json: bool) -> None:
    """Totals, by format pair and by day; how savings spread, how good predictions were, the biggest wins."""
    offset = 0 if as_json else _local_offset_minutes(datetime.now(UTC))
    with runtime.db.snapshot():
        found = stats(runtime.db, utc_offset_minutes=offset)
        best = biggest_wins(runtime.db)
    if as_json:
        click.echo(json_line(stats_json(found, best)))
    elif not found.totals.files:
        click.echo("Nothing was compressed yet.")
    else:
        for line in stats_lines(found, best):
            click.echo(line)


def _local_offset_minutes(now: datetime) -> int:
    """How far this machine's clock is ahead of UTC, in whole quarters of an hour."""
    ahead = now.astimezone().utcoffset() or timedelta()
    return round(ahead / timedelta(minutes=15)) * 15


def show_history(runtime: Runtime, *, as_json: bool) -> None:
    """Batches, newest first."""
    offset = 0
    while rows := history(runtime.db, offset=offset, limit=_PAGE_ROWS):
        for row in rows:
            click.echo(json_line(_batch_json(row)) if as_json else _batch_text(row))
        offset += len(rows)
    if not offset and not as_json:
        click.echo("No batch was run yet.")


def undo_one(runtime: Runtime, batch_id: int | None, *, as_json: bool) -> int:
    """Takes one batch back; returns the exit status: 1 when something had to be left as it is."""
    with undo_bar() as progress:
        report = undo_batch(runtime.db, runtime.store, batch_id, progress=progress)
    click.echo(json_line(_undo_json(report)) if as_json else _undo_text(report))
    if not as_json:
        for left in report.left:
            click.echo(f"{shown(shown_name(left.path))}: not undone. {sentence(left.code, left.facts)}", err=True)
        if batch_id is None and report.left and not report.restored and not report.removed:
            click.echo("To undo an earlier batch, give its number; plume history lists them.", err=True)
    return 1 if report.left else 0


@contextmanager
def undo_bar() -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error where that is a terminal: files dealt with, of how many, as `undo_batch` tells."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with ExitStack() as shown:
        bars: list[Any] = []

        def tell(done: int, total: int) -> None:
            if not bars:  # not before there is a batch: a refusal needs no bar
                bar = click.progressbar(
                    length=total, label="Undoing", file=sys.stderr, show_eta=True, show_pos=True, width=bar_width()
                )
                bars.append(shown.enter_context(bar))
            bars[0].update(done - bars[0].pos)

        yield tell


def _batch_json(row: BatchRow) -> dict[str, Any]:
    return {
        "type": "batch",
        "batch_id": row.id,
        "created_at": row.created_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "state": row.state,
        "settings": row.settings,
        "output": row.output,
        "files": row.files,
        "written": row.written,
        "kept": row.kept,
        "failed": row.failed,
        "cancelled": row.cancelled,
        "original_size": row.original_size,
        "compressed_size": row.compressed_size,
        "undoable": row.undoable,
    }


def _batch_text(row: BatchRow) -> str:
    moment = row.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
    ended = [("written", row.written), ("kept", row.kept), ("failed", row.failed), ("cancelled", row.cancelled)]
    counts = "".join(f", {number:,} {name}" for name, number in ended if number or name == "written")
    sizes = ""
    if row.original_size:
        before, after = row.original_size, row.compressed_size or 0
        sizes = f", {size_text(before)} -> {size_text(after)} ({100 * (after / before - 1):+.1f} %)"
    undo = f", undo with: plume undo {row.id}" if row.undoable else ""
    how = _settings_text(row.settings)
    return f"{row.id}  {moment}  {row.state}: {files_text(row.files)}{counts}{sizes}{how}{undo}"


def _settings_text(settings: dict[str, Any]) -> str:
    """What was asked, as far as a row of any age knows it."""
    target = settings.get("output_format", "keep")
    quality = "lossless" if settings.get("lossless") else f"quality {settings.get('quality', '?')}"
    return f", {quality}" if target == "keep" else f", to {target} {quality}"


def _undo_json(report: UndoReport) -> dict[str, Any]:
    return {
        "type": "undo",
        "batch_id": report.batch_id,
        "restored": report.restored,
        "removed": report.removed,
        "left": [{"path": str(left.path), "code": left.code} for left in report.left],
    }


def _undo_text(report: UndoReport) -> str:
    done = [
        f"{number:,} {what}{'' if number == 1 else 's'} {done}"
        for number, what, done in ((report.restored, "original", "restored"), (report.removed, "result", "removed"))
        if number
    ]
    return f"Batch {report.batch_id}: {', '.join(done) or 'nothing to take back'}."
