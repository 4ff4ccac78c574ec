"""A fresh world for the tests of undo and recovery."""

from __future__ import annotations

from pathlib import Path

import pytest

from undo_world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
