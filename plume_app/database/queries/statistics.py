"""What was saved: totals, by pair of formats, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plume_app.database.connection import Database
from plume_app.database.queries.overview import counted
from plume_app.domain.shared.moments import moment_text


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in bytes. Disk sizes count blocks, over the files where both are known. Savings may be negative."""

    files: int
    original_size: int
    compressed_size: int
    original_disk_size: int
    compressed_disk_size: int

    @property
    def saved_bytes(self) -> int:
        """What the files are smaller by."""
        return self.original_size - self.compressed_size


@dataclass(frozen=True, slots=True)
class PairTotals:
    """The sums of one pair of formats."""

    input_format: str
    output_format: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The sums of one day (UTC), `2026-01-31`."""

    day: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Stats:
    """What `plume stats` tells. Undone files are not in it."""

    totals: Totals
    by_format_pair: tuple[PairTotals, ...]
    by_day: tuple[DayTotals, ...]


_SUMS = (
    "count(*), coalesce(sum(original_size), 0), coalesce(sum(compressed_size), 0),"
    " coalesce(sum(CASE WHEN compressed_disk_size IS NOT NULL THEN original_disk_size END), 0),"
    " coalesce(sum(CASE WHEN original_disk_size IS NOT NULL THEN compressed_disk_size END), 0)"
)
_WHERE = counted()


def stats(db: Database, *, since: datetime | None = None, until: datetime | None = None) -> Stats:
    """Everything from `since` to before `until`, or all of it. The largest saving comes first, the oldest day first."""
    span = (moment_text(since) if since else "", moment_text(until) if until else "~")
    with db.snapshot():
        totals = db.sql(f"SELECT {_SUMS} {_WHERE}", span)[0]
        pairs = db.sql(
            f"SELECT input_format, output_format, {_SUMS} {_WHERE} GROUP BY input_format, output_format"
            " ORDER BY sum(original_size) - sum(compressed_size) DESC, input_format, output_format",
            span,
        )
        days = db.sql(f"SELECT substr(created_at, 1, 10) AS day, {_SUMS} {_WHERE} GROUP BY day ORDER BY day", span)
    return Stats(
        Totals(*totals),
        tuple(PairTotals(row[0], row[1], Totals(*row[2:])) for row in pairs),
        tuple(DayTotals(row[0], Totals(*row[1:])) for row in days),
    )
