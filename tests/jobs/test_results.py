"""The numbers of lines and summaries."""

from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.jobs.results import CANCELLED, FAILED, KEPT, WRITTEN, FileResult, Summary, Tally


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (1000, 371, 62.9),
        (1000, 1000, 0.0),
        (1000, 1500, -50.0),
        (3, 1, 66.7),
        (0, 0, None),
        (None, None, None),
        (9, None, None),
    ],
)
def test_savings_are_a_percentage_and_negative_where_a_conversion_grew(
    before: int | None, after: int | None, percent: float | None
) -> None:
    assert FileResult(Path("a"), WRITTEN, original_size=before, compressed_size=after).savings_percent == percent


def test_t13_only_written_and_kept_files_weigh() -> None:
    tally = Tally()
    for status, size in ((WRITTEN, 1), (KEPT, 20), (FAILED, 300), (CANCELLED, 4_000), (WRITTEN, 50_000)):
        tally.add(FileResult(Path("a"), status, original_size=size, compressed_size=size))

    assert tally.summary(7, ignored=2, duration_ms=5) == Summary(7, 5, 2, 1, 1, 1, 2, 50_021, 50_021, 5)
