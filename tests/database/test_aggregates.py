from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plume_app.database.connection import Database
from plume_app.database.queries.clearing import wrong_aggregates
from plume_app.database.spread import median_savings

NOW = datetime(2026, 3, 4, 5, 46, 7, tzinfo=UTC)
ADD = (
    "INSERT INTO compression_stats (input_format, output_format, original_size, compressed_size, compression_time_ms,"
    " lossless, effort, width, height, codec_version, predicted_size, created_at)"
    " VALUES ('png', 'webp', ?, ?, 1, 0, 'fast', 1, 1, '1', ?, '2026-03-04T05:46:07.000Z')"
)


def add(db: Database, original: int, compressed: int, predicted: int | None = None) -> None:
    with db.write() as connection:
        connection.execute(ADD, [original, compressed, predicted])


def test_a_row_is_counted_in_its_month_its_day_its_hour_and_its_quarter(db: Database) -> None:
    add(db, 1000, 600)

    assert db.sql("SELECT span, files, original_size, compressed_size FROM statistics_pairs ORDER BY level") == [
        ("2026-03", 1, 1000, 600),
        ("2026-03-04", 1, 1000, 600),
        ("2026-03-04T05", 1, 1000, 600),
    ]
    assert db.sql("SELECT quarter * 900, files FROM statistics_quarters") == [
        (int(NOW.replace(minute=45, second=0).timestamp()), 1)
    ]


@pytest.mark.parametrize(
    ("original", "compressed", "bucket"),
    [(1000, 0, 0), (1000, 4, 0), (1000, 5, 1), (1000, 999, 199), (1000, 1000, 200), (1, 10**15, 400), (10**15, 1, 0)],
)
def test_what_is_left_of_a_file_has_a_bucket_of_half_a_percent(
    db: Database, original: int, compressed: int, bucket: int
) -> None:
    add(db, original, compressed)

    assert db.sql("SELECT kind, bucket, files FROM statistics_spread WHERE level = 7") == [("left", bucket, 1)]
    assert median_savings({bucket: 1}) is not None


@pytest.mark.parametrize(
    ("real", "predicted", "bucket"),
    [
        *((1000, 1000, 1000), (1000, 999, 999), (1000, 899, 890), (1000, 1100, 1100), (1000, 1119, 1110)),
        *((1000, 0, 0), (1, 10**15, 2000), (10**15, 10**15, 1000), (10**15, 1, 0)),
    ],
)
def test_a_prediction_has_a_bucket_of_a_tenth_of_a_percent_near_the_truth_and_of_one_beyond(
    db: Database, real: int, predicted: int, bucket: int
) -> None:
    add(db, 1000, real, predicted)

    found = db.sql("SELECT bucket, files FROM statistics_spread WHERE level = 7 AND kind = 'forecast'")
    assert found == [(bucket, 1)]


def test_empty_files_have_no_share_and_divide_nothing_by_zero(db: Database) -> None:
    add(db, 0, 0, 0)

    assert db.sql("SELECT count(*) FROM statistics_spread") == [(0,)]
    assert db.sql("SELECT files, predicted FROM statistics_pairs WHERE level = 7") == [(1, 0)]
    assert wrong_aggregates(db) == []


def test_triggers_name_the_key_of_what_they_add_to_as_older_sqlites_want_it(db: Database) -> None:
    triggers = [sql for (sql,) in db.sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    assert any("ON CONFLICT" in sql for sql in triggers)
    assert not [sql for sql in triggers if "ON CONFLICT DO" in sql]
