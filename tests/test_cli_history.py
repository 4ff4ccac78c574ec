"""`plume stats`, `plume history`, `plume undo`: what they say is what is on the disk."""

from __future__ import annotations

import os
import pty
import select
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

import images
from command_line import Plume
from plume_app.cli_history import undo_bar

SIZES = (
    *("files", "original_size", "compressed_size", "saved_bytes"),
    *("original_disk_size", "compressed_disk_size", "saved_disk_bytes"),
)
FIGURES = (
    *("by_format_pair", "by_day", "median_savings_percent", "savings_distribution", "prediction_accuracy"),
    *("biggest_wins", "first_at"),
)
BATCH_KEYS = {
    "type", "batch_id", "created_at", "finished_at", "state", "settings", "output", "files", "written", "kept",
    "failed", "cancelled", "original_size", "compressed_size", "undoable",
}  # fmt: skip


@pytest.fixture(scope="module")
def plume(tmp_path_factory: pytest.TempPathFactory) -> Plume:
    """Three batches: into a folder, a conversion, and one in which everything fails."""
    at = tmp_path_factory.mktemp("history")
    photos = at / "photos"
    photos.mkdir()
    (photos / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(90, 60), quality=97))
    (photos / "b.png").write_bytes(images.png_bytes(images.photo(60, 40)))
    (photos / "c.gif").write_bytes(images.gif_bytes(images.palette(20, 20)))
    (at / "bad.jpg").write_bytes(b"")
    plume = Plume(at, at / "data")
    assert plume("compress", "photos", "-o", "out").status == 0
    assert plume("compress", "photos/a.jpg", "-o", "webp", "-f", "webp", "-q", "70").status == 0
    assert plume("compress", "bad.jpg").status == 1
    return plume


def sizes(*paths: Path) -> int:
    return sum(path.stat().st_size for path in paths)


def test_t13_stats_add_up_to_the_sizes_of_the_files_to_the_byte(plume: Plume) -> None:
    (told,) = plume("stats", "--json").lines
    a, b = plume.at / "photos" / "a.jpg", plume.at / "photos" / "b.png"
    out, webp = plume.at / "out", plume.at / "webp" / "a.webp"

    assert set(told) == {"type", *SIZES, *FIGURES}
    assert (told["type"], told["files"]) == ("stats", 3)
    assert told["original_size"] == sizes(a, b, a)
    assert told["compressed_size"] == sizes(out / "a.jpg", out / "b.png", webp)
    assert told["saved_bytes"] == told["original_size"] - told["compressed_size"]
    pairs = {(pair["input_format"], pair["output_format"]): pair for pair in told["by_format_pair"]}
    assert set(pairs) == {("jpeg", "jpeg"), ("png", "png"), ("jpeg", "webp")}
    assert pairs["jpeg", "webp"]["compressed_size"] == sizes(webp)
    for parts in (told["by_format_pair"], told["by_day"]):
        assert {name: sum(part[name] for part in parts) for name in SIZES} == {name: told[name] for name in SIZES}
    assert all(date.fromisoformat(day["day"]) for day in told["by_day"])
    assert sum(bucket["files"] for bucket in told["savings_distribution"]) == 3
    wins = {(win["path"], win["output_format"]): win["saved_bytes"] for win in told["biggest_wins"]}
    assert wins[str(a), "webp"] == sizes(a) - sizes(webp)
    assert told["first_at"].startswith(told["by_day"][0]["day"])


def test_history_has_every_batch_newest_first(plume: Plume) -> None:
    batches = plume("history", "--json").lines

    assert [batch["batch_id"] for batch in batches] == [3, 2, 1]
    assert all(set(batch) == BATCH_KEYS for batch in batches)
    assert [batch["state"] for batch in batches] == ["finished"] * 3
    assert [batch["files"] for batch in batches] == [1, 1, 3]
    assert [(batch["written"], batch["kept"], batch["failed"]) for batch in batches] == [
        (0, 0, 1),
        (1, 0, 0),
        (2, 1, 0),
    ]
    assert batches[1]["settings"]["quality"] == 70
    assert batches[1]["output"] == {"policy": "folder", "suffix": "_compressed", "folder": str(plume.at / "webp")}
    assert batches[2]["compressed_size"] == sizes(*(plume.at / "out").iterdir())
    assert all(datetime.fromisoformat(batch["created_at"]).utcoffset() is not None for batch in batches)


