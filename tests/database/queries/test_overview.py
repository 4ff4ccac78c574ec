from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import images
from plume_app.database.queries.overview import (
    KEEP_CLEARED,
    batch_place,
    clear_statistics,
    count_batches,
    database_facts,
    history_lines,
    job_place,
    median_savings,
    prediction_accuracy,
    purge_cleared,
    restore_statistics,
    savings_distribution,
)
from plume_app.database.queries.statistics import stats
from plume_app.domain.compression.settings import Settings
from shop import Shop

NOW = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"a{number}.jpg").write_bytes(images.jpeg_bytes(images.photo(120, 90, seed=number)))
    made = Shop(tmp_path / "data")
    made.run([folder], Settings(quality=50))
    return made


def test_the_history_as_lines_names_every_file_once(shop: Shop) -> None:
    lines = list(history_lines(shop.db))

    assert [line.job_id for line in lines] == [1, 2, 3]
    assert all(line.input_format == "jpeg" and line.state == "written" for line in lines)
    assert count_batches(shop.db) == 1


def test_a_job_and_a_batch_know_where_their_results_are(shop: Shop) -> None:
    assert job_place(shop.db, 1) == batch_place(shop.db, 1)
    assert (job_place(shop.db, 99), batch_place(shop.db, 99)) == (None, None)


def test_the_distribution_counts_every_file_and_the_median_lies_in_it(shop: Shop) -> None:
    buckets = savings_distribution(shop.db, None, None)
    middle = median_savings(shop.db, None, None)

    assert sum(one.files for one in buckets) == 3
    assert [one.from_percent for one in buckets] == list(range(0, 100, 10))
    assert middle is not None
    assert any(one.files and one.from_percent <= middle <= one.to_percent for one in buckets)
    assert prediction_accuracy(shop.db, None, None) is None


def test_predictions_that_were_recorded_are_compared(shop: Shop) -> None:
    with shop.db.write() as connection:
        connection.execute("UPDATE compression_stats SET predicted_size = compressed_size * 2 WHERE id = 1")
    found = prediction_accuracy(shop.db, None, None)

    assert found is not None
    assert (found.files, found.median_error_percent) == (1, 100.0)


def test_cleared_statistics_come_back_until_they_are_purged(shop: Shop) -> None:
    clear_statistics(shop.db, NOW)
    assert stats(shop.db).totals.files == 0
    assert restore_statistics(shop.db)
    assert stats(shop.db).totals.files == 3
    assert not restore_statistics(shop.db)

    clear_statistics(shop.db, NOW)
    assert purge_cleared(shop.db, NOW + KEEP_CLEARED - timedelta(seconds=1)) == 0
    assert purge_cleared(shop.db, NOW + KEEP_CLEARED) == 3
    assert not restore_statistics(shop.db)
    assert database_facts(shop.db).rows == 3


def test_a_second_clearing_takes_back_to_the_first(shop: Shop) -> None:
    clear_statistics(shop.db, NOW)
    clear_statistics(shop.db, NOW)

    assert not restore_statistics(shop.db)
