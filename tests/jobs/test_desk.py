from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import backstage
import images
from plume_app.database.queries.batches import history
from plume_app.events import BatchFinished, BatchProgress, CompressionProgress, JobFinished, Notice, StatsChanged

LOSSY: dict[str, Any] = {"quality": 60}
BESIDE: dict[str, Any] = {"policy": "suffix", "suffix": "_c", "folder_id": None}


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        (folder / f"a{number}.jpg").write_bytes(images.jpeg_bytes(images.photo(80, 60, seed=number), quality=95))
    made = backstage.Desktop(tmp_path / "data")
    made.add(folder)
    yield made
    made.pool.go.set()
    made.close()


def states(plume: backstage.Desktop) -> list[str]:
    return [row["state"] for row in plume.rows()]


def start(plume: backstage.Desktop, **request: Any) -> int:
    return int(plume.call("compress_image", **({"settings": LOSSY, "output": BESIDE} | request))["batch_id"])


def ended(plume: backstage.Desktop, batch_id: int) -> Any:
    return plume.heard.wait(BatchFinished, lambda one: one.batch_id == batch_id)


def test_steps_of_a_file_only_go_forward_and_none_follows_its_end(plume: backstage.Desktop) -> None:
    ended(plume, start(plume))

    for file_id in range(1, 5):
        mine = [
            one
            for one in plume.heard.events
            if isinstance(one, CompressionProgress | JobFinished) and one.file_id == file_id
        ]
        steps = [one.progress for one in mine if isinstance(one, CompressionProgress)]
        assert steps == sorted(steps)
        stages = [one.stage for one in mine if isinstance(one, CompressionProgress)]
        assert stages == ["reading", "queued", "encoding", "saving"]
        assert isinstance(mine[-1], JobFinished)
        assert mine[-1].status == "written"


