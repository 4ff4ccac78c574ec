from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import desktop
import pytest
from environment import CHECKOUT

from plume_app.domain.compression.codecs import all_codecs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="entries of this kind are Linux's")


def read(path: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser["Desktop Entry"]


def test_every_format_that_plume_reads_can_be_opened_with_it() -> None:
    kinds = set(read(desktop.ENTRY)["MimeType"].split(";"))

    assert {f"image/{codec.name}" for codec in all_codecs().values()} <= kinds
    assert "inode/directory" in kinds


def test_the_entry_takes_many_files_and_its_icon_is_there() -> None:
    entry = read(desktop.ENTRY)

    assert entry["Exec"] == "plume open %F"
    assert desktop.ICON.stem == entry["Icon"] == entry["StartupWMClass"]
    assert b"<svg" in desktop.ICON.read_bytes()
    assert desktop.ICON.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


def test_an_installed_entry_starts_this_checkout(tmp_path: Path) -> None:
    command = ["/opt/my python/bin/python3", str(CHECKOUT / "build" / "dev.py"), "run", "50%"]
    path = desktop.install_entry(command, tmp_path)

    assert path == tmp_path / "applications" / "plume.desktop"
    assert read(path)["Exec"] == f'"/opt/my python/bin/python3" {CHECKOUT}/build/dev.py run 50%% open %F'
    assert (tmp_path / "icons" / "hicolor" / "scalable" / "apps" / "plume.svg").is_file()


@pytest.mark.parametrize(
    ("word", "told"),
    [("plain", "plain"), ("a b", '"a b"'), ('a"b', '"a\\\\"b"'), ("a$b", '"a\\\\$b"'), ("a\\b", '"a\\\\\\\\b"')],
)
def test_words_are_quoted_as_the_specification_says(word: str, told: str) -> None:
    assert desktop.quoted(word) == told


def test_the_entry_is_valid(tmp_path: Path) -> None:
    tool = shutil.which("desktop-file-validate")
    if tool is None:
        pytest.skip("desktop-file-validate is not on PATH (Debian: desktop-file-utils)")
    path = desktop.install_entry(["/opt/my python/bin/python3"], tmp_path)
    done = subprocess.run([tool, desktop.ENTRY, path], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")
