from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from plume_app.domain.file.atomic import (
    _link_and_unlink,
    _move_to_free_name,
    commit,
    discard,
    remove_file,
    stage,
)
from plume_app.domain.file.attributes import attributes_of
from plume_app.domain.file.naming import staged_name
from plume_app.domain.file.reading import read_source
from plume_app.domain.shared.errors import DiskFull, PlumeError, SourceChanged, TargetUnwritable

OLD, NEW = b"old" * 1000, b"new" * 900


def failing_after(size: int, code: int) -> Callable[[int, memoryview], int]:
    """A disk that takes `size` bytes, a few at a time, and then fails."""
    left = size

    def write(opened: int, data: memoryview) -> int:
        nonlocal left
        if left == 0:
            raise OSError(code, os.strerror(code))
        written = os.write(opened, data[: min(left, 700)])
        left -= written
        return written

    return write


@pytest.fixture
def original(tmp_path: Path) -> Path:
    path = tmp_path / "a.jpg"
    path.write_bytes(OLD)
    path.chmod(0o640)
    os.utime(path, ns=(1_111_111_111_222_333_444, 1_222_222_222_333_444_555))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_staging_changes_nothing_that_the_user_sees(original: Path) -> None:
    staged = staged_name(original, "1")

    stage(staged, NEW)

    assert original.read_bytes() == OLD
    assert staged.read_bytes() == NEW
    assert stat.S_IMODE(staged.stat().st_mode) == 0o600


def test_staging_never_writes_over_something_nor_removes_it(original: Path) -> None:
    staged = staged_name(original, "1")
    staged.write_bytes(b"of another Plume")

    with pytest.raises(TargetUnwritable):
        stage(staged, NEW)

    assert staged.read_bytes() == b"of another Plume"


def test_staging_does_not_follow_a_link(original: Path) -> None:
    staged = staged_name(original, "1")
    staged.symlink_to(original.parent / "elsewhere")

    with pytest.raises(TargetUnwritable):
        stage(staged, NEW)

    assert not (original.parent / "elsewhere").exists()


@pytest.mark.parametrize("size", [0, 1, 699, 700, 1500, len(NEW) - 1])
@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, TargetUnwritable)]
)
def test_t05_original_survives_a_disk_that_fails_at_any_byte(
    original: Path, size: int, code: int, error: type[PlumeError]
) -> None:
    with pytest.raises(error) as caught:
        stage(staged_name(original, "1"), NEW, write=failing_after(size, code))

    assert caught.value.facts["folder"] == str(original.parent)
    assert original.read_bytes() == OLD
    assert names(original.parent) == ["a.jpg"]


def test_a_disk_that_takes_a_few_bytes_at_a_time_gets_them_all(original: Path) -> None:
    staged = staged_name(original, "1")

    stage(staged, NEW, write=failing_after(len(NEW), errno.ENOSPC))

    assert staged.read_bytes() == NEW


def test_an_interrupt_while_writing_leaves_no_staged_file(original: Path) -> None:
    def interrupt(opened: int, data: memoryview) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(staged_name(original, "1"), NEW, write=interrupt)

    assert names(original.parent) == ["a.jpg"]


@pytest.mark.parametrize("name", ["a.jpg", ".a.tmp", ".plume-.tmp"])
def test_only_staged_names_are_written_moved_or_removed(original: Path, name: str) -> None:
    other = original.with_name(name)
    for act in (
        lambda: stage(other, NEW),
        lambda: discard(other),
        lambda: commit(other, original.with_name("b.jpg"), replace=False),
    ):
        with pytest.raises(ValueError, match="staged_name"):
            act()
    assert original.read_bytes() == OLD


def test_t34_a_replaced_file_keeps_mode_dates_and_attributes(original: Path) -> None:
    try:
        os.setxattr(original, "user.note", b"holiday\0\xff")
    except OSError:
        pytest.skip("the folder of the tests has no extended attributes")
    source = read_source(original)
    staged = staged_name(original, "1")
    stage(staged, NEW)

    assert commit(staged, original, replace=True, like=source.attributes, expected=source.facts)

    assert attributes_of(original) == source.attributes
    assert original.read_bytes() == NEW
    assert original.stat().st_mtime_ns == 1_222_222_222_333_444_555
    assert names(original.parent) == ["a.jpg"]


def test_t09_a_file_that_is_there_is_never_overwritten(original: Path) -> None:
    staged = staged_name(original, "1")
    stage(staged, NEW)

    assert commit(staged, original, replace=False) is False

    assert original.read_bytes() == OLD
    assert commit(staged, original.with_name("b.jpg"), replace=False)
    assert names(original.parent) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("kind", ["dangling link", "link to a file", "folder"])
def test_t09_a_link_or_folder_in_the_way_is_a_taken_name(original: Path, kind: str) -> None:
    target = original.with_name("b.jpg")
    if kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(original if kind == "link to a file" else original.with_name("nowhere"))
    staged = staged_name(target, "1")
    stage(staged, NEW)

    assert commit(staged, target, replace=False) is False

    assert original.read_bytes() == OLD
    assert not original.with_name("nowhere").exists()


