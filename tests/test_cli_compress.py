"""`plume compress` for real: a process, its lines, its exit status, the files it leaves."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

import images
from command_line import Plume, Ran
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
PHOTO = images.jpeg_bytes(images.photo(90, 60), quality=97)
GIF = images.gif_bytes(images.palette(20, 20))
APNG = images.apng_bytes(images.frames(3))
GOOD = {
    "a.jpg": PHOTO,
    "sub/b.png": images.png_bytes(images.photo(60, 40)),
    "sub/c.webp": images.webp_bytes(images.photo(60, 40), quality=98),
}
ODD_NAMES = [
    b"with space.jpg", b"it's \"quoted\".jpg", b"100% #1.jpg", "\N{CAT FACE} \u202e.jpg".encode(), b"line\nbreak.jpg",
    b"-q.jpg", b"caf\xe9.jpg", b"caf\xc3\xa9.jpg", b"$(touch x);.jpg", b"a.b.c..jpg", b"back\\slash.jpg",
    "\u00e9".encode() * 120 + b".jpg",
]  # fmt: skip


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def plume(tmp_path: Path) -> Plume:
    return Plume(tmp_path, tmp_path / "data")


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
    assert {line["reason"] for line in again.files.values() if line["status"] == "kept"} == {"already_done"}


def test_people_get_sentences(tmp_path: Path) -> None:
    put(tmp_path / "photos", {"a.jpg": PHOTO, "empty.jpg": b"", "b.gif": GIF})
    ran = Plume(tmp_path, tmp_path / "data")("compress", "photos")

    assert ran.status == 1
    (*told, summary), failed = ran.out.splitlines(), ran.err.splitlines()
    written, kept = sorted(told)
    assert re.fullmatch(r"photos/a\.jpg: \d\.\d kB -> \d\.\d kB, \d\d\.\d % smaller", written)
    assert kept.startswith("photos/b.gif: kept. ")
    assert summary.startswith("1 written, 1 kept, 1 failed. ")
    assert len(failed) == 1
    assert failed[0].startswith("photos/empty.jpg: failed. The image is damaged")


def test_suffix_writes_beside_the_originals_and_nothing_for_a_kept_file(plume: Plume, tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", {"a.jpg": PHOTO, "b.gif": GIF})

    ran = plume("compress", "photos", "--suffix", ".small", "--json")

    assert ran.status == 0
    assert set(tree(photos)) == {"a.jpg", "b.gif", "a.small.jpg"}
    assert ran.files["b.gif"]["output_path"] is None
    assert plume("compress", photos / "a.jpg").status == 0
    assert (photos / "a_compressed.jpg").read_bytes() == (photos / "a.small.jpg").read_bytes()


def test_t08_two_inputs_with_one_output_name_both_succeed(plume: Plume, tmp_path: Path) -> None:
    put(tmp_path, {"one/a.jpg": PHOTO, "two/a.jpg": images.jpeg_bytes(images.photo(50, 40), quality=97)})
    put(tmp_path, {"one/a.png": images.png_bytes(images.photo(40, 40))})

    ran = plume("compress", "one/a.jpg", "two/a.jpg", "one/a.png", "-o", "out", "-f", "webp", "--json")

    assert (ran.status, ran.summary["written"]) == (0, 3)
    assert len(tree(tmp_path / "out")) == 3
    assert {line["output_path"] for line in ran.files.values()} <= {str(path) for path in (tmp_path / "out").iterdir()}


def test_t53_a_file_given_twice_is_compressed_once(plume: Plume, tmp_path: Path) -> None:
    put(tmp_path, {"a.jpg": PHOTO})
    (tmp_path / "link.jpg").symlink_to("a.jpg")

    ran = plume("compress", "a.jpg", "./a.jpg", tmp_path / "a.jpg", "link.jpg", ".", "--json")

    assert [line["type"] for line in ran.lines] == ["file", "summary"]
    assert {path.name for path in tmp_path.iterdir()} == {"a.jpg", "link.jpg", "a_compressed.jpg", "data"}


def test_t37_files_may_have_any_name(plume: Plume, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ODD_NAMES:
        (photos / os.fsdecode(name)).write_bytes(PHOTO)

    by_folder = plume("compress", "photos", "-o", "out", "--json")
    by_name = Plume(photos, tmp_path / "other")(
        "compress", "-o", tmp_path / "out2", "--json", "--", *map(os.fsdecode, ODD_NAMES)
    )
    told = plume("compress", "photos", "-o", "out3")

    expected = sha256(compress(PHOTO, Settings()).data or b"")
    for ran, out in ((by_folder, "out"), (by_name, "out2"), (told, "out3")):
        assert ran.status == 0
        assert {os.fsencode(name): digest for name, digest in tree(tmp_path / out).items()} == dict.fromkeys(
            ODD_NAMES, expected
        )
    assert {os.fsencode(line["path"]) for line in by_folder.files.values()} == {
        os.fsencode(photos) + b"/" + name for name in ODD_NAMES
    }
    assert len(told.out.splitlines()) == len(ODD_NAMES) + 1  # no name breaks its line
    assert "\u202e" not in told.out


def test_the_options_reach_the_engine(plume: Plume, tmp_path: Path) -> None:
    data = GOOD["sub/b.png"]
    put(tmp_path, {"b.png": data, "moving.png": APNG})
    words = ["-q", "40", "-f", "jpeg", "--effort", "fast", "--metadata", "all", "--allow-loss", "animation", "-j", "1"]

    ran = plume("compress", "b.png", "moving.png", "-o", "out", *words, "--json")

    settings = Settings("jpeg", 40, effort="fast", metadata="all", allow_losses=("animation",))
    assert (tmp_path / "out" / "b.jpg").read_bytes() == compress(data, settings).data
    assert "animation" in ran.files["moving.png"]["losses"]
    assert plume("compress", "b.png", "-o", "out2", "--lossless", "--json").files["b.png"]["status"] == "written"
    assert (tmp_path / "out2" / "b.png").read_bytes() == compress(data, Settings(lossless=True)).data
    kept = plume("compress", "b.png", "--min-savings", "100", "--json").files["b.png"]
    assert (kept["status"], kept["reason"]) == ("kept", "below_min_savings")
    assert plume("compress", "moving.png", "-f", "jpeg", "--json").files["moving.png"]["reason"] == "would_lose"


@pytest.mark.parametrize("words", [[], ["-o", "out"], ["--in-place"]], ids=["suffix", "folder", "in place"])
def test_t07_a_dry_run_writes_nothing(words: list[str], plume: Plume, tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", {"a.jpg": PHOTO, "b.gif": GIF})
    before = {path: FileFacts.of(path.stat()) for path in (photos, *photos.iterdir())}

    ran = plume("compress", "photos", *words, "--dry-run", "--json")

    assert ran.status == 0
    assert [line["type"] for line in ran.lines] == ["estimate", "estimate", "summary"]
    assert {path: FileFacts.of(path.stat()) for path in (photos, *photos.iterdir())} == before
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "data"}
    assert plume("history", "--json").lines == []


def test_in_place_and_undo_bit_for_bit(plume: Plume, tmp_path: Path) -> None:
    photos = put(tmp_path / "photos", GOOD)
    for path in photos.rglob("*.*"):
        os.utime(path, ns=(5, 1_234_567_890_123_456_789))
        path.chmod(0o640)
    before = tree(photos)

    ran = plume("compress", "photos", "--in-place", "--json")

    assert ran.status == 0
    assert ran.summary["written"] == 3
    assert {name: path for name, path in tree(photos).items() if path == before[name]} == {}
    assert all(line["output_path"] == line["path"] for line in ran.files.values())
    undone = plume("undo", "--json")
    assert undone.lines == [
        {"type": "undo", "batch_id": ran.summary["batch_id"], "restored": 3, "removed": 0, "left": []}
    ]
    assert tree(photos) == before
    assert {path.stat().st_mtime_ns for path in photos.rglob("*.*")} == {1_234_567_890_123_456_789}
    assert {path.stat().st_mode & 0o777 for path in photos.rglob("*.*")} == {0o640}


def test_undo_removes_results_and_leaves_what_changed_since(plume: Plume, tmp_path: Path) -> None:
    put(tmp_path / "photos", GOOD)
    plume("compress", "photos", "-o", "out")
    (tmp_path / "out" / "a.jpg").write_bytes(b"edited")

    ran = plume("undo", "1", "--json")

    assert ran.status == 1
    assert ran.lines[0]["left"] == [{"path": str(tmp_path / "out" / "a.jpg"), "code": "changed_since"}]
    assert set(tree(tmp_path / "out")) == {"a.jpg"}
    assert (tmp_path / "out" / "a.jpg").read_bytes() == b"edited"


def test_a_folder_without_pictures_is_no_failure(plume: Plume, tmp_path: Path) -> None:
    put(tmp_path / "texts", {"notes.txt": b"notes"})

    ran = plume("compress", "texts", "-o", "out", "--json")

    assert (ran.status, ran.err) == (0, "")
    assert (ran.summary["files"], ran.summary["ignored"]) == (0, 1)
    assert not (tmp_path / "out").exists()
    assert plume("compress", "texts").out == "No pictures found (1 other file ignored).\n"


def test_two_doors_one_hall(plume: Plume, tmp_path: Path) -> None:
    """What the command line writes is what the library makes."""
    for name, settings in {"max": Settings(effort="max"), "webp": Settings("webp", 60)}.items():
        words = ["--effort", "max"] if name == "max" else ["-f", "webp", "-q", "60"]
        put(tmp_path, {"a.jpg": PHOTO})
        ran: Ran = plume("compress", "a.jpg", "-o", name, *words, "--json")
        assert Path(ran.files["a.jpg"]["output_path"]).read_bytes() == compress(PHOTO, settings).data
