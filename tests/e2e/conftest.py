"""A screen for all tests of the true window, and Plume on it with each toolkit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import windows
from windows import Plume

BACKENDS = {"gtk": "GTK with WebKit (Debian: gir1.2-webkit2-4.1 python3-gi)", "qt": "Qt (pip: pywebview[qt])"}
Open = Callable[..., Plume]


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    with windows.screen() as found:
        yield found


@pytest.fixture(scope="session", params=sorted(BACKENDS))
def backend(request: pytest.FixtureRequest, display: str) -> str:
    """Each toolkit; skipped where neither this Python nor the one that was named has it."""
    name: str = request.param
    done = subprocess.run(
        [windows.python_of(name), "-c", "from plume_app.backend import choose_backend as choose; choose()"],
        env={**os.environ, "DISPLAY": display, "PLUME_BACKEND": name, "PYTHONPATH": str(windows.ROOT)},
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        windows.missing(f"no {BACKENDS[name]}")
    return name


@pytest.fixture
def open_plume(display: str, backend: str, tmp_path: Path) -> Iterator[Open]:
    """Starts Plume with paths; `data` names another data folder. Every window is gone after the test."""
    opened: list[Plume] = []

    def begin(*paths: Path | str, data: str = "data") -> Plume:
        opened.append(Plume(display, tmp_path / data, backend, *paths))
        return opened[-1]

    yield begin
    for one in opened:
        one.kill()


@pytest.fixture
def plume(open_plume: Open) -> Plume:
    """An empty window that is ready."""
    return open_plume().ready()


@pytest.fixture
def shots(tmp_path: Path, backend: str) -> Callable[[str], Path]:
    """Where a screenshot goes: the folder that PLUME_ARTEFACTS names, else away with the test."""
    folder = Path(os.environ.get("PLUME_ARTEFACTS") or tmp_path)
    return lambda name: folder / f"{name}-{backend}.png"
