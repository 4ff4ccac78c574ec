"""`plume compress` where the world refuses: no permission, no room, no time, a codec that lies."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import images
from command_line import Plume, Ran, environment
from processes import mounted
from shop import tree

PHOTO = images.jpeg_bytes(images.photo(90, 60), quality=97)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(PHOTO)
    return folder


@pytest.fixture
def plume(tmp_path: Path) -> Plume:
    return Plume(tmp_path, tmp_path / "data")


def test_t39_an_output_folder_that_is_a_file_is_bad_usage(plume: Plume, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way")

    for out in ("out", "out/deeper", tmp_path / "out" / "deeper"):
        ran = plume("compress", "photos", "-o", out, "--json")
        assert (ran.status, ran.out) == (2, "")
        assert "out is a file" in ran.err
    assert (tmp_path / "out").read_text() == "in the way"
    assert not (tmp_path / "data").exists()
    assert set(tree(photos)) == {"a.jpg", "b.jpg"}


def test_t39_what_cannot_be_read_costs_only_itself(plume: Plume, photos: Path) -> None:
    (photos / "ring.jpg").symlink_to("ring.jpg")
    os.mkfifo(photos / "pipe.jpg")

    ran = plume("compress", photos / "ring.jpg", photos / "pipe.jpg", photos / "a.jpg", "--json")

    assert ran.status == 1
    assert ran.failed_with() == {"ring.jpg": "source_unreadable", "pipe.jpg": "source_unreadable"}
    assert ran.files["a.jpg"]["status"] == "written"


def test_t39_t05_permissions_bind_and_originals_stay(photos: Path, tmp_path: Path) -> None:
    through: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root without the right to go around permissions
        if shutil.which("setpriv") is None:
            pytest.skip("permissions do not bind root, and setpriv (util-linux) is not there to change that")
        through = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    closed, marked, hidden = photos / "a.jpg", photos / "b.jpg", photos / "closed"
    hidden.mkdir()
    (hidden / "c.jpg").write_bytes(PHOTO)
    (tmp_path / "out").mkdir()
    before = tree(photos)
    for path, mode in ((closed, 0), (marked, 0o444), (hidden, 0), (tmp_path / "out", 0o555)):
        path.chmod(mode)
    plume = Plume(tmp_path, tmp_path / "data", through)

    beside = plume("compress", "photos", hidden / "c.jpg", "-o", "small", "--json")
    into = plume("compress", marked, "-o", "out", "--json")
    in_place = plume("compress", marked, "--in-place", "--json")

    for path in (closed, marked, hidden, tmp_path / "out"):
        path.chmod(0o700)
    assert beside.status == 1
    assert beside.failed_with() == dict.fromkeys(("a.jpg", "closed", "c.jpg"), "source_unreadable")
    assert beside.files["closed"]["error"]["message"].startswith("The folder cannot be read (Permission denied)")
    assert beside.files["b.jpg"]["status"] == "written"
    assert into.failed_with() == in_place.failed_with() == {"b.jpg": "target_unwritable"}
    assert tree(photos) == before
    assert not [path for path in (tmp_path / "data" / "undo").rglob("*") if path.is_file()]


def test_t39_a_read_only_disk_is_told(plume: Plume, photos: Path, tmp_path: Path) -> None:
    with mounted("tmpfs", "size=1m", tmp_path / "disk") as disk:
        shutil.copy(photos / "a.jpg", disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        for words in (["photos", "-o", disk / "out"], [disk / "a.jpg"], [disk / "a.jpg", "--in-place"]):
            ran = plume("compress", *words, "--json")
            assert ran.status == 1
            assert set(ran.failed_with().values()) == {"target_unwritable"}
        assert (disk / "a.jpg").read_bytes() == PHOTO


def test_t40_t05_a_full_disk_is_told_and_the_rest_is_done(plume: Plume, tmp_path: Path) -> None:
    sources = tmp_path / "photos"
    sources.mkdir()
    for number in range(6):
        noisy = images.noise(150, 150, seed=number)
        (sources / f"{number}.png").write_bytes(images.png_bytes(noisy, compress_level=0))
    (sources / "small.jpg").write_bytes(PHOTO)
    before = tree(sources)
    with mounted("tmpfs", "size=200k", tmp_path / "disk") as disk:
        ran = plume("compress", "photos", "-o", disk, "--lossless", "--json")

        assert ran.status == 1
        assert set(ran.failed_with().values()) == {"disk_full"}
        assert ran.summary["written"] + ran.summary["kept"] >= 2
        done = {line["output_path"] for line in ran.files.values() if line["status"] in ("written", "kept")}
        assert {str(path) for path in disk.rglob("*") if path.is_file()} == done
    assert tree(sources) == before


def test_t40_a_full_disk_leaves_no_empty_folder(plume: Plume, photos: Path, tmp_path: Path) -> None:
    with mounted("tmpfs", "size=64k", tmp_path / "disk") as disk:
        (disk / "rest").write_bytes(b"x" * 65_536)

        ran = plume("compress", "photos", "-o", disk / "out" / "deep", "--json")

        assert set(ran.failed_with().values()) == {"disk_full"}
        assert [path.name for path in disk.iterdir()] == ["rest"]


def test_t40_a_full_disk_under_plume_s_own_folder_is_one_sentence(photos: Path, tmp_path: Path) -> None:
    with mounted("tmpfs", "size=16k", tmp_path / "disk") as disk:
        ran = Plume(tmp_path, disk / "data")("compress", "photos", "--in-place", "--json")

        assert ran.status == 1
        assert ran.err.startswith("plume: ")
        assert len(ran.err.splitlines()) == 1
    assert set(tree(photos)) == {"a.jpg", "b.jpg"}
    assert (photos / "a.jpg").read_bytes() == PHOTO


def test_t40_a_disk_that_fills_up_at_work_does_not_say_that_nothing_was_changed(photos: Path, tmp_path: Path) -> None:
    for number in range(6):
        (photos / f"c{number}.png").write_bytes(images.png_bytes(images.photo(500, 400, seed=number)))
    with mounted("tmpfs", "size=6m", tmp_path / "disk") as disk:
        running = subprocess.Popen(
            [sys.executable, "-m", "plume_app", "compress", "photos", "--in-place", "--effort", "max", "--json", "-j1"],
            cwd=tmp_path, env=environment(disk / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert running.stdout is not None
        written = json.loads(running.stdout.readline())
        ballast = os.open(disk / "ballast", os.O_WRONLY | os.O_CREAT)
        os.posix_fallocate(ballast, 0, os.statvfs(disk).f_bavail * 4096)
        os.close(ballast)
        _, told = running.communicate(timeout=60)

        assert (written["status"], running.returncode) == ("written", 1)
        assert told.startswith("plume: The disk of ")
        assert "nothing was changed" not in told
        (disk / "ballast").unlink()
        Plume(tmp_path, disk / "data")("undo")
    assert {path.read_bytes() for path in photos.glob("*.jpg")} == {PHOTO}


def test_a_data_folder_that_cannot_be_made_is_one_sentence(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    ran = Plume(tmp_path, tmp_path / "data")("compress", "photos", "--json")

    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith("plume: ")
    assert set(tree(photos)) == {"a.jpg", "b.jpg"}


LIAR = """
from plume_app.domain.compression.codecs import Codec, Encoded, writable_codecs
from plume_app.domain.image.pixels import Source

