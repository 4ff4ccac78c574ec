"""The ruler of the database: it fills what it says, and every question of it is asked once."""

from __future__ import annotations

from pathlib import Path

import bench_database
import pytest

from plume_app.database.opening import open_database
from plume_app.database.queries.clearing import wrong_aggregates
from plume_app.database.queries.statistics import stats


@pytest.mark.parametrize("even", [False, True])
def test_a_filled_database_is_of_version_1_and_holds_as_many_rows_as_asked(tmp_path: Path, even: bool) -> None:
    path = tmp_path / "plume.sqlite3"
    bench_database.fill(path, 1_500, even=even)

    db = open_database(path)

    assert len(list(tmp_path.glob("plume.sqlite3.v1-*"))) == 1
    assert stats(db).totals.files == 1_500
    assert wrong_aggregates(db) == []


def test_every_figure_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plume.sqlite3"
    bench_database.fill(path, 500, even=False)
    bench_database.measure(path)

    told = capsys.readouterr().out
    assert "get_stats, all time" in told
    assert "kept sums that are wrong: none" in told
