"""What an earlier session left of a batch is found again from the history alone, and done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import backstage
import images
from plume_app.database.queries.batches import add_jobs, batch, create_batch, finish_batch
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.shared.errors import InvalidRequest
from plume_app.events import BatchFinished
from plume_app.jobs.resuming import output_json, unfinished
from undo_world import DEAD, NOW, World

WEBP: dict[str, Any] = {"output_format": "webp"}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number in range(4):
        path = folder / f"in{number % 2}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(images.png_bytes(images.photo(24, 16, seed=number)))
    return folder


@pytest.fixture
def desktops(tmp_path: Path) -> Iterator[list[backstage.Desktop]]:
    """Sessions over one data folder; the fixture closes them."""
    made: list[backstage.Desktop] = []
    yield made
    for one in made:
        one.pool.go.set()
        one.close()


def session(desktops: list[backstage.Desktop], tmp_path: Path) -> backstage.Desktop:
    desktops.append(backstage.Desktop(tmp_path / "data"))
    return desktops[-1]


def interrupted(desktops: list[backstage.Desktop], tmp_path: Path, photos: Path, **request: Any) -> int:
    """A batch whose session ended while nothing was done, as after a power cut."""
    plume = session(desktops, tmp_path)
    plume.add(photos)
    plume.pool.go.clear()
    plume.shell.folder = tmp_path / "out"
    folder_id = plume.call("choose_output_folder")["folder_id"]
    output = {"policy": "folder", "suffix": "_c", "folder_id": folder_id}
    batch_id = int(plume.call("compress_image", **({"settings": WEBP, "output": output} | request))["batch_id"])
    plume.until(lambda: len(plume.pool.tasks) == 4)
    with plume.db.write() as connection:  # what is done about it in this session is not looked at any more
        connection.execute("UPDATE batches SET owner = ? WHERE id = ?", [DEAD, batch_id])
    finish_batch(plume.db, batch_id, now=NOW, state="interrupted")
    return batch_id


def test_an_interrupted_batch_is_shown_and_goes_on_where_it_would_have_gone(
    desktops: list[backstage.Desktop], tmp_path: Path, photos: Path
) -> None:
    old = interrupted(desktops, tmp_path, photos, overrides={"2": {"output_format": "png"}})
    plume = session(desktops, tmp_path)
    shown = plume.call("get_history")["batches"][0]
    assert (shown["state"], shown["files"], shown["resumable"]) == ("interrupted", 4, 4)
    assert set(shown["output"]) == {"policy", "suffix", "folder_id", "folder_label"}

    new = plume.call("resume_batch", batch_id=old)["batch_id"]

    ended = plume.heard.wait(BatchFinished, lambda one: one.batch_id == new)
    assert (ended.files, ended.written) == (4, 4)
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert found == ["in0/0.webp", "in0/2.png", "in1/1.webp", "in1/3.webp"]
    assert plume.call("get_history")["batches"][1]["resumable"] == 0
    assert plume.code("resume_batch", batch_id=old) == "invalid_request"


def test_the_answer_does_not_wait_for_a_look_at_the_files_and_nothing_is_taken_up_twice(
    desktops: list[backstage.Desktop], tmp_path: Path, photos: Path
) -> None:
    old = interrupted(desktops, tmp_path, photos)
    plume = session(desktops, tmp_path)
    with plume.context.files._lock:  # no file joins the list yet
        new = plume.call("resume_batch", batch_id=old)["batch_id"]
        again = plume.code("resume_batch", batch_id=old)
        waiting = plume.call("get_snapshot")["batch"]

    assert (waiting["batch_id"], waiting["state"], waiting["total"]) == (new, "running", 0)
    assert again == "invalid_request"
    assert plume.heard.wait(BatchFinished, lambda one: one.batch_id == new).written == 4


def test_what_is_cancelled_before_its_files_were_looked_at_can_be_taken_up_later(
    desktops: list[backstage.Desktop], tmp_path: Path, photos: Path
) -> None:
    old = interrupted(desktops, tmp_path, photos)
    plume = session(desktops, tmp_path)
    with plume.context.files._lock:
        new = plume.call("resume_batch", batch_id=old)["batch_id"]
        plume.call("cancel_batch", batch_id=new)

    assert plume.heard.wait(BatchFinished, lambda one: one.batch_id == new).files == 0
    assert plume.call("get_history")["batches"][1]["resumable"] == 4


def test_a_source_that_went_meanwhile_fails_alone(
    desktops: list[backstage.Desktop], tmp_path: Path, photos: Path
) -> None:
    old = interrupted(desktops, tmp_path, photos)
    (photos / "in0" / "0.png").unlink()
    plume = session(desktops, tmp_path)

    new = plume.call("resume_batch", batch_id=old)["batch_id"]

    ended = plume.heard.wait(BatchFinished, lambda one: one.batch_id == new)
    assert (ended.written, ended.failed) == (3, 1)


def test_what_failed_in_an_earlier_session_can_be_tried_again(
    desktops: list[backstage.Desktop], tmp_path: Path, photos: Path
) -> None:
    broken = photos / "in0" / "0.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-30])
    first = session(desktops, tmp_path)
    first.add(photos)
    output = {"policy": "suffix", "suffix": "_c", "folder_id": None}
    old = first.compress(settings=WEBP, output=output)
    assert old.failed == 1
    broken.write_bytes(whole)
    plume = session(desktops, tmp_path)

    new = plume.call("retry_failed", batch_id=old.batch_id)["batch_id"]

    ended = plume.heard.wait(BatchFinished, lambda one: one.batch_id == new)
    assert (ended.files, ended.written) == (1, 1)
    assert (photos / "in0" / "0_c.webp").is_file()
    assert [row["name"] for row in plume.rows()] == ["0.png"]


def test_a_batch_at_work_or_unknown_is_refused(world: World) -> None:
    for batch_id in (world.begin(), 99):
        with pytest.raises(InvalidRequest):
            unfinished(world.db, batch_id, ("queued",))


def test_the_history_keeps_every_byte_of_a_path(world: World) -> None:
    folder = Path(os.fsdecode(b"/out/\xff"))
    root = Path(os.fsdecode(b"/in/\xfe"))
    kept = output_json(OutputPolicy("folder", folder=folder), [root], {str(root / "a"): Settings(quality=3)})
    batch_id = create_batch(world.db, owner=DEAD, settings=Settings(quality=5).to_json(), output=kept, now=NOW)
    add_jobs(world.db, batch_id, [b"/in/\xfe/a", b"/elsewhere/b"])
    finish_batch(world.db, batch_id, now=NOW, state="interrupted")

    left = unfinished(world.db, batch_id, ("queued",))

    assert [(one.path, one.root) for one in left.candidates()] == [(root / "a", root), (Path("/elsewhere/b"), None)]
    assert (left.output.folder, left.settings.quality) == (folder, 5)
    assert left.overrides == {str(root / "a"): Settings(quality=3)}
    row = batch(world.db, batch_id)
    assert row is not None
    assert row.queued == 2
