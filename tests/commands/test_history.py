from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import backstage
import images
from plume_app.events import Notice

BESIDE = {"policy": "suffix", "suffix": "_c", "folder_id": None}


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    (tmp_path / "in").mkdir()
    for number in range(2):
        name = ("a.jpg", "=1+1é.jpg")[number]
        (tmp_path / "in" / name).write_bytes(images.jpeg_bytes(images.photo(160, 120, seed=number)))
    made = backstage.Desktop(tmp_path / "data")
    made.add(tmp_path / "in")
    made.compress(settings={"quality": 60}, output=BESIDE)
    yield made
    made.close()


def test_the_history_has_the_batch_and_what_can_be_undone(plume: backstage.Desktop) -> None:
    found = plume.call("get_history", offset=0, limit=10)

    assert found["total"] == 1
    assert (found["batches"][0]["written"], found["batches"][0]["undoable"]) == (2, 2)


def test_undo_removes_the_results_and_the_rows_wait_again(plume: backstage.Desktop, tmp_path: Path) -> None:
    assert plume.call("undo_batch", batch_id=1) == {"restored": 0, "removed": 2, "left": []}
    assert len(list((tmp_path / "in").iterdir())) == 2
    assert [row["state"] for row in plume.rows()] == ["waiting", "waiting"]
    assert plume.call("get_history")["batches"][0]["state"] == "undone"
    assert plume.code("undo_batch", batch_id=7) == "invalid_request"


def test_undo_says_what_it_left_and_why(plume: backstage.Desktop, tmp_path: Path) -> None:
    (tmp_path / "in" / "a_c.jpg").write_bytes(b"mine now")
    report = plume.call("undo_batch", batch_id=1)

    assert report["left"] == [{"path": str(tmp_path / "in" / "a_c.jpg"), "code": "changed_since"}]


def test_the_history_is_exported_as_a_table_and_as_json(plume: backstage.Desktop, tmp_path: Path) -> None:
    assert plume.call("export_history", format="csv") == {"saved": False}
    plume.shell.target = tmp_path / "history.csv"
    plume.call("export_history", format="csv")
    plume.heard.wait(Notice, lambda one: one.code == "history_exported" and one.facts["rows"] == 2)
    plume.shell.target = tmp_path / "history.json"
    plume.until(lambda: plume.answer("export_history", {"format": "json"}) == {"ok": True, "data": {"saved": True}})
    plume.heard.wait(Notice, lambda one: one.facts["path"] == str(tmp_path / "history.json"))

    with (tmp_path / "history.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    told = json.loads((tmp_path / "history.json").read_text(encoding="ascii"))
    assert sorted(row["path"] for row in table) == sorted(one["path"] for one in told)
    assert {row["state"] for row in table} == {"written"}
    assert str(tmp_path / "in" / "=1+1é.jpg") in {row["path"] for row in table}


def test_a_place_that_cannot_be_written_is_said(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.shell.target = tmp_path / "nowhere" / "history.csv"

    assert plume.code("export_history", format="csv") == "target_unwritable"


def test_a_job_and_a_batch_can_be_shown(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.call("reveal_file", job_id=1)
    plume.call("reveal_file", batch_id=1)

    assert all(path.parent == tmp_path / "in" and "_c" in path.name for path in plume.shell.revealed)


def test_a_batch_can_be_repeated_with_what_the_history_told(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.shell.folder = tmp_path / "out"
    plume.shell.folder.mkdir()
    chosen = plume.call("choose_output_folder")["folder_id"]
    plume.compress(settings={"quality": 50}, output={**BESIDE, "policy": "folder", "folder_id": chosen})
    for path in plume.shell.folder.rglob("*"):
        path.unlink()
    told = plume.call("get_history")["batches"][0]

    assert (told["output"]["folder_id"], told["output"]["folder_label"]) == ("batch:2", str(tmp_path / "out"))
    plume.call("remove_files")
    plume.add(tmp_path / "in" / "a.jpg")
    again = plume.compress(settings=told["settings"], output=told["output"])
    assert (again.written, [path.name for path in plume.shell.folder.iterdir()]) == (1, ["a.jpg"])
    assert plume.call("get_history")["batches"][-1]["output"] == {**BESIDE, "folder_label": None}


def test_the_folder_of_a_batch_can_be_kept_for_good(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.shell.folder = tmp_path
    chosen = plume.call("choose_output_folder")["folder_id"]
    plume.compress(settings={"quality": 50}, output={**BESIDE, "policy": "folder", "folder_id": chosen})
    output = plume.call("get_history")["batches"][0]["output"]

    assert plume.call("save_settings", output=output)["output"]["folder_id"] == chosen


@pytest.mark.parametrize("folder_id", ["batch:1", "batch:99", "batch:", "batch:x", "batch:9999999999999999999"])
def test_a_batch_without_a_folder_names_none(plume: backstage.Desktop, folder_id: str) -> None:
    output = {**BESIDE, "policy": "folder", "folder_id": folder_id}

    assert plume.code("compress_image", settings={}, output=output) == "invalid_request"
