from __future__ import annotations

from pathlib import Path

import pytest

import images
from plume_app.database.queries.overview import (
    batch_place,
    count_batches,
    database_facts,
    history_lines,
    job_place,
)
from plume_app.domain.compression.settings import Settings
from shop import Shop


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


def test_the_file_is_told_in_numbers(shop: Shop) -> None:
    facts = database_facts(shop.db)

    assert facts.rows == 6
    assert facts.size == shop.db.path.stat().st_size
