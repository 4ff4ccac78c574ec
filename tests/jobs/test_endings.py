"""How an ending is told: the line and the row say the same, and only what was weighed is a statistic."""

from __future__ import annotations

from pathlib import Path

import pytest

import images
from plume_app.database.queries.journal import undoable_jobs
from plume_app.database.queries.results import recorded_result
from plume_app.database.queries.statistics import stats
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.jobs.endings import told
from plume_app.jobs.items import AlreadyDone, Item, Refused, Stopped
from plume_app.jobs.results import CANCELLED, FAILED, KEPT
from shop import Shop

PHOTO = images.jpeg_bytes(images.photo(64, 48), quality=97)
SETTINGS = Settings()


def test_what_was_refused_or_stopped_before_it_was_read_has_no_sizes() -> None:
    item = Item(3, Path("/in/a.jpg"))
    line, row = told(item, Refused("source_missing", {"x": 1}), SETTINGS, target=None, result_hash=None, replaced=True)
    stopped, its_row = told(item, Stopped(), SETTINGS, target=None, result_hash=None, replaced=True)

    assert (line.status, line.error_code, line.facts, line.original_size) == (FAILED, "source_missing", {"x": 1}, None)
    assert (row.job_id, row.state, row.error_code, row.output_path, row.stats) == (
        3,
        FAILED,
        "source_missing",
        None,
        None,
    )
    assert (stopped.status, its_row.state, its_row.stats) == (CANCELLED, CANCELLED, None)


def test_a_standing_result_is_told_with_its_place_and_size_and_is_not_taken_back_by_undo() -> None:
    line, row = told(
        Item(3, Path("/in/a.jpg")), AlreadyDone(Path("/out/a.jpg"), 77), SETTINGS,
        target=None, result_hash=None, replaced=False,
    )  # fmt: skip

    assert (line.status, line.reason, line.output_path, line.compressed_size) == (
        KEPT,
        "already_done",
        Path("/out/a.jpg"),
        77,
    )
    assert (row.output_path, row.stats) == (None, None)


def test_a_refusal_after_reading_keeps_the_size_and_the_format(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(images.truncated(PHOTO, 60))

    (result,) = Shop(tmp_path / "data").run([path])

    assert (result.status, result.original_size, result.input_format) == ("failed", path.stat().st_size, "jpeg")
    assert result.compressed_size is None
    assert result.savings_percent is None


@pytest.mark.parametrize(
    ("data", "settings", "rows"),
    [
        (PHOTO, Settings(), 1),
        (PHOTO, Settings(min_savings_percent=100), 1),
        (images.gif_bytes(images.palette(9, 9)), Settings(), 0),
        (images.apng_bytes(images.frames(2)), Settings("jpeg"), 0),
        (b"", Settings(), 0),
    ],
    ids=["written", "below the minimum", "no encoder", "would lose", "failed"],
)
def test_only_what_an_encoder_weighed_is_a_statistic(
    data: bytes, settings: Settings, rows: int, tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_bytes(data)
    shop = Shop(tmp_path / "data")

    (result,) = shop.run([path], settings)

    totals = stats(shop.db).totals
    assert totals.files == rows
    if rows:
        assert (totals.original_size, totals.compressed_size) == (result.original_size, result.compressed_size)


def test_the_row_names_the_file_that_holds_the_result(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(PHOTO)
    shop = Shop(tmp_path / "data")

    (result,) = shop.run([path])

    assert result.output_path is not None
    row = recorded_result(shop.db, bytes(result.output_path))
    assert row is not None
    assert (row.source_path, row.settings_hash) == (bytes(path), SETTINGS.digest())
    (again,) = shop.run([path])
    assert (again.status, again.reason, again.output_path) == ("kept", "already_done", result.output_path)
    assert again.compressed_size == result.output_path.stat().st_size
    assert shop.summary.batch_id is not None
    assert list(undoable_jobs(shop.db, shop.summary.batch_id)) == []
    assert stats(shop.db).totals.files == 1


def test_a_result_that_is_named_itself_is_already_done(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(PHOTO)
    shop = Shop(tmp_path / "data")
    (first,) = shop.run([path])
    assert first.output_path is not None
    moved = tmp_path / "elsewhere.jpg"
    moved.write_bytes(first.output_path.read_bytes())

    (beside,) = shop.run([moved])
    (under,) = shop.run([moved], output=OutputPolicy("folder", folder=tmp_path / "out"))
    (other,) = shop.run([moved], Settings(quality=40))

    assert (beside.status, beside.reason, beside.output_path) == ("kept", "already_done", None)
    assert (under.reason, under.output_path) == ("already_done", tmp_path / "out" / "elsewhere.jpg")
    assert (tmp_path / "out" / "elsewhere.jpg").read_bytes() == moved.read_bytes()
    assert other.reason != "already_done"
