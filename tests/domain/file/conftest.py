from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def shared_path() -> Iterator[Path]:
    """A folder that other users may enter and write in, unlike `tmp_path`."""
    folder = Path(tempfile.mkdtemp(prefix="plume-test-"))
    folder.chmod(0o777)
    yield folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
