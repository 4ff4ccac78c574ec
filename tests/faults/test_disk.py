"""Real failures: full disks, refused permissions, a process killed at every step of a write."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from plume_app.domain.file.atomic import commit, discard, remove_file, stage
from plume_app.domain.file.attributes import attributes_of
from plume_app.domain.file.folders import make_folders
from plume_app.domain.file.naming import is_staged_name, staged_name
from plume_app.domain.file.reading import read_source
from plume_app.domain.shared.errors import DiskFull, PlumeError, TargetUnwritable
from processes import as_nobody, in_another_process, killed_at_each_step, mounted

OLD, NEW = b"old" * 100_000, b"new" * 90_000


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may write in, holding one original."""
    made = Path(tempfile.mkdtemp(prefix="plume-test-"))
    made.chmod(0o777)
    yield made.resolve()
    for path in made.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(made, ignore_errors=True)


def put_original(folder: Path) -> Path:
    original = folder / "a.jpg"
    original.write_bytes(OLD)
    os.utime(original, ns=(1_111_111_111_222_333_444, 1_222_222_222_333_444_555))
    return original


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def replace_by(original: Path, data: bytes) -> None:
    source = read_source(original)
    staged = staged_name(original, "1")
    stage(staged, data)
    commit(staged, original, replace=True, like=source.attributes, expected=source.facts, sha256=source.sha256)


@pytest.mark.parametrize("free", [0, 1, 50_000, len(NEW) - 5_000])
def test_t05_t40_original_survives_a_full_disk(tmp_path: Path, free: int) -> None:
    with mounted("tmpfs", "size=1m", tmp_path / "disk") as disk:
        original = put_original(disk)
        with (disk / "ballast").open("wb", buffering=0) as ballast:
            while os.statvfs(disk).f_bavail * 4096 > free:
                ballast.write(bytes(4096))

        with pytest.raises(DiskFull):
            replace_by(original, NEW)

        assert original.read_bytes() == OLD
        assert names(disk) == ["a.jpg", "ballast"]


def test_t40_a_disk_without_room_for_one_more_name_is_told(tmp_path: Path) -> None:
    with mounted("tmpfs", "size=1m,nr_inodes=8", tmp_path / "disk") as disk:
        original = put_original(disk)
        with pytest.raises(DiskFull):
            make_folders(disk / "1/2/3/4/5/6/7/8/9", disk)
        with pytest.raises(DiskFull):
            replace_by(original, NEW)

        assert original.read_bytes() == OLD


@pytest.mark.parametrize("room", [0, 1, len(NEW) - 1])
def test_t01_t05_original_survives_the_limit_of_a_files_size(folder: Path, room: int) -> None:
    original = put_original(folder)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        with pytest.raises(TargetUnwritable):
            replace_by(original, NEW)

    assert in_another_process(work) == 0
    assert original.read_bytes() == OLD
    assert names(folder) == ["a.jpg"]


def test_t02_t03_a_kill_at_any_step_leaves_the_old_or_the_new_file_under_the_name(folder: Path) -> None:
    original = folder / "a.jpg"
    seen = set()

    def prepare() -> None:
        for path in folder.iterdir():
            path.unlink()
        put_original(folder)

    def check(step: int) -> None:
        assert original.read_bytes() in (OLD, NEW)
        seen.add(original.read_bytes())
        assert original.stat().st_mtime_ns == 1_222_222_222_333_444_555
        left = [name for name in names(folder) if name != "a.jpg"]
        assert all(is_staged_name(name) for name in left)
        discard(staged_name(original, "1"))  # what the next start does, knowing the name from its journal
        assert names(folder) == ["a.jpg"]

    steps = killed_at_each_step(prepare, lambda: replace_by(original, NEW), check)

    assert steps >= 6
    assert seen == {OLD, NEW}


def test_t02_a_kill_at_any_step_leaves_a_whole_new_file_or_none(folder: Path) -> None:
    target = folder / "out/b/a.jpg"

    def prepare() -> None:
        shutil.rmtree(folder / "out", ignore_errors=True)
        put_original(folder)

    def work() -> None:
        make_folders(target.parent, folder / "out")
        staged = staged_name(target, "1")
        stage(staged, NEW, durable=False)
        assert commit(staged, target, replace=False, like=attributes_of(folder / "a.jpg"))

    def check(step: int) -> None:
        assert (folder / "a.jpg").read_bytes() == OLD
        if target.exists():
            assert target.read_bytes() == NEW
            assert target.stat().st_mtime_ns == 1_222_222_222_333_444_555
            assert names(target.parent) == ["a.jpg"]

    assert killed_at_each_step(prepare, work, check) >= 6