def test_t38_without_the_linux_call_a_hard_link_does_the_same(original: Path) -> None:
    staged, target = staged_name(original, "1"), original.with_name("b.jpg")
    stage(staged, NEW)

    assert _link_and_unlink(staged, original) is False
    assert _link_and_unlink(staged, target) is True

    assert (original.read_bytes(), target.read_bytes()) == (OLD, NEW)
    assert names(original.parent) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("there", [True, False])
def test_t38_without_hard_links_the_name_is_taken_first(original: Path, there: bool) -> None:
    staged = staged_name(original, "1")
    target = original if there else original.with_name("b.jpg")
    stage(staged, NEW)

    assert _move_to_free_name(staged, target, ways=()) is not there

    assert original.read_bytes() == OLD
    assert there or target.read_bytes() == NEW


@pytest.mark.parametrize("change", ["written", "replaced", "deleted and made again", "longer", "a link"])
def test_t52_a_source_that_changed_since_it_was_read_is_not_replaced(original: Path, change: str) -> None:
    source = read_source(original)
    staged = staged_name(original, "1")
    stage(staged, NEW)
    theirs = OLD[::-1]
    if change == "written":
        original.write_bytes(theirs)
    elif change == "longer":
        theirs = OLD + b"!"
        original.write_bytes(theirs)
        os.utime(original, ns=(0, source.facts.mtime_ns))
    else:
        other = original.with_name("other")
        other.write_bytes(theirs)
        if change == "replaced":
            other.rename(original)
        elif change == "a link":
            original.unlink()
            original.symlink_to(other)
        else:
            original.unlink()
            original.write_bytes(theirs)

    with pytest.raises(SourceChanged):
        commit(staged, original, replace=True, expected=source.facts, sha256=source.sha256)

    assert original.read_bytes() == theirs
    assert not staged.exists()


def test_a_hard_link_made_meanwhile_is_no_change_when_the_bytes_are_the_same(original: Path) -> None:
    source = read_source(original)
    kept = original.with_name("kept")
    os.link(original, kept)  # as the undo store does; the inode's date changes
    staged = staged_name(original, "1")
    stage(staged, NEW)

    assert commit(staged, original, replace=True, expected=source.facts, sha256=source.sha256)

    assert (kept.read_bytes(), original.read_bytes()) == (OLD, NEW)


def test_t53_a_link_is_not_replaced_by_a_file(original: Path) -> None:
    link = original.with_name("link.jpg")
    link.symlink_to(original)
    staged = staged_name(link, "1")
    stage(staged, NEW)

    with pytest.raises(SourceChanged):
        commit(staged, link, replace=True)

    assert link.is_symlink()
    assert original.read_bytes() == OLD
    assert not staged.exists()


def test_a_missing_target_is_put_back_by_a_replace_without_expectation(original: Path) -> None:
    staged = staged_name(original, "1")
    stage(staged, NEW)
    original.unlink()

    assert commit(staged, original, replace=True)

    assert original.read_bytes() == NEW


def test_a_staged_file_in_another_folder_is_a_bug(original: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    staged = staged_name(original, "1")
    stage(staged, NEW)

    with pytest.raises(ValueError, match="beside"):
        commit(staged, tmp_path / "other" / "a.jpg", replace=False)


def test_discarding_what_is_gone_is_no_failure(original: Path) -> None:
    discard(staged_name(original, "1"))


def test_a_result_that_changed_since_is_not_removed(original: Path) -> None:
    facts = read_source(original).facts
    original.write_bytes(NEW)

    with pytest.raises(SourceChanged):
        remove_file(original, expected=facts)

    assert original.read_bytes() == NEW


def test_an_unchanged_result_is_removed_and_removing_it_again_is_no_failure(original: Path) -> None:
    source = read_source(original)

    remove_file(original, expected=source.facts)
    remove_file(original, expected=source.facts)

    assert names(original.parent) == []


@pytest.mark.parametrize("durable", [True, False])
def test_the_bytes_are_on_the_disk_before_the_name_is_given(original: Path, durable: bool) -> None:
    staged = staged_name(original, "1")
    flushed: list[bytes] = []

    stage(staged, NEW, durable=durable, sync=lambda _: flushed.append(staged.read_bytes()))
    commit(staged, original, replace=True, durable=durable, flush=lambda _: flushed.append(original.read_bytes()))

    assert flushed == ([NEW, NEW] if durable else [])


@pytest.mark.parametrize("replace", [True, False])
def test_the_new_name_is_flushed_when_an_original_is_replaced(original: Path, replace: bool) -> None:
    staged = staged_name(original, "1")
    stage(staged, NEW)
    flushed: list[Path] = []

    commit(staged, original if replace else original.with_name("b.jpg"), replace=replace, flush=flushed.append)

    assert flushed == ([original.parent] if replace else [])


def test_a_disk_that_cannot_flush_the_bytes_gets_no_name(original: Path) -> None:
    def fail(opened: int) -> None:
        raise OSError(errno.EIO, "x")

    with pytest.raises(TargetUnwritable):
        stage(staged_name(original, "1"), NEW, sync=fail)

    assert names(original.parent) == ["a.jpg"]


def test_a_failed_flush_of_the_name_does_not_deny_what_has_happened(original: Path) -> None:
    def fail(folder: Path) -> None:
        raise OSError(errno.EIO, "x")

    staged = staged_name(original, "1")
    stage(staged, NEW)

    assert commit(staged, original, replace=True, flush=fail)
    assert original.read_bytes() == NEW
