from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import add_jobs, create_batch
from plume_app.database.queries.clearing import (
    KEEP_CLEARED,
    PURGE_ROWS,
    clear_statistics,
    cleared_upto,
    purge_cleared,
    rebuild_aggregates,
    restore_statistics,
    wrong_aggregates,
)
from plume_app.database.queries.results import JobResult, StatsRow, record
from plume_app.database.queries.statistics import Totals, stats

NOW = datetime(2026, 1, 31, tzinfo=UTC)
ROW = StatsRow("png", "png", 1000, 600, 5, None, True, "balanced", 8, 8, "oxipng 10")
DEEDS = some.one_of(
    some.tuples(
        some.just("add"),
        some.lists(
            some.builds(
                StatsRow,
                input_format=some.sampled_from(["jpeg", "png"]),
                output_format=some.sampled_from(["png", "webp"]),
                original_size=some.integers(0, 2000),
                compressed_size=some.integers(0, 2000),
                compression_time_ms=some.just(1),
                quality=some.none(),
                lossless=some.booleans(),
                effort=some.just("fast"),
                width=some.just(1),
                height=some.just(1),
                codec_version=some.just("1"),
                original_disk_size=some.none() | some.integers(0, 9),
                compressed_disk_size=some.none() | some.integers(0, 9),
                predicted_size=some.none() | some.integers(0, 9000),
                predicted_low=some.none() | some.integers(0, 500),
                predicted_high=some.none() | some.integers(500, 9000),
            ),
            min_size=1,
            max_size=5,
        ),
        some.integers(0, 200_000),
    ),
    some.tuples(some.sampled_from(["undo", "redo", "delete", "correct"]), some.integers(0, 30), some.just(0)),
    some.tuples(some.sampled_from(["clear", "restore", "purge", "rebuild"]), some.just(0), some.just(0)),
)


def add(db: Database, rows: Sequence[StatsRow], moment: datetime = NOW) -> None:
    batch = create_batch(db, owner="1:1:boot", settings={}, output={}, now=moment)
    jobs = add_jobs(db, batch, [b"/a"] * len(rows))
    record(db, [JobResult(job, "written", stats=row) for job, row in zip(jobs, rows, strict=True)], now=moment)


def do(db: Database, deed: str, what: object, minutes: int) -> None:
    statements = {
        "undo": "UPDATE compression_stats SET undone = 1 WHERE id = ?",
        "redo": "UPDATE compression_stats SET undone = 0 WHERE id = ?",
        "delete": "DELETE FROM compression_stats WHERE id = ?",
        "correct": "UPDATE compression_stats SET compressed_size = 7, output_format = 'bmp' WHERE id = ?",
    }
    if deed == "add":
        add(db, what, NOW + timedelta(minutes=minutes))  # type: ignore[arg-type]
    elif deed == "clear":
        clear_statistics(db, NOW)
    elif deed == "restore":
        restore_statistics(db)
    elif deed == "purge":
        purge_cleared(db, NOW + KEEP_CLEARED)
    elif deed == "rebuild":
        rebuild_aggregates(db)
    else:
        with db.write() as connection:
            connection.execute(statements[deed], [what])


def plain_totals(db: Database) -> Totals:
    found = db.sql(
        "SELECT count(*), coalesce(sum(original_size), 0), coalesce(sum(compressed_size), 0),"
        " coalesce(sum(CASE WHEN compressed_disk_size IS NOT NULL THEN original_disk_size END), 0),"
        " coalesce(sum(CASE WHEN original_disk_size IS NOT NULL THEN compressed_disk_size END), 0)"
        " FROM compression_stats WHERE undone = 0 AND id > ?",
        [cleared_upto(db)],
    )
    return Totals(*found[0])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.lists(DEEDS, max_size=12))
def test_the_kept_sums_are_those_of_the_rows_whatever_happens(deeds: list[tuple[str, object, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = open_database(Path(folder) / "plume.sqlite3")
        with db.connection_context():
            for deed, what, minutes in deeds:
                do(db, deed, what, minutes)
            found = stats(db)

            assert wrong_aggregates(db) == []
            assert found.totals == plain_totals(db)
            assert sum(day.totals.files for day in found.by_day) == found.totals.files


def test_a_sum_that_is_wrong_is_found_and_rebuilt(db: Database) -> None:
    add(db, [ROW, ROW])
    with db.write() as connection:
        connection.execute("UPDATE statistics_quarters SET compressed_size = 1")
    assert wrong_aggregates(db)

    rebuild_aggregates(db)

    assert wrong_aggregates(db) == []
    assert stats(db).totals == plain_totals(db)


def test_cleared_statistics_come_back_until_they_are_purged(db: Database) -> None:
    add(db, [ROW] * 3)
    clear_statistics(db, NOW)
    assert stats(db).totals.files == 0
    assert restore_statistics(db)
    assert stats(db).totals.files == 3
    assert not restore_statistics(db)

    clear_statistics(db, NOW)
    add(db, [ROW])
    assert purge_cleared(db, NOW + KEEP_CLEARED - timedelta(seconds=1)) == 0
    assert purge_cleared(db, NOW + KEEP_CLEARED) == 3
    assert not restore_statistics(db)
    assert stats(db).totals.files == 1


def test_what_was_compressed_after_a_clearing_counts_before_and_after_it_is_taken_back(db: Database) -> None:
    add(db, [ROW] * 3)
    clear_statistics(db, NOW)
    add(db, [ROW], NOW + timedelta(days=1))
    assert (stats(db).totals.files, stats(db).first_at) == (1, NOW + timedelta(days=1))

    restore_statistics(db)

    assert (stats(db).totals.files, stats(db).first_at) == (4, NOW)


def test_a_second_clearing_takes_back_to_the_first(db: Database) -> None:
    add(db, [ROW] * 3)
    clear_statistics(db, NOW)
    clear_statistics(db, NOW)

    assert not restore_statistics(db)
    assert stats(db).totals.files == 0


def test_a_large_purge_takes_several_starts_and_nothing_of_it_counts_meanwhile(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plume_app.database.queries.clearing.PURGE_ROWS", 2)
    assert PURGE_ROWS > 2
    add(db, [ROW] * 5)
    clear_statistics(db, NOW)

    assert [purge_cleared(db, NOW + KEEP_CLEARED) for _ in range(4)] == [2, 2, 1, 0]
    assert stats(db).totals.files == 0
