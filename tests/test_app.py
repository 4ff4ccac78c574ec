"""The program around the window; with a screen it is tested in tests/e2e."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import windows
from plume_app.instance import claim
from plume_app.paths import find_paths


def run(*words: str, code: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    command = ["-c", code] if code else ["-m", "plume_app", *words]
    return subprocess.run(
        [sys.executable, *command],
        env={**env, "PYTHONPATH": str(windows.ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
@pytest.mark.parametrize("words", [[], ["open"], ["open", "a.png"]])
@pytest.mark.parametrize("display", ["", ":9999"])
def test_without_a_screen_it_says_so_in_one_line(data_dir: Path, words: list[str], display: str) -> None:
    done = run(*words, DISPLAY=display)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "plume compress --help" in done.stderr
    assert not (data_dir / "plume.sqlite3").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_a_start_without_a_screen_leaves_the_lock_free(data_dir: Path) -> None:
    del data_dir
    run("open")
    free = claim(find_paths().instance_lock, ())

    assert free is not None
    free.close()


def test_a_second_start_needs_no_screen_to_hand_over(data_dir: Path, tmp_path: Path) -> None:
    del data_dir
    came: list[tuple[Path, ...]] = []
    first = claim(find_paths().instance_lock, ())
    assert first is not None
    first.listen(came.append)
    done = run("open", str(tmp_path / "a.png"))
    first.close()

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert came == [(tmp_path / "a.png",)]


def test_a_relative_path_means_the_folder_of_the_second_start(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del data_dir
    came: list[tuple[Path, ...]] = []
    first = claim(find_paths().instance_lock, ())
    assert first is not None
    first.listen(came.append)
    monkeypatch.chdir(tmp_path)
    run("open", "x/../a.png")
    first.close()

    assert came == [(tmp_path / "a.png",)]


def test_the_command_line_loads_nothing_of_the_window() -> None:
    code = (
        "import sys, plume_app.cli\n"
        "print(*sorted({'webview', 'gi', 'qtpy', 'plume_app.app', 'plume_app.window'} & set(sys.modules)))"
    )

    assert run(code=code).stdout.strip() == ""
