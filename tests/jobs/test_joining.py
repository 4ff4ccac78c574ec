from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import backstage
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.events import BatchFinished, BatchProgress
from plume_app.files import Files
from plume_app.jobs.run import Run

WISH: dict[str, Any] = {"settings": {}, "output": {"policy": "suffix", "suffix": "_c", "folder_id": None}}
MANY = 50_000


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    made = backstage.Desktop(tmp_path / "data")
    yield made
    made.close()


def fill(files: Files, folder: Path, count: int) -> None:
    """Rows whose files are not there."""
    paths = (folder / f"{number}.png" for number in range(count))
    files.add(Candidate(path, folder, path, 1000, 0) for path in paths)


def ended(plume: backstage.Desktop, batch_id: int) -> BatchFinished:
    found: BatchFinished = plume.heard.wait(BatchFinished, lambda one: one.batch_id == batch_id)
    return found


def test_many_rows_cost_the_answer_less_than_resetting_them_would(plume: backstage.Desktop, tmp_path: Path) -> None:
    files = plume.context.files
    fill(files, tmp_path / "in", MANY)
    ended(plume, int(plume.call("compress_image", **WISH, file_ids=[1])["batch_id"]))  # the first one also imports
    run = Run(files.all(), Settings(), OutputPolicy("suffix"), {})
    begun = time.thread_time()
    run.refresh(files, run.entries, state="waiting")
    resetting_s = time.thread_time() - begun

    begun = time.thread_time()
    batch_id = plume.call("compress_image", **WISH)["batch_id"]
    answering_s = time.thread_time() - begun
    plume.call("cancel_batch", batch_id=batch_id)

    assert answering_s < resetting_s
    assert ended(plume, batch_id).files == MANY


def test_rows_that_a_batch_has_been_given_are_not_given_to_another_before_they_say_so(
    plume: backstage.Desktop, tmp_path: Path
) -> None:
    fill(plume.context.files, tmp_path / "in", 3000)

    with plume.context.files._lock:  # no row can be changed yet, but the list can be read here
        batch_id = plume.call("compress_image", **WISH)["batch_id"]
        assert {entry.state for entry in plume.context.files.all()} == {"waiting"}
        assert plume.code("compress_image", **WISH) == "invalid_request"

    assert ended(plume, batch_id).failed == 3000


def test_the_size_of_many_rows_is_told_once_they_are_queued(plume: backstage.Desktop, tmp_path: Path) -> None:
    fill(plume.context.files, tmp_path / "in", 3000)
    plume.call("compress_image", **WISH)

    told = plume.heard.wait(BatchProgress, lambda one: one.done == 0 and one.total_size > 0)
    assert (told.total, told.total_size) == (3000, 3_000_000)


def test_a_row_that_was_removed_before_it_is_queued_is_not_compressed(tmp_path: Path) -> None:
    files = Files()
    fill(files, tmp_path, 3)
    run = Run(files.all(), Settings(), OutputPolicy("suffix"), {})

    files.remove([2])
    run.queue_rows(files)

    assert [entry.id for entry in run.entries] == [1, 3]
    assert run.total_size == 2000


def test_a_batch_that_has_ended_keeps_its_numbers_and_lets_go_of_what_its_work_needed(
    plume: backstage.Desktop, tmp_path: Path
) -> None:
    fill(plume.context.files, tmp_path / "in", 3)
    batch_id = int(plume.call("compress_image", **WISH)["batch_id"])
    ended(plume, batch_id)

    run = plume.context.desk._runs.get(batch_id)
    assert run is not None
    assert (run.done, run.numbers().done, len(run.entries)) == (3, 3, 3)
    assert run.at(tmp_path / "in" / "0.png") is None
    assert not run.ended
    again = plume.call("retry_failed", batch_id=batch_id)["batch_id"]
    assert ended(plume, again).failed == 3