def test_t30_private_data_that_stayed_is_told_when_the_batch_has_ended(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    located = tmp_path / "a.jpg"
    located.write_bytes(images.jpeg_bytes(images.photo(40, 30), quality=60, exif=exif.tobytes()))
    plume = backstage.Desktop(tmp_path / "data")
    plume.add(located)

    start(plume, settings={"min_savings_percent": 100})

    notice = plume.heard.wait(Notice)
    assert (notice.code, notice.facts) == ("private_data_kept", {"files": 1})
    plume.close()


def test_every_end_is_told_before_the_end_of_the_batch(plume: backstage.Desktop) -> None:
    batch_id = start(plume)
    last = ended(plume, batch_id)
    before = plume.heard.events[: plume.heard.events.index(last)]

    assert len([one for one in before if isinstance(one, JobFinished)]) == 4
    assert [one.done for one in before if isinstance(one, BatchProgress)][-1] == 4


def test_an_answer_comes_while_the_work_has_not_begun(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    start(plume)

    assert set(states(plume)) <= {"queued", "reading"}
    assert plume.context.desk.files_left() == 4
    assert plume.call("get_snapshot")["batch"]["state"] == "running"


def test_a_paused_batch_begins_no_file_and_goes_on_when_it_is_resumed(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    first = start(plume, file_ids=[1])
    second = start(plume, file_ids=[2, 3, 4])
    plume.call("pause_batch", batch_id=second)
    plume.pool.go.set()
    ended(plume, first)
    plume.until(lambda: history(plume.db)[0].state == "paused")

    assert states(plume) == ["written", "queued", "queued", "queued"]
    assert plume.call("get_snapshot")["batch"]["state"] == "paused"
    plume.call("resume_batch", batch_id=second)
    assert ended(plume, second).written == 3


def test_what_waits_for_a_worker_is_queued_and_waits_on_while_its_batch_is_paused(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    batch_id = start(plume)
    plume.until(lambda: len(plume.pool.tasks) == 4)
    assert states(plume) == ["queued"] * 4

    plume.call("pause_batch", batch_id=batch_id)
    plume.pool.go.set()
    time.sleep(0.2)
    assert states(plume) == ["queued"] * 4
    plume.call("resume_batch", batch_id=batch_id)

    assert ended(plume, batch_id).written == 4


def test_a_file_whose_worker_was_lost_stands_where_it_stood(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    batch_id = start(plume, file_ids=[1])
    plume.until(lambda: plume.pool.tasks != [])
    for stage in ("encoding", "verifying", "encoding"):
        plume.pool.steps(plume.pool.tasks[0].id, stage)
    told = [(one.stage, one.progress) for one in plume.heard.of(CompressionProgress)]
    plume.pool.go.set()

    assert told[-2:] == [("verifying", 85), ("encoding", 85)]
    assert ended(plume, batch_id).written == 1


def test_a_cancelled_batch_leaves_no_row_at_work_and_can_be_taken_up_again(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    batch_id = start(plume)
    plume.until(lambda: len([one for one in plume.pool.tasks]) >= 1)  # noqa: C416
    plume.call("cancel_batch", batch_id=batch_id)
    last = ended(plume, batch_id)

    assert (last.state, last.written + last.cancelled) == ("cancelled", 4)
    assert set(states(plume)) <= {"cancelled", "written"}
    plume.pool.go.set()
    again = plume.call("retry_failed", batch_id=batch_id)["batch_id"]
    assert ended(plume, again).written == last.cancelled
    assert states(plume) == ["written"] * 4


def test_single_files_can_be_dropped_while_the_others_go_on(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    first = start(plume, file_ids=[1])
    second = start(plume, file_ids=[2, 3])
    plume.until(lambda: plume.pool.tasks != [])
    plume.call("cancel_jobs", file_ids=[1, 3])
    plume.pool.go.set()

    assert ended(plume, first).cancelled == 1
    assert (ended(plume, second).written, ended(plume, second).cancelled) == (1, 1)
    assert states(plume) == ["cancelled", "written", "cancelled", "waiting"]


def test_a_failed_file_is_retried_alone(plume: backstage.Desktop, tmp_path: Path) -> None:
    path = tmp_path / "in" / "a1.jpg"
    good = path.read_bytes()
    path.unlink()
    batch_id = start(plume)
    last = ended(plume, batch_id)
    error = plume.rows()[1]["error"]
    path.write_bytes(good)

    again = ended(plume, plume.call("retry_failed", batch_id=batch_id)["batch_id"])
    assert (last.failed, error["code"]) == (1, "source_missing")
    assert (again.files, again.written) == (1, 1)
    assert plume.rows()[1]["error"] is None


def test_a_damaged_file_says_so_while_its_batch_runs_and_hides_no_prediction(tmp_path: Path) -> None:
    good = images.jpeg_bytes(images.photo(80, 60), quality=95)
    (tmp_path / "a.jpg").write_bytes(good)
    (tmp_path / "b.png").write_bytes(images.png_bytes(images.photo(80, 60))[:-2000])
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    plume = backstage.Desktop(tmp_path / "data")
    plume.add(*(tmp_path / name for name in ("a.jpg", "b.png", "c.jpg")))
    plume.until(lambda: [row["error"] is None for row in plume.rows()] == [True, False, False])
    promised = plume.call("get_estimate", settings=LOSSY)["total"]
    plume.pool.go.clear()

    batch_id = start(plume)
    queued = [row["error"] and row["error"]["code"] for row in plume.rows()]
    told = plume.heard.wait(BatchProgress, lambda one: one.predicted_size is not None or one.done > 1)
    plume.pool.go.set()
    last = ended(plume, batch_id)
    plume.close()

    assert queued == [None, "corrupt_image", "unsupported_format"]
    assert (told.total_size, told.predicted_size) == (len(good), promised["compressed_size"])
    assert (last.failed, last.original_size) == (2, len(good))
    assert plume.heard.of(BatchProgress)[-1].total_size == len(good)


def test_statistics_are_told_to_have_changed_before_the_batch_has_ended(plume: backstage.Desktop) -> None:
    ended(plume, start(plume))

    before = plume.heard.events[: plume.heard.events.index(plume.heard.of(BatchFinished)[0])]
    assert [one for one in before if isinstance(one, StatsChanged)]


def test_rows_at_work_are_not_queued_twice(plume: backstage.Desktop) -> None:
    plume.pool.go.clear()
    start(plume, file_ids=[1, 2])

    assert plume.code("compress_image", file_ids=[1, 2], settings=LOSSY, output=BESIDE) == "invalid_request"
    second = start(plume, file_ids=[2, 3])
    plume.pool.go.set()
    assert ended(plume, second).files == 1


def test_closing_ends_what_is_at_work_and_leaves_whole_files_only(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.pool.go.clear()
    start(plume)
    plume.context.desk.close(wait_s=backstage.PATIENCE_S)

    assert plume.context.desk.files_left() == 0
    assert not [path for path in (tmp_path / "in").iterdir() if path.name.startswith(".")]
    assert plume.code("compress_image", settings=LOSSY, output=BESIDE) == "invalid_request"


def test_undo_in_place_brings_the_originals_back(plume: backstage.Desktop, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    batch_id = start(plume, output={"policy": "in_place", "suffix": "_c", "folder_id": None})
    ended(plume, batch_id)
    assert {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()} != before

    assert plume.call("undo_batch", batch_id=batch_id)["restored"] == 4
    assert {path.name: path.read_bytes() for path in (tmp_path / "in").iterdir()} == before
