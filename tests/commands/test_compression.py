from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

import backstage
import images
from plume_app.domain.compression.learning import Learned
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.image.header import Header
from plume_app.domain.shared.errors import TargetUnwritable
from plume_app.events import EstimatesChanged, Event, PreviewReady
from plume_app.files import Files
from plume_app.jobs.predicting import Predicting

LOSSY: dict[str, Any] = {"quality": 60}
BESIDE: dict[str, Any] = {"policy": "suffix", "suffix": "_c", "folder_id": None}


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"a{number}.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120, seed=number), quality=95))
    made = backstage.Desktop(tmp_path / "data")
    made.add(folder)
    yield made
    made.close()


def test_estimates_of_rows_and_of_the_list_come_at_once_for_a_short_list(plume: backstage.Desktop) -> None:
    found = plume.call("get_estimate", file_ids=[1, 3, 99], settings=LOSSY)

    assert [one["file_id"] for one in found["files"]] == [1, 3]
    assert all(one["low"] <= one["compressed_size"] <= one["high"] for one in found["files"])
    assert found["total"]["low"] < found["total"]["compressed_size"] < found["total"]["high"]


def test_an_override_changes_the_estimate_of_its_row_only(plume: backstage.Desktop) -> None:
    before = plume.call("get_estimate", file_ids=[1, 2], settings=LOSSY)["files"]
    after = plume.call("get_estimate", file_ids=[1, 2], settings=LOSSY, overrides={"1": {"quality": 20}})["files"]

    assert after[0]["compressed_size"] < before[0]["compressed_size"]
    assert after[1] == before[1]


def test_a_moved_slider_asks_for_no_new_trials_and_another_format_does(plume: backstage.Desktop) -> None:
    asked: list[str] = []
    plume.call("get_estimate", settings=LOSSY)
    plume.context.predicting.wish_changed = lambda: asked.append("again")
    for quality in range(40, 60):
        plume.call("get_estimate", settings={"quality": quality}, overrides={"1": {"quality": quality + 1}})
    assert asked == ["again"]  # the row's own settings were new
    plume.call("get_estimate", settings={"output_format": "webp"}, overrides={"1": {"quality": 9}})
    assert asked == ["again"] * 2


def test_a_change_of_the_list_brings_a_new_total(plume: backstage.Desktop) -> None:
    plume.call("get_estimate", settings=LOSSY)
    plume.call("remove_files", file_ids=[1])

    assert plume.heard.wait(EstimatesChanged).total.compressed_size > 0


def test_a_damaged_picture_is_in_neither_sum_of_the_prediction(plume: backstage.Desktop, tmp_path: Path) -> None:
    before = plume.call("get_estimate", settings=LOSSY)["total"]
    cut = tmp_path / "cut.png"
    whole = images.png_bytes(images.noise(90, 90))
    cut.write_bytes(images.truncated(whole, 50))
    plume.add(cut)
    after = plume.call("get_estimate", settings=LOSSY)["total"]

    assert plume.rows()[3]["error"]["code"] == "corrupt_image"
    assert before["original_size"] == sum(row["original_size"] for row in plume.rows()[:3])
    assert (after["original_size"], after["compressed_size"]) == (before["original_size"], before["compressed_size"])


def test_the_total_is_what_a_run_at_these_settings_would_give_also_after_another_one(plume: backstage.Desktop) -> None:
    asked = plume.call("get_estimate", settings={"quality": 20})["total"]["compressed_size"]
    ended = plume.compress(settings=LOSSY, output=BESIDE)
    same, other = (plume.call("get_estimate", settings=one)["total"] for one in (LOSSY, {"quality": 20}))

    assert same["compressed_size"] == ended.compressed_size
    assert other["compressed_size"] < 0.9 * same["compressed_size"]
    assert abs(other["compressed_size"] / asked - 1) < 0.3  # what was learned corrects it
    again = plume.answer("compress_image", {"settings": LOSSY, "output": BESIDE})["error"]
    assert (again["code"], again["facts"]["what"]) == ("invalid_request", "nothing_left")


def test_what_was_replaced_is_weighed_as_it_is_now(plume: backstage.Desktop) -> None:
    ended = plume.compress(settings=LOSSY, output=BESIDE | {"policy": "in_place"})
    row = plume.rows()[0]

    assert plume.call("get_estimate", settings={"quality": 20})["total"]["compressed_size"] == ended.compressed_size
    wish = plume.call("get_preview", file_id=row["file_id"], settings=LOSSY, region=None, scale=1)
    seen = plume.heard.wait(PreviewReady, lambda one: one.preview_id == wish["preview_id"])
    assert seen.original_size == row["compressed_size"] < row["original_size"]


