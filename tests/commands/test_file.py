from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import backstage
import images
from plume_app.events import FilesAdded, FilesChanged, Notice, ScanProgress


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    made = backstage.Desktop(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in ü %20"
    made.mkdir()
    for number in range(3):
        (made / f"a{number}.png").write_bytes(images.png_bytes(images.noise(20, 10, seed=number)))
    return made


def test_a_dropped_folder_becomes_rows_with_size_format_and_thumbnail(plume: backstage.Desktop, folder: Path) -> None:
    assert plume.add(folder) == [1, 2, 3]
    row = plume.rows()[0]

    assert (row["name"], row["folder"]) == ("a0.png", str(folder))
    assert (row["input_format"], row["width"], row["height"], row["state"]) == ("png", 20, 10, "waiting")
    picture = plume.context.picture(row["thumbnail_url"].removeprefix("t/"))
    assert picture is not None
    assert picture[1] == "image/webp"
    assert 0 < row["estimate"]["compressed_size"] <= row["original_size"]
    assert plume.heard.of(FilesAdded)[-1].list.files == 3
    assert {row.file_id for one in plume.heard.of(FilesChanged) for row in one.rows} == {1, 2, 3}


def test_a_drop_is_taken_once_and_the_same_files_again_are_no_new_rows(plume: backstage.Desktop, folder: Path) -> None:
    plume.add(folder)
    assert plume.call("take_drop") == {"added": 0}
    plume.add(folder / "a1.png", folder)

    assert len(plume.rows()) == 3


def test_pickers_answer_at_once_and_their_files_arrive(plume: backstage.Desktop, folder: Path) -> None:
    plume.shell.files = [folder / "a0.png"]
    plume.call("open_file")
    plume.heard.wait(FilesAdded, lambda one: one.list.files == 1)
    plume.shell.folder = folder
    plume.call("open_folder")

    plume.heard.wait(FilesAdded, lambda one: one.list.files == 3)


def test_pasted_paths_and_urls_are_added(plume: backstage.Desktop, folder: Path) -> None:
    text = f"{folder / 'a0.png'}\n{(folder / 'a1.png').as_uri()}\nrelative.png\n"

    assert plume.call("add_paths", text=text) == {"added": 2}
    plume.heard.wait(FilesAdded, lambda one: one.list.files == 2)


def test_what_is_named_and_not_there_is_said_once(plume: backstage.Desktop, tmp_path: Path) -> None:
    plume.call("add_paths", text="\n".join(str(tmp_path / f"gone{n}.png") for n in range(5)))
    notice = plume.heard.wait(Notice)

    assert (notice.code, notice.facts["files"], notice.facts["code"]) == ("not_added", 5, "source_missing")


def test_a_damaged_file_is_a_row_that_says_so(plume: backstage.Desktop, folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "<img src=x onerror=alert(1)>.png").write_bytes(b"")
    plume.add(folder)
    told = {row["name"]: row["error"] and row["error"]["code"] for row in plume.rows()}

    assert told["broken.png"] == told["<img src=x onerror=alert(1)>.png"] == "corrupt_image"
    assert told["a0.png"] is None


def test_the_ids_of_a_filtered_list_come_without_rows(plume: backstage.Desktop, folder: Path) -> None:
    plume.add(folder)
    found = plume.call("get_files", limit=200_000, ids_only=True, sort="-name", filter={"text": "a", "state": "all"})

    assert (found["file_ids"], found["rows"], found["total"]) == ([3, 2, 1], [], 3)


def test_removing_takes_rows_off_the_list_and_no_file_off_the_disk(plume: backstage.Desktop, folder: Path) -> None:
    plume.add(folder)

    assert plume.call("remove_files", file_ids=[1, 99])["list"]["files"] == 2
    assert plume.call("remove_files")["list"]["files"] == 0
    assert len(list(folder.iterdir())) == 3


def test_a_chosen_folder_is_named_by_an_id_and_kept(plume: backstage.Desktop, folder: Path) -> None:
    assert plume.call("choose_output_folder") == {"folder_id": None, "label": None}
    plume.shell.folder = folder
    chosen = plume.call("choose_output_folder")

    assert chosen["label"] == str(folder)
    assert str(folder) not in chosen["folder_id"]
    assert plume.call("choose_output_folder") == chosen


def test_reveal_shows_the_file_of_a_row_and_nothing_for_what_nobody_knows(
    plume: backstage.Desktop, folder: Path
) -> None:
    plume.add(folder)
    plume.call("reveal_file", file_id=2)

    assert plume.shell.revealed == [folder / "a1.png"]
    assert plume.code("reveal_file", file_id=9) == "invalid_request"
    assert plume.code("reveal_file", job_id=9) == "source_missing"


def test_every_codec_is_told_with_what_it_can(plume: backstage.Desktop) -> None:
    formats = {one["name"]: one for one in plume.call("get_formats")["formats"]}

    assert formats["png"]["can_write"]
    assert not formats["gif"]["can_write"]
    assert "jpg" in formats["jpeg"]["extensions"]


def test_the_walk_tells_its_end(plume: backstage.Desktop, folder: Path) -> None:
    (folder / "note.txt").write_text("x")
    plume.add(folder)
    last = plume.heard.of(ScanProgress)[-1]

    assert (last.found, last.ignored, last.running) == (3, 1, False)


def test_who_asks_right_after_a_drop_hears_that_it_is_read(plume: backstage.Desktop, folder: Path) -> None:
    plume.shell.dropped = [folder]
    plume.call("take_drop")
    first = plume.heard.of(ScanProgress)[0]
    plume.heard.wait(ScanProgress, lambda one: not one.running)

    assert (first.found, first.running) == (0, True)
    assert plume.call("get_snapshot")["scan"] == {"found": 3, "ignored": 0, "running": False}


def test_a_folder_without_pictures_is_said_to_be_one(plume: backstage.Desktop, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "note.txt").write_text("x")
    plume.add(tmp_path / "texts")

    notice = plume.heard.wait(Notice)
    assert (notice.code, notice.facts) == ("nothing_found", {"ignored": 1})
