"""`plume stats`, `plume history`, `plume undo`: what the database knows, and taking a batch back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from plume_app.cli_lines import files_text, json_line, shown, size_text
from plume_app.cli_scan import shown_name
from plume_app.database.queries.batches import BatchRow, history
from plume_app.database.queries.statistics import Totals, stats
from plume_app.jobs.undo import UndoReport, undo_batch
from plume_app.runtime import Runtime
from plume_app.sentences import sentence

_PAGE_ROWS = 500


def show_stats(runtime: Runtime, *, as_json: bool) -> None:
    """Totals, by format pair and by day."""
    found = stats(runtime.db)
    if as_json:
        click.echo(
            json_line(
                {
                    "type": "stats",
                    **_totals(found.totals),
                    "by_format_pair": [
                        {"input_format": pair.input_format, "output_format": pair.output_format, **_totals(pair.totals)}
                        for pair in found.by_format_pair
                    ],
                    "by_day": [{"day": day.day, **_totals(day.totals)} for day in found.by_day],
                }
            )
        )
        return
    if not found.totals.files:
        click.echo("Nothing was compressed yet.")
        return
    rows = [("all", found.totals)]
    rows += [(f"{pair.input_format} to {pair.output_format}", pair.totals) for pair in found.by_format_pair]
    _table("pictures", rows)
    click.echo()
    _table("day (UTC)", [(day.day, day.totals) for day in found.by_day])


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
    report = undo_batch(runtime.db, runtime.store, batch_id)
    click.echo(json_line(_undo_json(report)) if as_json else _undo_text(report))
    if not as_json:
        for left in report.left:
            click.echo(f"{shown(shown_name(left.path))}: left as it is. {sentence(left.code, {})}", err=True)
    return 1 if report.left else 0


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        "files": totals.files,
        "original_size": totals.original_size,
        "compressed_size": totals.compressed_size,
        "saved_bytes": totals.saved_bytes,
        "original_disk_size": totals.original_disk_size,
        "compressed_disk_size": totals.compressed_disk_size,
    }


def _table(title: str, rows: Sequence[tuple[str, Totals]]) -> None:
    cells: list[tuple[str, ...]] = [(title, "files", "before", "after", "saved", "")]
    for name, totals in rows:
        percent = 100 * totals.saved_bytes / totals.original_size if totals.original_size else 0.0
        sizes = (totals.original_size, totals.compressed_size, totals.saved_bytes)
        cells.append((name, f"{totals.files:,}", *map(size_text, sizes), f"{percent:.1f} %"))
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for name, *numbers in cells:
        rest = "  ".join(number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        click.echo(f"{name.ljust(widths[0])}  {rest}".rstrip())


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
    before, after = row.original_size or 0, row.compressed_size or 0
    undo = f", undo with: plume undo {row.id}" if row.undoable else ""
    sizes = f", {size_text(before)} -> {size_text(after)}" if before else ""
    return f"{row.id}  {moment}  {row.state}: {files_text(row.files)}, {row.written} written{sizes}{undo}"


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
        f"{number} {what}"
        for number, what in ((report.restored, "originals restored"), (report.removed, "results removed"))
        if number
    ]
    return f"Batch {report.batch_id}: {', '.join(done) or 'nothing to take back'}."
