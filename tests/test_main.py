"""`python -m plume_app` is the command line, and its exit status the contract's."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Plume
from plume_app import __version__

TELL_WHEN_CLICK_COMES = """
import sys

def hear(event, arguments):
    if event == "import" and arguments[0] == "click":
        known = sys.modules.get("multiprocessing.forkserver")
        print(bool(known and known._forkserver._forkserver_pid), flush=True)

sys.addaudithook(hear)
from plume_app.__main__ import main
main()
"""


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (["--help"], 0), (["shrink"], 2), (["compress"], 2)])
def test_the_exit_status_is_that_of_the_command_line(words: list[str], status: int, tmp_path: Path) -> None:
    ran = Plume(tmp_path, tmp_path / "data")(*words)

    assert ran.status == status
    assert not list(tmp_path.iterdir())


def test_it_calls_itself_plume(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")

    assert plume("--version").out == f"plume {__version__}\n"
    assert plume("--help").out.startswith("Usage: plume [OPTIONS]")


@pytest.mark.skipif(sys.platform != "linux", reason="workers are spawned there, not forked")
@pytest.mark.parametrize(
    ("words", "begun"), [(["compress", "missing.png"], True), (["compress", "--help"], False), (["stats"], False)]
)
def test_compress_lets_the_encoders_load_before_it_loads_the_command_line(
    words: list[str], begun: bool, tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", TELL_WHEN_CLICK_COMES, *words],
        check=False,  # missing.png is told, and fails
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PLUME_DATA_DIR": str(tmp_path / "data")},
    )

    assert ran.stdout.splitlines()[0] == str(begun)


def test_importing_it_as_a_worker_does_runs_nothing() -> None:
    from plume_app import __main__

    assert callable(__main__.main)


def test_the_console_script_is_the_same_door() -> None:
    """As installed, where the package is installed at all (a checkout is run as a module)."""
    scripts = [one for one in importlib.metadata.entry_points(group="console_scripts") if one.name == "plume"]

    assert {script.value for script in scripts} <= {"plume_app.__main__:main"}
