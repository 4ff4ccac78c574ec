from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.domain.file.flush import flush_folder, flush_folders
from processes import mounted


def test_folders_of_one_disk_are_flushed_in_one_step(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(20)]
    for folder in folders:
        folder.mkdir()
        (folder / "a").write_bytes(b"x")

    assert flush_folders(folders) == 1


def test_each_disk_is_flushed(tmp_path: Path) -> None:
    with mounted("tmpfs", "size=1m", tmp_path / "other") as other:
        assert flush_folders([tmp_path, other, tmp_path]) == 2


def test_a_folder_that_has_gone_needs_no_flush(tmp_path: Path) -> None:
    assert flush_folders([tmp_path / "gone"]) == 0
    assert flush_folders([]) == 0


def test_the_names_of_one_folder_can_be_flushed(tmp_path: Path) -> None:
    flush_folder(tmp_path)

    with pytest.raises(FileNotFoundError):
        flush_folder(tmp_path / "gone")
