"""Folders for results: made without following a link, removed again only when empty; room on their disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from plume_app.domain.file.refusals import refusal
from plume_app.domain.shared.errors import DiskFull, TargetUnwritable

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def make_folders(folder: Path, base: Path) -> list[Path]:
    """Make `folder`, which is `base` or lies under it; returns what was made, outermost first.

    `base` was named by the user and may be reached through links. Below it no link is followed, so that
    nothing can leave it. (Windows and older systems without `openat`: links are tested by name; not run.)

    Raises TargetUnwritable, DiskFull; ValueError when `folder` is not under `base`.
    """
    below = folder.relative_to(base).parts
    if ".." in below:
        raise ValueError(f"{folder} leaves {base}")
    try:
        made = _make_base(base)
        made += _make_below(base, below) if os.open in os.supports_dir_fd else _make_by_name(base, below)
    except OSError as error:
        raise refusal(error, folder) from error
    return made


def _make_base(base: Path) -> list[Path]:
    missing: list[Path] = []
    at = base
    while not at.is_dir() and at != at.parent:
        missing.append(at)
        at = at.parent
    made = []
    for path in reversed(missing):
        try:
            path.mkdir()
            made.append(path)
        except FileExistsError as error:
            if not path.is_dir():  # made by somebody else in this moment is as good
                raise refusal(error, path) from error
        except OSError as error:
            raise refusal(error, path) from error
    return made


def _make_below(base: Path, below: tuple[str, ...]) -> list[Path]:
    made = []
    at, opened = base, os.open(base, _FOLDER)
    try:
        for name in below:
            at = at / name
            try:
                os.mkdir(name, dir_fd=opened)
                made.append(at)
            except FileExistsError:
                pass  # a folder is wanted; the next line refuses a file or a link
            inner = os.open(name, _FOLDER | _NOFOLLOW, dir_fd=opened)
            os.close(opened)
            opened = inner
    finally:
        os.close(opened)
    return made


def _make_by_name(base: Path, below: tuple[str, ...]) -> list[Path]:
    made = []
    at = base
    for name in below:
        at = at / name
        if at.is_symlink():
            raise TargetUnwritable(folder=str(at), problem="a link is not followed", what="link")
        if not at.is_dir():
            at.mkdir()
            made.append(at)
    return made


def remove_folders(made: Iterable[Path]) -> None:
    """Remove the folders that `make_folders` made, innermost first, as far as they are empty."""
    for folder in sorted(made, key=lambda path: len(path.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def free_bytes(folder: Path) -> int | None:
    """Bytes that this user may still write in `folder`, or where it will be made; None where unknown."""
    at = folder
    while not os.path.lexists(at) and at != at.parent:
        at = at.parent
    try:
        return shutil.disk_usage(at).free
    except OSError:
        return None


def check_room(folder: Path, needed_bytes: int) -> None:
    """Refuse before the first byte what the disk has no room for: a full disk is nobody's friend.

    Raises DiskFull when fewer than `needed_bytes` are free. Enough room now is no promise: `stage` is
    what finds out.
    """
    free = free_bytes(folder)
    if free is not None and free < needed_bytes:
        raise DiskFull(folder=str(folder), free=free, needed=needed_bytes)
