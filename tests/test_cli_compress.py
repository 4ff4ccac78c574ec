"""`plume compress` for real: a process, its lines, its exit status, the files it leaves."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from PIL import Image

import images
from command_line import Plume, Ran
from photo_folder import APNG, GIF, GOOD, PHOTO, put, sha256
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import FileFacts
from plume_app.sentences import notice_sentence
from shop import tree

ODD_NAMES = [
    b"with space.jpg", b"it's \"quoted\".jpg", b"100% #1.jpg", "\N{CAT FACE} \u202e.jpg".encode(), b"line\nbreak.jpg",
    b"-q.jpg", b"caf\xe9.jpg", b"caf\xc3\xa9.jpg", b"$(touch x);.jpg", b"a.b.c..jpg", b"back\\slash.jpg",
    "\u00e9".encode() * 120 + b".jpg",
]  # fmt: skip


@pytest.fixture
def plume(tmp_path: Path) -> Plume:
    return Plume(tmp_path, tmp_path / "data")


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


def test_t08_names_depend_neither_on_the_order_of_the_words_nor_on_the_workers(plume: Plume, tmp_path: Path) -> None:
    large = images.png_bytes(images.photo(300, 200, seed=3))
    put(tmp_path, {"a/x.png": large, "b/x.png": images.png_bytes(images.photo(20, 16))})
    words = ("a/x.png", "b/x.png")

    for number, (workers, given) in enumerate((n, w) for n in ("1", "2") for w in (words, words[::-1])):
        assert plume("compress", *given, "-o", f"out{number}", "-j", workers).status == 0

    found = [tree(tmp_path / f"out{number}") for number in range(4)]
    assert len(found[0]) == 2
    assert found == [found[0]] * 4


def test_t30_private_data_that_stays_is_told_once_at_the_end(plume: Plume, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    located = images.jpeg_bytes(images.photo(40, 30), quality=60, exif=exif.tobytes())
    put(tmp_path, {"a.jpg": located, "b.jpg": located})

    told = plume("compress", "a.jpg", "b.jpg", "--min-savings", "100", "--json")
    clean = plume("compress", "a.jpg", "--min-savings", "100", "--metadata", "all")

    assert told.err.splitlines() == [notice_sentence("private_data_kept", {"files": 2})]
    assert clean.err == ""


def test_t53_both_names_of_a_hard_link_are_files_of_their_own(plume: Plume, tmp_path: Path) -> None:
    put(tmp_path, {"a.jpg": PHOTO})
    (tmp_path / "b.jpg").hardlink_to(tmp_path / "a.jpg")

    ran = plume("compress", "a.jpg", "b.jpg", "--in-place", "--json")

    assert (ran.summary["written"], ran.summary["failed"]) == (2, 0)
    small = compress(PHOTO, Settings()).data
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes() == small
    assert plume("undo").status == 0
    assert (tmp_path / "a.jpg").read_bytes() == (tmp_path / "b.jpg").read_bytes() == PHOTO


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


@pytest.mark.parametrize("words", [[], ["-o", "out"], ["--in-place"], ["-o", "out", "-f", "webp"]])
def test_t11_a_dry_run_knows_what_was_done_before(words: list[str], plume: Plume, tmp_path: Path) -> None:
    put(tmp_path / "photos", {"a.jpg": PHOTO})
    size = plume("compress", "photos", *words, "--json").files["a.jpg"]["compressed_size"]

    again = plume("compress", "photos", *words, "--dry-run", "--json")
    other = plume("compress", "photos", *words, "-q", "30", "--dry-run", "--json")

    line = again.lines[0]
    assert (line["reason"], line["compressed_size"], line["low"], line["high"]) == ("already_done", size, size, size)
    assert (again.summary["original_size"], again.summary["compressed_size"]) == (size, size)
    assert other.lines[0]["reason"] is None
    told = plume("compress", "photos", *words, "--dry-run").out
    assert "compressed before" in told
    assert "about" not in told, "nothing is guessed"


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
    for words in (["compress"], ["compress", "--dry-run"], ["estimate"]):
        told = plume(*words, "texts").out
        assert told.startswith(
            "No pictures found (1 other file ignored). Plume reads BMP, GIF, JPEG, PNG, TIFF and WebP"
        )


def test_two_doors_one_hall(plume: Plume, tmp_path: Path) -> None:
    """What the command line writes is what the library makes."""
    for name, settings in {"max": Settings(effort="max"), "webp": Settings("webp", 60)}.items():
        words = ["--effort", "max"] if name == "max" else ["-f", "webp", "-q", "60"]
        put(tmp_path, {"a.jpg": PHOTO})
        ran: Ran = plume("compress", "a.jpg", "-o", name, *words, "--json")
        assert Path(ran.files["a.jpg"]["output_path"]).read_bytes() == compress(PHOTO, settings).data
