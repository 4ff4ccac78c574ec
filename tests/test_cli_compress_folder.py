"""One run of `plume compress` over a folder of good and bad files, looked at from many sides."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import images
from command_line import Plume
from photo_folder import APNG, GIF, GOOD, PHOTO, put, sha256
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import FileFacts
from shop import tree

FILE_KEYS = {
    "type", "path", "status", "output_path", "input_format", "output_format", "original_size", "compressed_size",
    "savings_percent", "compression_time_ms", "reason", "error", "losses", "private_data_kept",
}  # fmt: skip
SUMMARY_KEYS = {
    "type", "files", "written", "kept", "failed", "cancelled", "ignored", "original_size", "compressed_size",
    "duration_ms", "batch_id", "interrupted",
}  # fmt: skip


class Folder:
    """One run over good and bad files into a folder, looked at by many tests."""

    def __init__(self, at: Path) -> None:
        self.photos = put(at / "photos", GOOD | {"kept.gif": GIF, "moving.png": APNG})
        put(self.photos, {"empty.jpg": b"", "text.png": b"just text", "cut.jpg": images.truncated(PHOTO, 50)})
        put(self.photos, {"notes.txt": b"notes", ".hidden.jpg": PHOTO, "really.png": PHOTO})
        (self.photos / "link.jpg").symlink_to("a.jpg")
        self.before = tree(self.photos)
        self.out = at / "out"
        self.plume = Plume(at, at / "data")
        self.ran = self.plume(
            "compress", "photos", "missing.jpg", "photos/a.jpg", "-o", "out", "--metadata", "none", "--json"
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("folder"))


def test_each_file_has_one_line_and_the_summary_is_last(folder: Folder) -> None:
    lines = folder.ran.lines

    assert [line["type"] for line in lines] == ["file"] * 10 + ["summary"]
    assert all(set(line) == FILE_KEYS for line in lines[:-1])
    assert set(lines[-1]) == SUMMARY_KEYS
    assert len({line["path"] for line in lines[:-1]}) == 10
    assert all(os.path.isabs(line["path"]) for line in lines[:-1])  # noqa: PTH117
    assert folder.ran.out.isascii()
    assert len(folder.ran.out.splitlines()) == len(lines)


def test_standard_error_is_silent_where_nobody_watches(folder: Folder) -> None:
    assert folder.ran.err == ""


def test_one_failed_file_makes_the_status_1(folder: Folder) -> None:
    assert folder.ran.status == 1


def test_t35_bad_input_costs_only_itself_and_is_told_in_a_sentence(folder: Folder) -> None:
    assert folder.ran.failed_with() == {
        "missing.jpg": "source_missing",
        "empty.jpg": "corrupt_image",
        "text.png": "unsupported_format",
        "cut.jpg": "corrupt_image",
    }
    for line in folder.ran.files.values():
        assert (line["error"] is not None) == (line["status"] == "failed")
        if line["error"]:
            assert set(line["error"]) == {"code", "message", "facts"}


def test_t01_the_originals_are_untouched(folder: Folder) -> None:
    assert tree(folder.photos) == folder.before


def test_t10_the_folder_of_results_is_complete_and_keeps_the_tree(folder: Folder) -> None:
    expected = {name: compress(data, Settings(metadata="none")).data for name, data in GOOD.items()}
    expected |= {"really.png": expected["a.jpg"], "kept.gif": GIF}
    found = tree(folder.out)

    assert set(found) == set(expected) | {"moving.png"}
    assert {name: found[name] for name in expected} == {name: sha256(data or b"") for name, data in expected.items()}


def test_t33_a_jpeg_named_png_is_treated_as_what_it_is(folder: Folder) -> None:
    line = folder.ran.files["really.png"]

    assert (line["status"], line["input_format"], line["output_format"]) == ("written", "jpeg", "jpeg")
    assert line["output_path"].endswith("/out/really.png")


def test_a_kept_file_says_why_and_has_its_own_size(folder: Folder) -> None:
    line = folder.ran.files["kept.gif"]

    assert (line["status"], line["reason"]) == ("kept", "no_encoder")
    assert line["compressed_size"] == line["original_size"] == len(GIF)
    assert line["savings_percent"] == 0


def test_t13_the_summary_counts_what_is_on_the_disk(folder: Folder) -> None:
    summary = folder.ran.summary
    told = [line for line in folder.ran.files.values() if line["status"] in ("written", "kept")]

    assert summary["files"] == 10
    assert (summary["written"] + summary["kept"], summary["failed"], summary["cancelled"]) == (6, 4, 0)
    assert summary["ignored"] == 3  # the text, the hidden file, the link
    assert summary["original_size"] == sum(Path(line["path"]).stat().st_size for line in told)
    assert summary["compressed_size"] == sum(Path(line["output_path"]).stat().st_size for line in told)
    for line in told:
        assert line["compressed_size"] == Path(line["output_path"]).stat().st_size
        percent = round(100 * (1 - line["compressed_size"] / line["original_size"]), 1)
        assert line["savings_percent"] == percent


def test_t11_a_second_run_changes_nothing(folder: Folder) -> None:
    results = {path: FileFacts.of(path.stat()) for path in folder.out.rglob("*")}

    again = folder.plume("compress", "photos", "-o", "out", "--metadata", "none", "--json")

    assert {path: FileFacts.of(path.stat()) for path in folder.out.rglob("*")} == results
    assert again.summary["written"] == 0
    assert again.summary["original_size"] == again.summary["compressed_size"]  # nothing was saved by doing nothing
    assert {line["reason"] for line in again.files.values() if line["status"] == "kept"} == {"already_done"}
