from __future__ import annotations

import os
from pathlib import Path

import pytest

from plume_app.domain.shared.errors import DiskFull, SourceMissing, SourceUnreadable, TargetUnwritable
from plume_app.jobs.undo_bytes import put
from processes import mounted


def test_a_file_with_one_name_is_linked_and_costs_no_room(tmp_path: Path) -> None:
    source, entry = tmp_path / "a", tmp_path / "store" / "e"
    source.write_bytes(b"bytes")

    put(source, entry)

    assert entry.stat().st_ino == source.stat().st_ino


def test_a_file_with_a_second_name_is_copied_since_that_name_would_share_it(tmp_path: Path) -> None:
    source, entry = tmp_path / "a", tmp_path / "store" / "e"
    source.write_bytes(b"bytes")
    os.link(source, tmp_path / "second name")

    put(source, entry)

    assert entry.stat().st_nlink == 1
    assert entry.read_bytes() == b"bytes"
    assert entry.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("size", [0, 5, 3_000_001])
def test_across_disks_a_file_is_copied_whole(tmp_path: Path, size: int) -> None:
    source = tmp_path / "a"
    source.write_bytes(os.urandom(size))
    with mounted("tmpfs", "size=8m", tmp_path / "other") as other:
        put(source, other / "store" / "e")

        assert (other / "store" / "e").read_bytes() == source.read_bytes()


def test_t40_a_full_disk_is_told_and_leaves_no_half_copy(tmp_path: Path) -> None:
    source = tmp_path / "a"
    source.write_bytes(bytes(3_000_000))
    with mounted("tmpfs", "size=1m", tmp_path / "other") as other:
        with pytest.raises(DiskFull):
            put(source, other / "store" / "e")

        assert list((other / "store").iterdir()) == []


def test_a_source_that_is_gone_or_a_link_or_a_pipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceMissing):
        put(tmp_path / "gone", tmp_path / "store" / "e")
    (tmp_path / "link").symlink_to("/etc/hostname")
    with pytest.raises(SourceUnreadable):
        put(tmp_path / "link", tmp_path / "store" / "e")


def test_a_store_that_cannot_be_written_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    (tmp_path / "store").write_bytes(b"a file where the folder should be")

    with pytest.raises(TargetUnwritable):
        put(tmp_path / "a", tmp_path / "store" / "e")
