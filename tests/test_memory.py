"""The window's small file: what was kept comes back, and nonsense is a first start."""

from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.first_page import Look
from plume_app.memory import remember, remembered
from plume_app.window_place import Place


def test_place_and_look_come_back(tmp_path: Path) -> None:
    place, look = Place(900, 600, 60, 40), Look("dark", "fr", 125)
    remember(tmp_path / "window.json", place, look)

    assert remembered(tmp_path / "window.json") == (place, look)


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b"3", b"\xff", b'{"look": 3, "width": "x"}'])
def test_nonsense_is_a_first_start(tmp_path: Path, kept: bytes) -> None:
    (tmp_path / "window.json").write_bytes(kept)

    assert remembered(tmp_path / "window.json") == (Place(), Look())


def test_a_folder_that_takes_nothing_is_no_failure(tmp_path: Path) -> None:
    remember(tmp_path / "missing" / "window.json", Place(), Look())

    assert remembered(tmp_path / "missing" / "window.json") == (Place(), Look())
