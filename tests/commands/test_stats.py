from __future__ import annotations

from collections.abc import Iterator
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
    assert plume.heard.of(StatsChanged)


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
