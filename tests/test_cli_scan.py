"""What a walk of the command line takes, and how it names what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

import images
from plume_app.cli_scan import scan_for, shown_name
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.scan import scan
from plume_app.runtime import open_runtime


def test_a_walk_takes_every_registered_extension_and_known_first_bytes(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    wanted = {f"a.{extension}" for codec in all_codecs().values() for extension in codec.extensions}
    for name in (*wanted, "B.JPG", "a.txt", "a.svg"):
        (folder / name).touch()
    (folder / "no extension").write_bytes(images.png_bytes(images.photo(8, 8)))
    (folder / "README").write_text("text")

    with open_runtime(workers=1) as runtime:
        found = list(scan([folder], scan_for(runtime, OutputPolicy())))

    assert {one.path.name for one in found if isinstance(one, Candidate)} == wanted | {"B.JPG", "no extension"}


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
