"""Where things are: what Plume remembers, and the page that it shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DATA_DIR_VARIABLE = "PLUME_DATA_DIR"
_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Paths:
    """Everything that Plume remembers lies under `data_folder`. Nothing is made by asking."""

    data_folder: Path

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data_folder / "plume.sqlite3"

    @property
    def undo_folder(self) -> Path:
        """The store of originals."""
        return self.data_folder / "undo"

    @property
    def log_folder(self) -> Path:
        """Logs of this and earlier runs."""
        return self.data_folder / "logs"

    @property
    def instance_lock(self) -> Path:
        """Held by the window that is open."""
        return self.data_folder / "instance.lock"


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """The system's place for a program's data, unless PLUME_DATA_DIR names another folder."""
    chosen = environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Paths(Path(os.path.abspath(Path(chosen).expanduser())))  # noqa: PTH100 - resolve() would follow links
    from platformdirs import user_data_path  # 5 ms that `plume --help` need not spend

    return Paths(user_data_path("plume", appauthor=False))


def web_folder() -> Path:
    """The folder with index.html and locales/: beside the package in a checkout, in it when installed or frozen.

    Raises FileNotFoundError when an installation has lost it.
    """
    frozen = getattr(sys, "_MEIPASS", None)  # where PyInstaller unpacks
    return _first_with_locales(*([Path(frozen) / "web"] if frozen else []), _PACKAGE / "web", _PACKAGE.parent / "web")


def _first_with_locales(*candidates: Path) -> Path:
    for folder in candidates:
        if (folder / "locales").is_dir():
            return folder
    raise FileNotFoundError(f"web/locales is missing beside {_PACKAGE}")
