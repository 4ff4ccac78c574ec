"""What `plume stats` says: one JSON object for programs, tables for people. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plume_app.cli_lines import shown, size_text
from plume_app.database.queries.statistics import Accuracy, Stats, Totals
from plume_app.database.queries.wins import Win
from plume_app.domain.shared.moments import moment_text

DAYS_SHOWN = 14
_BAR = 30  # characters of the longest bar


def stats_json(found: Stats, best: Sequence[Win]) -> dict[str, Any]:
    """The contract's object of type "stats"; its days are those of UTC."""
    return {
        "type": "stats",
        **_totals(found.totals),
        "by_format_pair": [
            {"input_format": pair.input_format, "output_format": pair.output_format, **_totals(pair.totals)}
            for pair in found.by_format_pair
        ],
        "by_day": [{"day": day.day, **_totals(day.totals)} for day in found.by_day],
        "median_savings_percent": found.median_savings_percent,
        "savings_distribution": [asdict(one) for one in found.savings_distribution],
        "prediction_accuracy": asdict(found.accuracy) if found.accuracy else None,
        "biggest_wins": [
            {
                "job_id": win.job_id,
                "path": None if win.path is None else os.fsdecode(win.path),
                "input_format": win.input_format,
                "output_format": win.output_format,
                "original_size": win.original_size,
                "compressed_size": win.compressed_size,
                "saved_bytes": win.original_size - win.compressed_size,
                "created_at": win.created_at,
            }
            for win in best
        ],
        "first_at": moment_text(found.first_at) if found.first_at else None,
    }


def stats_lines(found: Stats, best: Sequence[Win]) -> Iterator[str]:
    """The same for people, line by line."""
    rows = [("all", found.totals)]
    rows += [(f"{pair.input_format} to {pair.output_format}", pair.totals) for pair in found.by_format_pair]
    yield from _sizes("pictures", rows)
    yield ""
    yield from _sizes("day", [(day.day, day.totals) for day in found.by_day[-DAYS_SHOWN:]])
    if len(found.by_day) > DAYS_SHOWN:
        yield f"The last {DAYS_SHOWN} of {len(found.by_day):,} days; plume stats --json has all."
    yield ""
    yield from _spread(found)
    if found.accuracy:
        yield ""
        yield _accuracy_text(found.accuracy)
    if best:
        yield ""
        yield from _table(("biggest wins", "before", "after", "saved", "formats"), [_win(win) for win in best])


def _totals(totals: Totals) -> dict[str, Any]:
    return {
        **asdict(totals),
        "saved_bytes": totals.saved_bytes,
        "saved_disk_bytes": totals.saved_disk_bytes,
    }


def _sizes(title: str, rows: Sequence[tuple[str, Totals]]) -> Iterator[str]:
    cells = []
    for name, totals in rows:
        percent = 100 * totals.saved_bytes / totals.original_size if totals.original_size else 0.0
        sizes = map(size_text, (totals.original_size, totals.compressed_size, totals.saved_bytes))
        cells.append((name, f"{totals.files:,}", *sizes, f"{percent:.1f} %", size_text(totals.saved_disk_bytes)))
    yield from _table((title, "files", "before", "after", "saved", "", "saved on disk"), cells)


def _spread(found: Stats) -> Iterator[str]:
    most = max((one.files for one in found.savings_distribution), default=0)
    cells = [
        (
            "not smaller" if one.from_percent is None else f"{one.from_percent} to {one.to_percent} %",
            f"{one.files:,}",
            "#" * -(-_BAR * one.files // most) if most else "",
        )
        for one in found.savings_distribution
    ]
    yield from _table(("savings", "files"), [cell[:2] for cell in cells], after=[cell[2] for cell in cells])
    if found.median_savings_percent is not None and found.median_savings_percent < 0:
        yield "More than half of the files grew."
    elif found.median_savings_percent is not None:
        yield f"Half of the files saved {found.median_savings_percent:.1f} % or more."


def _accuracy_text(accuracy: Accuracy) -> str:
    told = f"Predictions: half of {accuracy.files:,} were within {accuracy.median_error_percent:.1f} % of the real size"
    if accuracy.within_interval_percent is None:
        return f"{told}."
    return f"{told}; {accuracy.within_interval_percent:.0f} % of the results lay in the range that was told."


def _win(win: Win) -> tuple[str, ...]:
    name = "(forgotten)" if win.path is None else shown(Path(os.fsdecode(win.path)).name)
    sizes = win.original_size, win.compressed_size, win.original_size - win.compressed_size
    return (name, *map(size_text, sizes), f"{win.input_format} to {win.output_format}")


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], after: Sequence[str] = ()) -> Iterator[str]:
    """The first column to the left, numbers to the right; `after` follows each row."""
    cells = [head, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    ends = ["", *after] if after else [""] * len(cells)
    for (name, *numbers), end in zip(cells, ends, strict=True):
        rest = "  ".join(number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True))
        yield f"{name.ljust(widths[0])}  {rest}  {end}".rstrip()
