"""What was saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from plume_app.bridge import command
from plume_app.context import AppContext
from plume_app.database.queries import overview, statistics
from plume_app.domain.shared.errors import invalid
from plume_app.domain.shared.moments import moment_of
from plume_app.events import StatsChanged
from plume_app.wire import Empty


@dataclass(frozen=True, slots=True)
class GetStats:
    """From `since` to before `until`, moments as UTC text; None: all."""

    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums; `saved_bytes` may be negative."""

    files: int
    original_size: int
    compressed_size: int
    saved_bytes: int


@dataclass(frozen=True, slots=True)
class PairTotals(Totals):
    """The sums of one pair of formats."""

    input_format: str
    output_format: str


@dataclass(frozen=True, slots=True)
class DayTotals(Totals):
    """The sums of one day (UTC), `2026-01-31`."""

    day: str


@dataclass(frozen=True, slots=True)
class SavingsBucket:
    """Files that saved from `from_percent` to `to_percent`."""

    from_percent: int
    to_percent: int
    files: int


@dataclass(frozen=True, slots=True)
class PredictionAccuracy:
    """How far predictions were off, for the middle file."""

    files: int
    median_error_percent: float


@dataclass(frozen=True, slots=True)
class Stats:
    """What was saved; undone files do not count."""

    totals: Totals
    by_format_pair: list[PairTotals]
    by_day: list[DayTotals]
    median_savings_percent: float | None
    savings_distribution: list[SavingsBucket]
    prediction_accuracy: PredictionAccuracy | None


@dataclass(frozen=True, slots=True)
class ResetStats:
    """`undo` takes the last clearing back."""

    undo: bool = False


@command
def get_stats(context: AppContext, request: GetStats) -> Stats:
    """What was saved: totals, by pair of formats, by day, how it spreads, how good the predictions were."""
    span = (_moment("since", request.since), _moment("until", request.until))
    found = statistics.stats(context.db, since=span[0], until=span[1])
    spread = overview.savings_distribution(context.db, *span)
    accuracy = overview.prediction_accuracy(context.db, *span)
    return Stats(
        Totals(*_sums(found.totals)),
        [PairTotals(*_sums(one.totals), one.input_format, one.output_format) for one in found.by_format_pair],
        [DayTotals(*_sums(one.totals), one.day) for one in found.by_day],
        overview.median_savings(context.db, *span),
        [SavingsBucket(one.from_percent, one.to_percent, one.files) for one in spread],
        PredictionAccuracy(accuracy.files, accuracy.median_error_percent) if accuracy else None,
    )


@command
def reset_stats(context: AppContext, request: ResetStats) -> Empty:
    """Clear the statistics, or take that back; the history, its originals and what is already done stay known."""
    if not request.undo:
        overview.clear_statistics(context.db, datetime.now(UTC))
    elif not overview.restore_statistics(context.db):
        raise invalid("undo", "statistics that were cleared a short while ago", request.undo)
    context.events.emit(StatsChanged())
    return Empty()


def _moment(name: str, text: str | None) -> datetime | None:
    try:
        found = None if text is None else moment_of(text)
    except ValueError as error:
        raise invalid(name, "a moment such as 2026-01-31T12:00:00.000Z", text) from error
    if found is not None and found.tzinfo is None:
        raise invalid(name, "a moment with its time zone", text)
    return found


def _sums(totals: statistics.Totals) -> tuple[int, int, int, int]:
    return totals.files, totals.original_size, totals.compressed_size, totals.saved_bytes
