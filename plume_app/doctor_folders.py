"""The folders of `plume doctor`: each is written to, and where that is refused, the line to type is told."""

from __future__ import annotations

import errno
import os
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

from plume_app.paths import DATA_DIR_VARIABLE, Paths


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried. `needed`: without it Plume does not do its job."""

    name: str
    ok: bool
    told: str
    needed: bool = True


def check_folders(paths: Paths) -> list[Check]:
    """Tries to write in everything that Plume remembers in; leaves nothing behind, and makes no folder."""
    return [
        _written("data folder", paths.data_folder, paths.data_folder),
        _written("database", paths.database, paths.data_folder),
        _written("undo store", paths.undo_folder, paths.undo_folder),
        _written("workers' log", paths.log_folder, paths.log_folder),
    ]


def _written(name: str, path: Path, folder: Path) -> Check:
    """Whether `path`, in `folder`, can be written; a missing folder is judged by the one it will be in."""
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
        if path.is_file():
            path.open("r+b").close()
    except OSError as error:
        permission = error.errno in (errno.EACCES, errno.EPERM)
        return Check(name, False, f"{path}: {error.strerror or error}. {remedy(path, there, permission=permission)}")
    return Check(name, True, str(path))


def remedy(path: Path, there: Path, *, permission: bool = True) -> str:
    """What to type when `path`, in the folder `there`, cannot be written; `permission`: for want of that."""
    elsewhere = f"{DATA_DIR_VARIABLE}=~/plume-data plume doctor"
    closed = path if path.is_file() else there
    if permission and there.is_dir() and _is_mine(closed):
        return f"Type: chmod u+rwX {shlex.quote(str(closed))}  or, for another folder: {elsewhere}"
    return f"Type, for another folder: {elsewhere}"


def _is_mine(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.geteuid()
    except (OSError, AttributeError):  # AttributeError: Windows has no such owner
        return False
