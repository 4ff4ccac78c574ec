"""A range of time in as few kept sums as hold it: whole months, days and hours, and rows at its two edges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from plume_app.database.aggregates import DAY, HOUR, MONTH
from plume_app.domain.shared.moments import moment_text

ROWS = 24  # the level below the hour: rows themselves, by the whole text of their moment
QUARTER_S = 900
EVER = ("", "~")  # before and after the text of every moment
_FIRST, _LAST = (
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9998, 1, 1, tzinfo=UTC),
)  # rounding up must not leave the calendar


@dataclass(frozen=True, slots=True)
class Piece:
    """What lies from `start` to before `end`, both prefixes of a moment's text of `level` characters."""

    level: int
    start: str
    end: str


def pieces(since: datetime | None, until: datetime | None, level: int = MONTH) -> list[Piece]:
    """The pieces that make up `since` to before `until`, each instant in exactly one; None is for ever."""
    since, until = _within(since), _within(until)
    if since is not None and until is not None and since >= until:
        return []
    if level == ROWS:
        return [Piece(ROWS, moment_text(since) if since else EVER[0], moment_text(until) if until else EVER[1])]
    start = None if since is None else _up(since, level)
    end = None if until is None else _down(until, level)
    below = {MONTH: DAY, DAY: HOUR, HOUR: ROWS}[level]
    if start is not None and end is not None and start >= end:
        return pieces(since, until, below)
    whole = Piece(level, _text(start, level, EVER[0]), _text(end, level, EVER[1]))
    return [
        *([] if start is None else pieces(since, start, below)),
        whole,
        *([] if end is None else pieces(end, until, below)),
    ]


def quarters(since: datetime | None, until: datetime | None) -> tuple[int, int, list[Piece]]:
    """The first quarter of an hour wholly in the range, the first after its last, and the rows at the edges."""
    since, until = _within(since), _within(until)
    first = 0 if since is None else -(-_milliseconds(since) // (QUARTER_S * 1000))
    last = 1 << 62 if until is None else _milliseconds(until) // (QUARTER_S * 1000)
    if first >= last:
        return 0, 0, pieces(since, until, ROWS)
    edges = [] if since is None else pieces(since, _moment(first), ROWS)
    return first, last, edges + ([] if until is None else pieces(_moment(last), until, ROWS))


def _within(moment: datetime | None) -> datetime | None:
    """In UTC, in whole milliseconds as rows have them, and far enough from both ends of the calendar."""
    if moment is None:
        return None
    moment = min(max(moment, _FIRST), _LAST).astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _down(moment: datetime, level: int) -> datetime:
    moment = moment.replace(minute=0, second=0, microsecond=0)
    return moment.replace(hour=0, day=1) if level == MONTH else moment.replace(hour=0) if level == DAY else moment


def _up(moment: datetime, level: int) -> datetime:
    down = _down(moment, level)
    if down == moment:
        return moment
    longest = {MONTH: timedelta(days=32), DAY: timedelta(days=1), HOUR: timedelta(hours=1)}[level]
    return _down(down + longest, level)


def _text(moment: datetime | None, level: int, ever: str) -> str:
    return ever if moment is None else moment_text(moment)[:level]


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _moment(quarter: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=quarter * QUARTER_S)
