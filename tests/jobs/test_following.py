from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import backstage
import images
from plume_app.events import PreviewReady

IN_PLACE: dict[str, Any] = {"policy": "in_place", "suffix": "_c", "folder_id": None}
WEBP: dict[str, Any] = {"output_format": "webp", "quality": 60}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    (made / "a.png").write_bytes(images.png_bytes(images.photo(160, 120)))
    return made


@pytest.fixture
def plume(tmp_path: Path, folder: Path) -> Iterator[backstage.Desktop]:
    made = backstage.Desktop(tmp_path / "data")
    made.add(folder)
    yield made
    made.close()


def convert(plume: backstage.Desktop, settings: dict[str, Any]) -> int:
    """One batch in place over everything; its id."""
    return int(plume.compress(settings=settings, output=IN_PLACE, file_ids=[1]).batch_id)


def compared(plume: backstage.Desktop, settings: dict[str, Any]) -> PreviewReady:
    wish = plume.call("get_preview", file_id=1, settings=settings, region=None, scale=1.0)["preview_id"]
    found: PreviewReady = plume.heard.wait(PreviewReady, lambda one: one.preview_id == wish and one.exact)
    return found


def known(plume: backstage.Desktop) -> str | None:
    """The format of the row, once a look at it has told."""
    plume.until(lambda: plume.rows()[0]["input_format"] is not None)
    found: str = plume.rows()[0]["input_format"]
    return found


def test_a_row_whose_file_was_converted_in_place_is_compared_as_what_stands_there(
    plume: backstage.Desktop, folder: Path
) -> None:
    convert(plume, WEBP)
    ready = compared(plume, {"quality": 30})

    assert ready.error is None
    assert ready.output_format == "webp"
    assert ready.original_size == (folder / "a.webp").stat().st_size
    (row,) = plume.rows()
    assert (row["name"], row["state"], row["output_format"]) == ("a.webp", "written", "webp")


def test_it_is_compressed_again_from_there(plume: backstage.Desktop, folder: Path) -> None:
    convert(plume, WEBP)
    again = plume.compress(settings={"output_format": "jpeg", "quality": 50}, output=IN_PLACE, file_ids=[1])

    assert (again.written, again.failed) == (1, 0)
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]
    assert plume.rows()[0]["name"] == "a.jpg"
    assert known(plume) == "webp"  # what it was made from


def test_the_same_again_is_already_done(plume: backstage.Desktop) -> None:
    convert(plume, WEBP)
    again = plume.compress(settings=WEBP, output=IN_PLACE, file_ids=[1])

    assert (again.kept, again.failed) == (1, 0)


def test_it_is_shown_where_it_is(plume: backstage.Desktop, folder: Path) -> None:
    convert(plume, WEBP)
    convert(plume, {"quality": 99, "output_format": "webp", "min_savings_percent": 99})  # kept: no result of its own
    plume.call("reveal_file", file_id=1)

    assert plume.shell.revealed == [folder / "a.webp"]


def test_adding_its_folder_again_adds_no_second_row(plume: backstage.Desktop, folder: Path) -> None:
    convert(plume, WEBP)

    assert plume.add(folder) == [1]


def test_each_undo_leads_it_back_by_one_name(plume: backstage.Desktop, folder: Path) -> None:
    before = (folder / "a.png").read_bytes()
    first = convert(plume, WEBP)
    second = convert(plume, {"output_format": "jpeg", "quality": 50})

    plume.call("undo_batch", batch_id=second)
    assert (plume.rows()[0]["name"], plume.rows()[0]["state"], known(plume)) == ("a.webp", "waiting", "webp")

    plume.call("undo_batch", batch_id=first)
    assert (plume.rows()[0]["name"], plume.rows()[0]["state"], known(plume)) == ("a.png", "waiting", "png")
    assert (folder / "a.png").read_bytes() == before
    assert compared(plume, WEBP).error is None
    assert plume.add(folder) == [1]


def test_an_undo_that_had_to_leave_the_file_leaves_the_row_with_it(plume: backstage.Desktop, folder: Path) -> None:
    batch_id = convert(plume, WEBP)
    for stored in (folder.parent / "data" / "undo").rglob("*"):
        if stored.is_file():
            stored.unlink()  # nothing is left to bring back

    plume.call("undo_batch", batch_id=batch_id)

    assert [path.name for path in folder.iterdir()] == ["a.webp"]
    assert plume.rows()[0]["name"] == "a.webp"


def test_what_is_written_beside_the_file_leaves_the_row_where_it_was(plume: backstage.Desktop) -> None:
    plume.compress(settings=WEBP, output=IN_PLACE | {"policy": "suffix"}, file_ids=[1])

    assert plume.rows()[0]["name"] == "a.png"


def test_what_stands_in_the_place_of_the_file_is_looked_at_anew(plume: backstage.Desktop, folder: Path) -> None:
    (folder / "a.png").unlink()
    (folder / "b.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120), quality=95))
    plume.call("remove_files")
    plume.add(folder)
    plume.compress(settings={"quality": 80}, output=IN_PLACE)
    asked = len(plume.looks.tasks)
    plume.compress(settings={"quality": 50}, output=IN_PLACE)

    plume.until(lambda: plume.rows()[0]["thumbnail_url"] is not None and len(plume.looks.tasks) > asked)
