"""How the command line names what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.cli_scan import shown_name


def test_names_are_shown_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert shown_name(tmp_path / "photos" / "a.jpg") == "photos/a.jpg"
    assert shown_name(Path("/elsewhere/a.jpg")) == "/elsewhere/a.jpg"


def test_names_are_shown_whole_where_the_user_stands_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert shown_name(Path("/elsewhere/a.jpg")) == "/elsewhere/a.jpg"
