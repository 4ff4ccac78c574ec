"""What predictions learn from: what was guessed of a file, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from plume_app.database.aggregates import MONTH
from plume_app.database.connection import Database
from plume_app.database.queries.clearing import cleared_upto

LIMIT_PER_PAIR = 50


@dataclass(frozen=True, slots=True)
class Lesson:
    """One compressed file, and in `features` (JSON text) what was guessed of it; `jobs/prediction.py` knows its words.

    Undone ones count: what was taken back was compressed all the same. So do files of which nothing was shown.
    """

    input_format: str
    output_format: str
    codec_version: str
    compressed_size: int
    compression_time_ms: int
    features: str


_LESSONS = (
    "SELECT s.input_format, s.output_format, s.codec_version, s.compressed_size, s.compression_time_ms, s.features"  # noqa: S608
    " FROM (SELECT DISTINCT input_format, output_format FROM statistics_eras CROSS JOIN statistics_pairs"
    f"  ON era = first_id WHERE first_id > ? AND level = {MONTH}) AS p, (VALUES (0), (1)) AS l"
    " JOIN compression_stats AS s ON s.id IN (SELECT id FROM compression_stats INDEXED BY compression_stats_features"
    "  WHERE input_format = p.input_format AND output_format = p.output_format AND lossless = l.column1"
    "  AND features IS NOT NULL AND id > ? ORDER BY id DESC LIMIT ?)"
    " ORDER BY s.id DESC"
)


def recent_lessons(db: Database, limit_per_pair: int = LIMIT_PER_PAIR) -> list[Lesson]:
    """The newest files with a guess, newest first, at most so many for each pair of formats, lossy and lossless.

    Cleared statistics teach nothing any more.
    """
    with db.snapshot():
        upto = cleared_upto(db)
        found = db.sql(_LESSONS, (upto, upto, limit_per_pair))
    return [Lesson(*row) for row in found]
