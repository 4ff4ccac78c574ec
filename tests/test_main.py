"""`python -m plume_app` is the command line, and its exit status the contract's."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import pytest

from command_line import Plume
from plume_app import __version__


@pytest.mark.parametrize(("words", "status"), [(["--version"], 0), (["--help"], 0), (["shrink"], 2), (["compress"], 2)])
def test_the_exit_status_is_that_of_the_command_line(words: list[str], status: int, tmp_path: Path) -> None:
    ran = Plume(tmp_path, tmp_path / "data")(*words)

    assert ran.status == status
    assert not list(tmp_path.iterdir())


def test_it_calls_itself_plume(tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")

    assert plume("--version").out == f"plume {__version__}\n"
    assert plume("--help").out.startswith("Usage: plume [OPTIONS]")


def test_importing_it_as_a_worker_does_runs_nothing() -> None:
    from plume_app import __main__

    assert callable(__main__.main)


def test_the_console_script_is_the_same_door() -> None:
    """As installed, where the package is installed at all (a checkout is run as a module)."""
    scripts = [one for one in importlib.metadata.entry_points(group="console_scripts") if one.name == "plume"]

    assert {script.value for script in scripts} <= {"plume_app.__main__:main"}
