"""What was saved, from the sums that the database keeps: the time of an answer does not grow with the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from plume_app.database import spread
from plume_app.database.aggregates import COUNTED, PLAIN, worth
from plume_app.database.aggregates import spread as bucket_of
from plume_app.database.connection import Database
from plume_app.database.queries.clearing import cleared_upto
from plume_app.database.spans import QUARTER_S, ROWS, Piece, pieces, quarters
from plume_app.domain.shared.moments import moment_of, moment_text

MAX_OFFSET_MINUTES = 24 * 60


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

    @property
    def saved_disk_bytes(self) -> int:
        """What the disk has more room by."""
        return self.original_disk_size - self.compressed_disk_size


@dataclass(frozen=True, slots=True)
class PairTotals:
    """The sums of one pair of formats."""

    input_format: str
    output_format: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The sums of one day of the user, `2026-01-31`."""

    day: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good the predictions of `files` were; `within_interval_percent` over those that had an interval."""

    files: int
    median_error_percent: float
    within_interval_percent: float | None
    errors: tuple[spread.Bucket, ...]


@dataclass(frozen=True, slots=True)
class Stats:
    """What was saved in a range of time. Undone and cleared files are not in it.

    `first_at` is when the first file of all was compressed, whatever the range.
    """

    totals: Totals
    by_format_pair: tuple[PairTotals, ...]
    by_day: tuple[DayTotals, ...]
    median_savings_percent: float | None
    savings_distribution: tuple[spread.Bucket, ...]
    accuracy: Accuracy | None
    first_at: datetime | None


def stats(
    db: Database, *, since: datetime | None = None, until: datetime | None = None, utc_offset_minutes: int = 0
) -> Stats:
    """Everything from `since` to before `until`, or all of it. The largest saving comes first, the oldest day first.

    Days are those of a clock that is `utc_offset_minutes` ahead of UTC, a whole number of quarters of an hour.
    """
    with db.snapshot():
        upto = cleared_upto(db)
        pairs = _pairs(db, upto, pieces(since, until))
        left, forecast = _histograms(db, upto, pieces(since, until))
        days = _days(db, upto, *quarters(since, until), utc_offset_minutes)
        first_at = _first_at(db, upto)
    sums = [sum(column) for column in zip(*(counts for _, _, counts in pairs), strict=True)] or [0] * len(COUNTED)
    return Stats(
        Totals(*sums[: len(PLAIN)]),
        tuple(PairTotals(before, after, Totals(*counts[: len(PLAIN)])) for before, after, counts in pairs),
        days,
        spread.median_savings(left),
        tuple(spread.savings_distribution(left)),
        _accuracy(forecast, *sums[len(PLAIN) :]),
        first_at,
    )


def _pairs(db: Database, upto: int, parts: Sequence[Piece]) -> list[tuple[str, str, tuple[int, ...]]]:
    keys = ("input_format", "output_format")
    kept = f"SELECT {_named(keys, 'p')}, {_named(COUNTED, 'p')} {_of_eras('statistics_pairs')}"
    rows = f"SELECT {_named(keys, 's')}, {', '.join(worth('s'))} {_ROWS}"
    columns = ", ".join((*keys, *COUNTED))
    found = _union(db, upto, parts, kept, rows, f"SELECT {', '.join(keys)}, {_sums(COUNTED)} FROM", columns)
    pairs = [(before, after, tuple(counts)) for before, after, *counts in found if counts[0]]
    return sorted(pairs, key=lambda one: (one[2][2] - one[2][1], one[0], one[1]))


def _histograms(db: Database, upto: int, parts: Sequence[Piece]) -> tuple[dict[int, int], dict[int, int]]:
    """Files in each bucket: of what is left, and of predictions; see aggregates.py."""
    counted: dict[str, dict[int, int]] = {"left": defaultdict(int), "forecast": defaultdict(int)}
    kept = f"SELECT p.kind, p.bucket, p.files {_of_eras('statistics_spread')}"
    for kind, (bucket, known) in bucket_of("s").items():
        rows = f"SELECT '{kind}', {bucket}, 1 {_ROWS} AND {known}"
        wanted = parts if kind == "left" else [part for part in parts if part.level == ROWS]  # kept ones hold both
        for name, at, files in _union(
            db, upto, wanted, kept, rows, "SELECT kind, bucket, sum(files) FROM", "kind, bucket, files"
        ):
            counted[name][at] += files
    return counted["left"], counted["forecast"]


def _days(
    db: Database, upto: int, first: int, last: int, edges: Sequence[Piece], offset_minutes: int
) -> tuple[DayTotals, ...]:
    minutes = QUARTER_S // 60
    plain = ", ".join(worth("s")[: len(PLAIN)])
    kept = f"SELECT (p.quarter * {minutes} + ?) / 1440 AS day, {_named(PLAIN, 'p')} FROM statistics_eras AS e"  # noqa: S608
    kept += " CROSS JOIN statistics_quarters AS p ON p.era = e.first_id"
    questions = [f"{kept} WHERE e.first_id > ? AND p.quarter >= ? AND p.quarter < ?"]
    parameters: list[object] = [offset_minutes, upto, first, last]
    for edge in edges:
        questions.append(f"SELECT (CAST(strftime('%s', s.created_at) AS INTEGER) / 60 + ?) / 1440, {plain} {_ROWS}")
        parameters += [offset_minutes, upto, edge.start, edge.end]
    found = db.sql(
        f"SELECT day, {_sums(PLAIN)} FROM ({' UNION ALL '.join(questions)}) GROUP BY day ORDER BY day",  # noqa: S608
        parameters,
    )
    return tuple(DayTotals(_day(day), Totals(*sums)) for day, *sums in found if sums[0])


def _first_at(db: Database, upto: int) -> datetime | None:
    ((quarter,),) = db.sql(
        "SELECT min(p.quarter) FROM statistics_eras AS e CROSS JOIN statistics_quarters AS p ON p.era = e.first_id"
        " WHERE e.first_id > ? AND p.files > 0",
        (upto,),
    )
    if quarter is None:
        return None
    about = moment_text(datetime.fromtimestamp(quarter * QUARTER_S, UTC))
    found = db.sql(f"SELECT s.created_at {_ROWS} ORDER BY s.created_at LIMIT 1", (upto, about, "~"))
    return moment_of(found[0][0]) if found else None


def _accuracy(forecast: dict[int, int], predicted: int, intervals: int, within: int) -> Accuracy | None:
    middle = spread.median_error(forecast)
    if middle is None or not predicted:
        return None
    share = round(100 * within / intervals, 1) if intervals else None
    return Accuracy(predicted, middle, share, tuple(spread.error_distribution(forecast)))


# The rows of an edge. The plus keeps SQLite from walking the ids instead of the moments.
_ROWS = "FROM compression_stats AS s WHERE s.undone = 0 AND +s.id > ? AND s.created_at >= ? AND s.created_at < ?"


def _of_eras(table: str) -> str:
    return (
        f"FROM statistics_eras AS e CROSS JOIN {table} AS p ON p.era = e.first_id WHERE e.first_id > ? AND p.level = ?"
        " AND p.span >= ? AND p.span < ?"
    )


def _union(
    db: Database, upto: int, parts: Sequence[Piece], kept: str, rows: str, head: str, columns: str
) -> list[tuple[Any, ...]]:
    """One question over all pieces: `kept` for those that are summed already, `rows` for the others."""
    if not parts:
        return []
    questions, parameters = [], []
    for part in parts:
        questions.append(rows if part.level == ROWS else kept)
        parameters += [upto, *(() if part.level == ROWS else (part.level,)), part.start, part.end]
    joined = " UNION ALL ".join(questions)
    return db.sql(f"WITH parts ({columns}) AS ({joined}) {head} parts GROUP BY 1, 2", parameters)


def _sums(names: Sequence[str]) -> str:
    return ", ".join(f"sum({name})" for name in names)


def _named(names: Sequence[str], table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
