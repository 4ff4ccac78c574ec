"""What predictions learn from: what was predicted, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from plume_app.database.aggregates import MONTH
from plume_app.database.connection import Database
from plume_app.database.queries.clearing import cleared_upto

LIMIT_PER_PAIR = 50


@dataclass(frozen=True, slots=True)
class Lesson:
    """One file that had a prediction. Undone ones count: what was taken back was compressed all the same."""

    input_format: str
    output_format: str
    lossless: bool
    effort: str
    codec_version: str
    predicted_size: int
    compressed_size: int
    predicted_time_ms: int | None
    compression_time_ms: int
    quality: int | None


_LESSONS = (
    "SELECT s.input_format, s.output_format, s.lossless, s.effort, s.codec_version, s.predicted_size,"  # noqa: S608
    " s.compressed_size, s.predicted_time_ms, s.compression_time_ms, s.quality"
    " FROM (SELECT DISTINCT input_format, output_format FROM statistics_eras CROSS JOIN statistics_pairs"
    f"  ON era = first_id WHERE first_id > ? AND level = {MONTH}) AS p, (VALUES (0), (1)) AS l"
    " JOIN compression_stats AS s ON s.id IN (SELECT id FROM compression_stats INDEXED BY compression_stats_predicted"
    "  WHERE input_format = p.input_format AND output_format = p.output_format AND lossless = l.column1"
    "  AND predicted_size IS NOT NULL AND id > ? ORDER BY id DESC LIMIT ?)"
    " ORDER BY s.input_format, s.output_format, s.lossless, s.id DESC"
)


def recent_predictions(db: Database, limit_per_pair: int = LIMIT_PER_PAIR) -> list[Lesson]:
    """The newest files with a prediction, newest first, at most so many for each pair of formats, lossy and lossless.

    Cleared statistics teach nothing any more.
    """
    with db.snapshot():
        upto = cleared_upto(db)
        found = db.sql(_LESSONS, (upto, upto, limit_per_pair))
    return [Lesson(before, after, bool(lossless), *rest) for before, after, lossless, *rest in found]
