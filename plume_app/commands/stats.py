"""What was saved."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plume_app.bridge import command
from plume_app.context import AppContext
from plume_app.database.queries import clearing, statistics, wins
from plume_app.domain.shared.errors import invalid
from plume_app.domain.shared.moments import moment_of, moment_text
from plume_app.events import StatsChanged
from plume_app.wire import Empty


@dataclass(frozen=True, slots=True)
class GetStats:
    """From `since` to before `until`, moments as UTC text; None: all. Days are of a clock so far ahead of UTC.

    Without `days`, `by_day` stays empty: years of days are most of an answer that only its sums are asked of.
    """

    since: str | None = None
    until: str | None = None
    utc_offset_minutes: int = 0
    days: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums in bytes; savings may be negative. Disk sizes count blocks, where those of both files are known."""

    files: int
    original_size: int
    compressed_size: int
    saved_bytes: int
    original_disk_size: int
    compressed_disk_size: int
    saved_disk_bytes: int


@dataclass(frozen=True, slots=True)
class PairTotals(Totals):
    """The sums of one pair of formats."""

    input_format: str
    output_format: str


@dataclass(frozen=True, slots=True)
class DayTotals(Totals):
    """The sums of one day, `2026-01-31`; days without files are left out."""

    day: str


@dataclass(frozen=True, slots=True)
class FilesBetween:
    """Files between two percentages; None: no bound. Savings: without the lower, with the upper one."""

    from_percent: int | None
    to_percent: int | None
    files: int


@dataclass(frozen=True, slots=True)
class PredictionAccuracy:
    """How far predictions were off, for the middle file; `errors` is signed, below zero was predicted too small."""

    files: int
    median_error_percent: float
    within_interval_percent: float | None
    errors: list[FilesBetween]


@dataclass(frozen=True, slots=True)
class Win:
    """A file that became much smaller; `name` without its folder."""

    job_id: int | None
    name: str | None
    input_format: str
    output_format: str
    original_size: int
    compressed_size: int
    saved_bytes: int
    created_at: str


@dataclass(frozen=True, slots=True)
class Stats:
    """What was saved; undone files do not count. The first bucket of savings holds what saved nothing or grew.

    `first_at`: when the first file of all was compressed, whatever the range.
    """

    totals: Totals
    by_format_pair: list[PairTotals]
    by_day: list[DayTotals]
    median_savings_percent: float | None
    savings_distribution: list[FilesBetween]
    prediction_accuracy: PredictionAccuracy | None
    biggest_wins: list[Win]
    first_at: str | None


@dataclass(frozen=True, slots=True)
class ResetStats:
    """`undo` takes the last clearing back."""

    undo: bool = False


@command
def get_stats(context: AppContext, request: GetStats) -> Stats:
    """What was saved: totals, by pair of formats, by day, how it spreads, how good the predictions were."""
    since, until = _moment("since", request.since), _moment("until", request.until)
    offset = request.utc_offset_minutes
    if offset % 15 or abs(offset) >= statistics.MAX_OFFSET_MINUTES:
        raise invalid("utc_offset_minutes", "whole quarters of an hour within a day", offset)
    with context.db.snapshot():
        found = statistics.stats(context.db, since=since, until=until, utc_offset_minutes=offset)
        best = wins.biggest_wins(context.db, since=since, until=until)
    return Stats(
        Totals(*_sums(found.totals)),
        [PairTotals(*_sums(one.totals), one.input_format, one.output_format) for one in found.by_format_pair],
        [DayTotals(*_sums(one.totals), one.day) for one in (found.by_day if request.days else ())],
        found.median_savings_percent,
        [FilesBetween(one.from_percent, one.to_percent, one.files) for one in found.savings_distribution],
        _accuracy(found.accuracy),
        [_win(one) for one in best],
        moment_text(found.first_at) if found.first_at else None,
    )


@command
def reset_stats(context: AppContext, request: ResetStats) -> Empty:
    """Clear the statistics, or take that back; the history, its originals and what is already done stay known."""
    if not request.undo:
        clearing.clear_statistics(context.db, datetime.now(UTC))
    elif not clearing.restore_statistics(context.db):
        raise invalid("undo", "statistics that were cleared a short while ago", request.undo)
    context.events.emit(StatsChanged())
    return Empty()


def _moment(name: str, text: str | None) -> datetime | None:
    try:
        found = None if text is None else moment_of(text)
        if found is not None and found.tzinfo is None:
            raise invalid(name, "a moment with its time zone", text)
        return None if found is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(name, "a moment such as 2026-01-31T12:00:00.000Z", text) from error


def _sums(totals: statistics.Totals) -> tuple[int, int, int, int, int, int, int]:
    sizes = totals.original_size, totals.compressed_size, totals.saved_bytes
    disk = totals.original_disk_size, totals.compressed_disk_size, totals.saved_disk_bytes
    return totals.files, *sizes, *disk


def _accuracy(found: statistics.Accuracy | None) -> PredictionAccuracy | None:
    if found is None:
        return None
    errors = [FilesBetween(one.from_percent, one.to_percent, one.files) for one in found.errors]
    return PredictionAccuracy(found.files, found.median_error_percent, found.within_interval_percent, errors)


def _win(one: wins.Win) -> Win:
    name = None if one.path is None else Path(os.fsdecode(one.path)).name
    saved = one.original_size - one.compressed_size
    sizes = one.original_size, one.compressed_size, saved
    return Win(one.job_id, name, one.input_format, one.output_format, *sizes, one.created_at)
