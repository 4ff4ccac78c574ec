"""Plume started with closed or full standard streams, as by a service or a script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import images
from command_line import environment
from photo_folder import put


def begun_by_a_shell(at: Path, redirections: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "plume_app", "compress", "in", "-o", "out"]
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirections}', "sh", *words],
        cwd=at, env=environment(at / "data"), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("redirections", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_t48_a_closed_stream_costs_no_picture(redirections: str, tmp_path: Path) -> None:
    put(tmp_path, {f"in/{number}.jpg": images.jpeg_bytes(images.photo(80 + number, 60)) for number in range(4)})

    ran = begun_by_a_shell(tmp_path, redirections)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(list((tmp_path / "out").iterdir())) == 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_under_the_output_is_told_in_a_sentence(tmp_path: Path) -> None:
    put(tmp_path, {"in/a.jpg": images.jpeg_bytes(images.photo(80, 60))})

    ran = begun_by_a_shell(tmp_path, ">/dev/full")

    assert ran.returncode == 1
    assert ran.stderr == "plume: The lines cannot be written (No space left on device). Send them to another place.\n"
