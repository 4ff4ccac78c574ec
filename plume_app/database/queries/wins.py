"""The files that became smallest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plume_app.database.aggregates import DAY
from plume_app.database.connection import Database
from plume_app.database.queries.clearing import cleared_upto
from plume_app.database.spans import EVER
from plume_app.domain.shared.moments import moment_text

MAX_WINS = 8


@dataclass(frozen=True, slots=True)
class Win:
    """One file that became smaller; `path` is that of its source, None when the batch is not known any more."""

    job_id: int | None
    path: bytes | None
    input_format: str
    output_format: str
    original_size: int
    compressed_size: int
    created_at: str


_SAVED = "original_size - compressed_size"
# The first plus: a comparison with a column of text would not use an index on an expression.
_OF_DAY = (
    "FROM compression_stats INDEXED BY compression_stats_wins WHERE substr(created_at, 1, 10) = +day AND undone = 0"
    " AND compressed_size < original_size"
    " AND created_at >= :since AND created_at < :until AND +id > :upto"
    f" ORDER BY {_SAVED} DESC LIMIT"
)
# The largest savings of all are among those of the days with the largest savings: one step of the index for each
# day, however many files it had.
_WINS = (
    "WITH days AS (SELECT DISTINCT span AS day FROM statistics_eras CROSS JOIN statistics_pairs ON era = first_id"  # noqa: S608
    f" WHERE first_id > :upto AND level = {DAY} AND span >= substr(:since, 1, {DAY}) AND span <= :until),"
    f" best AS (SELECT day, (SELECT {_SAVED} {_OF_DAY} 1) AS top FROM days ORDER BY top DESC LIMIT :limit)"
    " SELECT s.job_id, j.path, s.input_format, s.output_format, s.original_size, s.compressed_size, s.created_at"
    f" FROM best JOIN compression_stats AS s ON s.id IN (SELECT id {_OF_DAY} :limit)"
    " LEFT JOIN jobs AS j ON j.id = s.job_id ORDER BY s.original_size - s.compressed_size DESC, s.id LIMIT :limit"
)


def biggest_wins(
    db: Database, *, since: datetime | None = None, until: datetime | None = None, limit: int = MAX_WINS
) -> list[Win]:
    """The files of a range that saved most, the largest saving first."""
    with db.snapshot():
        span = {
            "since": moment_text(since) if since else EVER[0],
            "until": moment_text(until) if until else EVER[1],
        }
        return [Win(*row) for row in db.sql(_WINS, {**span, "upto": cleared_upto(db), "limit": limit})]