@pytest.mark.parametrize("written", [0, 1, 200_000])
def test_t05_a_kill_in_the_middle_of_the_bytes_leaves_the_original(folder: Path, written: int) -> None:
    original = put_original(folder)

    def write_some_and_die(opened: int, data: memoryview) -> int:
        os.write(opened, data[:written])
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def work() -> None:
        stage(staged_name(original, "1"), NEW, write=write_some_and_die)

    assert in_another_process(work) == -signal.SIGKILL
    assert original.read_bytes() == OLD
    discard(staged_name(original, "1"))
    assert names(folder) == ["a.jpg"]


def test_t03_a_reader_always_finds_a_whole_file(folder: Path) -> None:
    original = put_original(folder)

    def replace_many_times() -> None:
        for _ in range(30):
            replace_by(original, NEW)
            replace_by(original, OLD)

    writer = Thread(name="writer", target=replace_many_times)
    writer.start()
    looked = 0
    while writer.is_alive():
        assert original.read_bytes() in (OLD, NEW)
        looked += 1
    writer.join()

    assert looked > 0


@pytest.mark.parametrize("what", ["folder", "file"])
def test_t39_t53_a_read_only_folder_or_file_is_told_and_left(folder: Path, what: str) -> None:
    inner = folder / "in"
    inner.mkdir()

    def prepare() -> None:
        original = put_original(inner)
        original.chmod(0o444 if what == "file" else 0o644)
        inner.chmod(0o555 if what == "folder" else 0o755)

    def work() -> None:
        inner.chmod(0o755)
        prepare()
        with pytest.raises(TargetUnwritable) as caught:
            replace_by(inner / "a.jpg", NEW)
        assert caught.value.facts["folder"] == str(inner)

    if os.geteuid() == 0:
        os.chown(inner, 65534, 65534)
    as_nobody(work)
    assert (inner / "a.jpg").read_bytes() == OLD
    assert names(inner) == ["a.jpg"]


def test_t39_somebody_elses_folder_is_told(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs a second user")
    folder.chmod(0o755)
    original = put_original(folder)

    def work() -> None:
        staged = staged_name(original, "1")
        with pytest.raises(TargetUnwritable):
            stage(staged, NEW)
        with pytest.raises(TargetUnwritable):
            remove_file(original)

    as_nobody(work)
    assert original.read_bytes() == OLD


def test_t39_a_disk_that_became_read_only_is_told(tmp_path: Path) -> None:
    with mounted("tmpfs", "size=1m", tmp_path / "disk") as disk:
        original = put_original(disk)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

        with pytest.raises(TargetUnwritable):
            replace_by(original, NEW)
        with pytest.raises(TargetUnwritable):
            make_folders(disk / "out", disk)

        assert original.read_bytes() == OLD


def test_t39_a_locked_file_is_told_and_no_staged_file_stays(folder: Path) -> None:
    original = put_original(folder)
    locked = shutil.which("chattr") and subprocess.run(
        ["chattr", "+i", str(original)], capture_output=True, check=False
    )
    if not locked or locked.returncode != 0:
        pytest.skip("this user or this disk cannot lock a file")
    try:
        with pytest.raises(TargetUnwritable):
            replace_by(original, NEW)
        assert original.read_bytes() == OLD
        assert names(folder) == ["a.jpg"]
    finally:
        subprocess.run(["chattr", "-i", str(original)], check=True)


def test_t38_a_disk_without_attributes_or_links_still_takes_results(tmp_path: Path) -> None:
    with mounted("ramfs", "mode=755", tmp_path / "disk") as disk:
        original = put_original(disk)
        replace_by(original, NEW)
        staged = staged_name(original, "2")
        stage(staged, OLD, durable=False)

        assert commit(staged, disk / "b.jpg", replace=False, like=attributes_of(original))
        assert (original.read_bytes(), (disk / "b.jpg").read_bytes()) == (NEW, OLD)


def test_t01_a_failure_of_any_kind_leaves_no_staged_file(folder: Path) -> None:
    original = put_original(folder)
    source = read_source(original)
    staged = staged_name(original, "1")
    stage(staged, NEW)
    original.write_bytes(OLD + b"changed")

    with pytest.raises(PlumeError):
        commit(staged, original, replace=True, expected=source.facts)

    assert names(folder) == ["a.jpg"]
