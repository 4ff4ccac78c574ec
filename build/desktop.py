"""The entry in the system's menu, with its icon and the files it opens ("open with"): `python3 build/dev.py desktop`.

A wheel brings the same entry along (`shared-data` in pyproject.toml), and `pip install --user` puts it in place. From a
checkout, and from environments of their own (venv, pipx), it is written here, with the whole path to start Plume by.
Linux only: Windows and macOS get theirs from their installers.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from environment import CHECKOUT, HERE, SetupFailed

ENTRY = HERE / "plume.desktop"
ICON = CHECKOUT / "web" / "icons" / "plume.svg"
_MUST_BE_QUOTED = set(" \t\n\"'\\><~|&;$*?#()`")


def install_entry(command: list[str], data_home: Path | None = None) -> Path:
    """Write the entry for this user, to start Plume by `command`; the path of the entry.

    Raises SetupFailed on a system without such entries.
    """
    if sys.platform != "linux":
        raise SetupFailed("A menu entry is for Linux; on this system an installer makes one.")
    folder = data_home or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = folder / "applications" / ENTRY.name
    icon = folder / "icons" / "hicolor" / "scalable" / "apps" / ICON.name
    for path in (entry, icon):
        path.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(entry_text(command), encoding="utf-8")
    shutil.copyfile(ICON, icon)
    return entry


def entry_text(command: list[str]) -> str:
    """The entry with `command` in place of `plume`."""
    text = ENTRY.read_text(encoding="utf-8")
    return text.replace("Exec=plume ", f"Exec={' '.join(quoted(word) for word in command)} ")


def quoted(word: str) -> str:
    """A word of an Exec line (Desktop Entry Specification, "The Exec key"): quoted where it must be, `%` doubled."""
    word = word.replace("%", "%%")
    if not _MUST_BE_QUOTED & set(word):
        return word
    inner = "".join(f"\\{letter}" if letter in '"`$\\' else letter for letter in word)
    return '"' + inner.replace("\\", "\\\\") + '"'  # the value is a string of the file format, which escapes once more
