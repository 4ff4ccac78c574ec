from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.domain.file.folders import check_room, free_bytes, make_folders, remove_folders
from plume_app.domain.shared.errors import DiskFull, TargetUnwritable
from processes import as_nobody


def test_folders_are_made_once_and_told_outermost_first(tmp_path: Path) -> None:
    base = tmp_path / "x/out"

    made = make_folders(base / "a/b", base)

    assert made == [tmp_path / "x", base, base / "a", base / "a/b"]
    assert make_folders(base / "a/b", base) == []
    assert make_folders(base / "a/c", base) == [base / "a/c"]
    assert make_folders(base, base) == []


def test_what_was_made_is_removed_as_far_as_it_is_empty(tmp_path: Path) -> None:
    base = tmp_path / "out"
    made = make_folders(base / "a/b", base) + make_folders(base / "c", base)
    (base / "c/theirs.txt").touch()

    remove_folders(made)

    assert sorted(path.name for path in base.iterdir()) == ["c"]


def test_t53_a_link_under_the_output_folder_is_not_followed(tmp_path: Path) -> None:
    base, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    base.mkdir()
    elsewhere.mkdir()
    (base / "a").symlink_to(elsewhere)

    for folder in (base / "a", base / "a/b"):
        with pytest.raises(TargetUnwritable):
            make_folders(folder, base)

    assert list(elsewhere.iterdir()) == []


def test_the_output_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "out").symlink_to("disk")

    assert make_folders(tmp_path / "out/a", tmp_path / "out") == [tmp_path / "out/a"]
    assert (tmp_path / "disk/a").is_dir()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a").touch()

    for folder, base in (("out/a/b", "out"), ("out/a", "out"), ("out/a/b", "out/a")):
        with pytest.raises(TargetUnwritable):
            make_folders(tmp_path / folder, tmp_path / base)


@pytest.mark.parametrize("folder", ["/elsewhere", "/out/../elsewhere"])
def test_nothing_is_made_outside_the_output_folder(folder: str) -> None:
    with pytest.raises(ValueError, match="out"):
        make_folders(Path(folder), Path("/out"))


def test_t39_a_folder_that_may_not_be_made_is_told(shared_path: Path) -> None:
    (shared_path / "closed").mkdir(0o555)
    (shared_path / "out").mkdir(0o555)

    def work() -> None:
        for base in (shared_path / "closed/out", shared_path / "out"):
            with pytest.raises(TargetUnwritable):
                make_folders(base / "a", base)

    as_nobody(work)


def test_t40_a_result_that_cannot_fit_is_refused_before_its_first_byte(tmp_path: Path) -> None:
    check_room(tmp_path / "not/made/yet", 1)
    with pytest.raises(DiskFull):
        check_room(tmp_path / "not/made/yet", 1 << 60)
    assert (free_bytes(tmp_path) or 0) > 0
