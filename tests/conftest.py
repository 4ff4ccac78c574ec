"""What every test may ask for. The pictures themselves are drawn by `images.py` beside this file."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples on every machine and no stopwatch: a test is red because of the code, never of the hour.
settings.register_profile("plume", derandomize=True, deadline=None)
settings.load_profile("plume")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real, odd and hostile pictures that PLUME_CORPUS names."""
    named = os.environ.get("PLUME_CORPUS")
    if not named:
        pytest.skip("PLUME_CORPUS names no folder of real pictures")
    folder = Path(named)
    assert folder.is_dir(), f"PLUME_CORPUS names {named}, which is not a folder"
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that this test's Plume remembers in, by PLUME_DATA_DIR."""
    folder = tmp_path / "plume-data"
    folder.mkdir()
    monkeypatch.setenv("PLUME_DATA_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def exiftool() -> str:
    """The independent metadata reader; `build/dev.py test` provides it."""
    found = shutil.which("exiftool")
    if found is None:
        if os.environ.get("PLUME_REQUIRE_TOOLS"):
            pytest.fail("exiftool is not on PATH, and PLUME_REQUIRE_TOOLS says that it must be")
        pytest.skip("exiftool is not on PATH (Debian: libimage-exiftool-perl)")
    return found
