from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import backstage
import images
from plume_app.events import StatsChanged

BESIDE = {"policy": "suffix", "suffix": "_c", "folder_id": None}


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120)))
    made = backstage.Desktop(tmp_path / "data")
    made.add(tmp_path / "in")
    made.compress(settings={"quality": 60}, output=BESIDE)
    yield made
    made.close()


def test_what_was_saved_is_told_in_all_by_pair_by_day_and_spread(plume: backstage.Desktop) -> None:
    found = plume.call("get_stats")

    assert found["totals"]["files"] == 1
    assert found["totals"]["saved_bytes"] == found["totals"]["original_size"] - found["totals"]["compressed_size"] > 0
    assert [(one["input_format"], one["output_format"]) for one in found["by_format_pair"]] == [("jpeg", "jpeg")]
    assert sum(one["files"] for one in found["savings_distribution"]) == 1
    assert 0 < found["median_savings_percent"] < 100
    assert found["prediction_accuracy"] is None
    assert found["first_at"].startswith(found["by_day"][0]["day"])
    (win,) = found["biggest_wins"]
    assert (win["job_id"], win["name"], win["saved_bytes"]) == (1, "a.jpg", found["totals"]["saved_bytes"])
    assert plume.heard.of(StatsChanged)


def test_disk_sizes_are_those_of_the_files_on_the_disk(plume: backstage.Desktop, tmp_path: Path) -> None:
    totals = plume.call("get_stats")["totals"]
    before, after = ((tmp_path / "in" / name).stat().st_blocks * 512 for name in ("a.jpg", "a_c.jpg"))

    assert (totals["original_disk_size"], totals["compressed_disk_size"]) == (before, after)
    assert totals["saved_disk_bytes"] == before - after


@pytest.mark.parametrize("offset", [330, -570, 840])
def test_days_are_those_of_the_users_clock(plume: backstage.Desktop, offset: int) -> None:
    found = plume.call("get_stats", utc_offset_minutes=offset)
    there = datetime.fromisoformat(found["first_at"]) + timedelta(minutes=offset)

    assert [one["day"] for one in found["by_day"]] == [there.date().isoformat()]


@pytest.mark.parametrize(
    "request_",
    [{"utc_offset_minutes": 7}, {"utc_offset_minutes": 1440}, {"since": "0001-01-01T00:00:00.000+14:00"}],
)
def test_times_that_no_clock_shows_are_refused(plume: backstage.Desktop, request_: dict[str, object]) -> None:
    assert plume.code("get_stats", **request_) == "invalid_request"


def test_a_name_that_is_no_unicode_can_be_told(plume: backstage.Desktop) -> None:
    with plume.db.write() as connection:
        connection.execute("UPDATE jobs SET path = ?", [b"/in/\xff.jpg"])

    assert plume.call("get_stats")["biggest_wins"][0]["name"] == "\udcff.jpg"


def test_a_span_without_files_is_empty(plume: backstage.Desktop) -> None:
    found = plume.call("get_stats", until="2000-01-01T00:00:00.000Z")

    assert (found["totals"]["files"], found["by_day"], found["median_savings_percent"]) == (0, [], None)


def test_clearing_can_be_taken_back_and_forgets_neither_history_nor_what_is_done(
    plume: backstage.Desktop, tmp_path: Path
) -> None:
    before = plume.call("get_stats")
    plume.call("reset_stats")
    assert plume.call("get_stats")["totals"]["files"] == 0
    assert plume.call("get_history")["batches"][0]["undoable"] == 1
    plume.call("reset_stats", undo=True)

    assert plume.call("get_stats") == before
    assert plume.code("reset_stats", undo=True) == "invalid_request"
    plume.call("reset_stats")
    plume.call("remove_files")
    plume.add(tmp_path / "in" / "a.jpg")
    assert plume.compress(settings={"quality": 60}, output=BESIDE).kept == 1


def test_an_answer_without_days_has_the_same_sums(plume: backstage.Desktop) -> None:
    with_days, without = plume.call("get_stats"), plume.call("get_stats", days=False)

    assert with_days["by_day"] != []
    assert without == {**with_days, "by_day": []}