def test_a_batch_writes_results_and_its_rows_say_so(plume: backstage.Desktop, tmp_path: Path) -> None:
    ended = plume.compress(settings=LOSSY, output=BESIDE)

    assert (ended.state, ended.files, ended.written, ended.undoable) == ("finished", 3, 3, 3)
    assert all(row["state"] == "written" and row["progress"] == 100 for row in plume.rows())
    assert sorted(path.name for path in (tmp_path / "in").glob("*_c.jpg")) == ["a0_c.jpg", "a1_c.jpg", "a2_c.jpg"]


def test_each_row_is_compressed_by_its_own_settings(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.compress(settings=LOSSY, output=BESIDE, overrides={"2": {"output_format": "webp"}})

    assert sorted(path.name for path in (tmp_path / "in").glob("*_c.*")) == ["a0_c.jpg", "a1_c.webp", "a2_c.jpg"]


def test_all_means_what_is_not_done_at_these_settings(plume: backstage.Desktop) -> None:
    plume.compress(file_ids=[1], settings=LOSSY, output=BESIDE)

    assert plume.compress(settings=LOSSY, output=BESIDE).files == 2
    assert plume.code("compress_image", settings=LOSSY, output=BESIDE) == "invalid_request"
    assert plume.compress(settings={"quality": 50}, output=BESIDE).files == 3


def test_a_folder_that_nobody_chose_is_refused(plume: backstage.Desktop) -> None:
    output = {"policy": "folder", "suffix": "_c", "folder_id": "/etc"}

    assert plume.code("compress_image", settings=LOSSY, output=output) == "invalid_request"


def test_results_go_to_the_chosen_folder(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.shell.folder = tmp_path / "out"
    plume.shell.folder.mkdir()
    folder_id = plume.call("choose_output_folder")["folder_id"]
    plume.compress(settings=LOSSY, output={"policy": "folder", "suffix": "_c", "folder_id": folder_id})

    assert len(list((tmp_path / "out").rglob("*.jpg"))) == 3


def test_commands_of_a_batch_that_is_not_at_work_are_refused(plume: backstage.Desktop) -> None:
    batch_id = plume.compress(settings=LOSSY, output=BESIDE).batch_id

    for name in ("pause_batch", "resume_batch", "cancel_batch"):
        assert plume.code(name, batch_id=batch_id) == "invalid_request"
    assert plume.code("retry_failed", batch_id=batch_id) == "invalid_request"
    assert plume.code("retry_failed", batch_id=99) == "invalid_request"


def test_a_preview_comes_as_pictures_of_a_worker(plume: backstage.Desktop) -> None:
    wanted = {"x": 10, "y": 10, "width": 50, "height": 40}
    preview_id = plume.call("get_preview", file_id=1, settings=LOSSY, region=wanted, scale=1)["preview_id"]
    ready = plume.heard.wait(PreviewReady, lambda one: one.exact)

    assert ready.preview_id == preview_id
    for url in (ready.before_url, ready.after_url):
        assert plume.context.picture(url.removeprefix("p/"))[1] == "image/png"  # type: ignore[index]


def test_a_history_that_cannot_be_read_costs_no_estimate_and_no_total() -> None:
    def fail() -> Learned:
        raise TargetUnwritable(folder="/data", problem="gone")

    files, told = Files(), Queue[Event]()
    place = Path("/in/a.jpg")
    (file_id,) = files.add([Candidate(place, None, place, 900, 0)])
    entry = files.get(file_id)
    files.update(entry, header=Header("jpeg", 40, 30))
    predicting = Predicting(files, emit=told.put, workers=1, recall=fail)
    try:
        (found,), _ = predicting.ask(Settings(), {}, [entry])
        files.update(entry, header=Header("jpeg", "wide", 30))  # type: ignore[arg-type]
        predicting.facts_changed()
        time.sleep(0.3)
        files.update(entry, header=Header("jpeg", 40, 30))
        predicting.facts_changed()
        event = told.get(timeout=30)
    finally:
        predicting.close()
    assert isinstance(event, EstimatesChanged)
    assert event.total is not None
    assert found.compressed_size == event.total.compressed_size


def test_closing_while_the_first_total_is_asked_for_is_no_failure() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads change places between any two steps
    try:
        for _ in range(300):
            predicting = Predicting(Files(), emit=lambda _event: None, workers=1)
            predicting.ask(Settings(), {}, [])
            asks = threading.Thread(target=predicting.facts_changed)
            asks.start()
            predicting.close()
            asks.join()
    finally:
        sys.setswitchinterval(usual)
