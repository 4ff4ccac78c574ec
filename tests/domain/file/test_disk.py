"""What a file takes on its disk."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from plume_app.domain.file.disk import disk_bytes


def test_disk_bytes_are_what_du_counts(tmp_path: Path) -> None:
    for size in (0, 1, 5_000, 300_000):
        path = tmp_path / str(size)
        path.write_bytes(os.urandom(size))
        os.sync()
        told = subprocess.run(["du", "--block-size=1", str(path)], capture_output=True, text=True, check=True).stdout

        assert disk_bytes(path) == int(told.split()[0])


def test_a_hole_takes_no_room(tmp_path: Path) -> None:
    path = tmp_path / "hole"
    with path.open("wb") as file:
        file.truncate(10_000_000)
        taken = disk_bytes(file.fileno())

    assert taken is not None
    assert taken < 100_000
    assert disk_bytes(path) == taken


def test_what_is_not_there_is_unknown_and_a_link_is_not_followed(tmp_path: Path) -> None:
    big, link = tmp_path / "big", tmp_path / "link"
    big.write_bytes(bytes(500_000))
    link.symlink_to(big)

    assert disk_bytes(tmp_path / "nowhere") is None
    told = disk_bytes(link)
    assert told is not None
    assert told < 100_000