def test_people_get_a_table_and_lines(plume: Plume) -> None:
    table, lines = plume("stats"), plume("history")

    assert [line.split()[0] for line in table.out.splitlines() if line][:2] == ["pictures", "all"]
    assert "jpeg to webp" in table.out
    assert "Half of the files saved" in table.out
    assert "biggest wins" in table.out
    assert ", to webp quality 70," in lines.out
    assert [line.split()[0] for line in lines.out.splitlines()] == ["3", "2", "1"]
    assert "undo with: plume undo 2" in lines.out
    assert "plume undo 3" not in lines.out
    assert (table.status, lines.status, table.err, lines.err) == (0, 0, "", "")


def test_before_the_first_batch_there_is_nothing_to_tell(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")

    assert plume("stats").out == "Nothing was compressed yet.\n"
    assert plume("history").out == "No batch was run yet.\n"
    assert plume("history", "--json").out == ""
    assert plume("stats", "--json").lines[0]["files"] == 0
    nothing = plume("undo")
    assert nothing.status == 1
    assert nothing.err == "plume: There is no batch to undo.\n"
    unknown = plume("undo", "99")
    assert (unknown.status, unknown.out) == (1, "")
    assert unknown.err == "plume: Batch 99 is not in the history. Choose one that is.\n"


def test_undo_without_a_number_takes_the_last_batch_that_changed_something(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")
    photo = images.jpeg_bytes(images.photo(90, 60), quality=97)
    (tmp_path / "a.jpg").write_bytes(photo)
    (tmp_path / "bad.jpg").write_bytes(b"")
    plume("compress", "a.jpg", "--in-place", "-f", "webp")
    plume("compress", "bad.jpg")

    assert plume("undo").out == "Batch 1: 1 original restored, 1 result removed.\n"
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"a.jpg", "bad.jpg"}
    assert (tmp_path / "a.jpg").read_bytes() == photo
    assert plume("history", "--json").lines[1]["undoable"] == 0
    assert plume("stats", "--json").lines[0]["files"] == 0  # what was undone saved nothing
    assert plume("undo").status == 1


def test_undo_that_had_to_leave_a_file_says_how_to_go_on(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(images.jpeg_bytes(images.photo(90, 60, seed=number), quality=97))
    plume("compress", "0.jpg", "--in-place")
    plume("compress", "1.jpg", "2.jpg", "3.jpg", "--in-place")
    older = (tmp_path / "0.jpg").read_bytes()
    (tmp_path / "1.jpg").write_bytes(b"edited")

    first, second = plume("undo"), plume("undo")

    assert (first.status, first.out) == (1, "Batch 2: 2 originals restored.\n")
    assert "1.jpg: not undone." in first.err
    assert "plume history" not in first.err
    assert (second.status, second.out) == (1, "Batch 2: nothing to take back.\n")
    assert "give its number; plume history lists them" in second.err
    assert (tmp_path / "0.jpg").read_bytes() == older
    assert plume("undo", "1").out == "Batch 1: 1 original restored.\n"


def test_undo_on_a_terminal_shows_how_far_it_is(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar alone, on a true terminal; the files around it are tried above."""
    main, end = pty.openpty()
    with os.fdopen(end, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with undo_bar() as progress:
            terminal.write("begin\n")
            for done in range(4):
                progress(done, 3)
        terminal.flush()
        told = ""
        while "3/3" not in told:  # a terminal gives what has arrived so far
            assert select.select([main], [], [], 30)[0], told
            told += os.read(main, 65536).decode()
    os.close(main)

    assert told.index("Undoing") > told.index("begin")
    assert capfd.readouterr().out == ""


def test_undo_names_the_folder_that_is_gone(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(90, 60), quality=97))
    plume("compress", "in", "--in-place")
    (tmp_path / "in").rename(tmp_path / "elsewhere")

    gone = plume("undo")

    assert (gone.status, gone.out) == (1, "Batch 1: nothing to take back.\n")
    assert f"in/a.jpg: not undone. The result cannot be written in {tmp_path / 'in'} (No such" in gone.err
    (tmp_path / "elsewhere").rename(tmp_path / "in")
    assert plume("undo").out == "Batch 1: 1 original restored.\n"