OTHER = bytes.fromhex("HEX")
CODEC = Codec("liar", "Liar", ("liar",), "image/x-liar", lambda head: False,
              encode=lambda source, settings: Encoded(OTHER, carries_metadata=True, same_pixels=True))
"""


def test_t31_a_codec_that_lies_about_the_same_pixels_is_found_out(plume: Plume, photos: Path, tmp_path: Path) -> None:
    package = tmp_path / "packages"
    (package / "liar-1.dist-info").mkdir(parents=True)
    (package / "liar-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: liar\nVersion: 1\n")
    (package / "liar-1.dist-info" / "entry_points.txt").write_text("[plume.codecs]\nliar = liar:CODEC\n")
    (package / "liar.py").write_text(LIAR.replace("HEX", images.png_bytes(images.photo(90, 60, seed=9)).hex()))
    before = tree(photos)
    more = {"PYTHONPATH": os.pathsep.join([str(package), environment(tmp_path)["PYTHONPATH"]])}

    ran = plume("compress", "photos", "-f", "liar", "--in-place", "--json", more=more)

    assert (ran.status, ran.failed_with()) == (1, dict.fromkeys(("a.jpg", "b.jpg"), "lossless_mismatch"))
    assert tree(photos) == before


@pytest.mark.parametrize("words", [["-o", "out"], ["--in-place"]], ids=["folder", "in place"])
@pytest.mark.parametrize("to_all", [True, False], ids=["whole group, as a terminal does", "the process alone"])
def test_t49_ctrl_c_leaves_whole_files_only_and_ends_with_130(words: list[str], to_all: bool, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "0.jpg").write_bytes(PHOTO)
    slow = images.png_bytes(images.photo(1500, 1100), compress_level=1)
    for number in range(1, 6):
        (photos / f"{number}.png").write_bytes(slow)
    before = tree(photos)
    running = subprocess.Popen(
        [sys.executable, "-m", "plume_app", "compress", "photos", *words, "--effort", "max", "--json", "-j", "2"],
        cwd=tmp_path, env=environment(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    first = json.loads(running.stdout.readline())  # from now on the others are with a worker

    (os.killpg if to_all else os.kill)(running.pid, signal.SIGINT)
    asked = time.monotonic()
    out, err = running.communicate(timeout=60)
    took = time.monotonic() - asked

    ran = Ran(running.returncode, json.dumps(first) + "\n" + out, err)
    assert (ran.status, ran.err) == (130, "")
    assert took < 10  # not a measurement: five such files take a minute
    assert ran.summary["cancelled"] >= 1
    assert ran.summary["interrupted"] is True
    assert ran.summary["files"] == sum(ran.summary[word] for word in ("written", "kept", "failed", "cancelled"))
    assert {line["status"] for line in ran.files.values()} <= {"written", "kept", "cancelled"}
    left = tree(tmp_path / "out") if "-o" in words else tree(photos)
    assert not [name for name in left if name.startswith(".")]
    done = {Path(line["output_path"]).name for line in ran.files.values() if line["output_path"]}
    assert done == (set(left) if "-o" in words else {name for name in left if left[name] != before[name]})
    assert Plume(tmp_path, tmp_path / "data")("history", "--json").lines[0]["state"] == "cancelled"


def test_a_reader_that_goes_away_ends_the_run_without_a_trace(photos: Path, tmp_path: Path) -> None:
    for number in range(40):
        (photos / f"{number}.jpg").write_bytes(PHOTO)
    running = subprocess.Popen(
        [sys.executable, "-m", "plume_app", "compress", "photos", "-o", "out", "--json"],
        cwd=tmp_path, env=environment(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.readline()
    running.stdout.close()
    told = running.stderr.read().decode()
    running.stderr.close()

    assert running.wait(timeout=60) != 0
    assert "Traceback" not in told
    assert not [name for name in tree(tmp_path / "out") if Path(name).name.startswith(".")]
