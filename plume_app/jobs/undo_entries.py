"""The folder of the undo store: bytes under names made of their hash. It knows no rows and no limits.

An original is hard-linked into it where that costs nothing and the inode becomes Plume's alone once its name is
replaced; elsewhere it is cloned or copied. What is there is checked by its hash before anyone relies on it.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from plume_app.domain.file.reading import FileFacts, sha256_of
from plume_app.jobs.undo_bytes import put


class Entries:
    """Everything under `folder`, which need not exist yet. Called under the database's write lock where it changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, stored_as: str) -> Path:
        """Where the bytes of that name are."""
        return self.folder / stored_as[:2] / stored_as

    def holds(self, stored_as: str, sha256: str) -> bool:
        """Are the bytes there, and still the right ones?"""
        try:
            return sha256_of(self.path_of(stored_as)) == sha256
        except OSError:
            return False

    def read(self, stored_as: str, sha256: str) -> bytes | None:
        """The bytes, or None when they are not there whole."""
        if not self.holds(stored_as, sha256):
            return None
        try:
            return self.path_of(stored_as).read_bytes()
        except OSError:
            return None

    def add(self, path: Path, sha256: str) -> str:
        """Puts the bytes of the file at `path` there, where they are not yet; returns the name that they have.

        An entry that shares its inode with a user's file (a replacement that was not finished) or that has
        other bytes is no ground to build on: the next name is taken.

        Raises SourceMissing, SourceUnreadable, DiskFull, TargetUnwritable.
        """
        number = 0
        while True:
            stored_as = f"{sha256}-{number}" if number else sha256
            entry = self.path_of(stored_as)
            try:
                found = entry.lstat()
            except FileNotFoundError:
                put(path, entry)
                return stored_as
            if found.st_nlink == 1 and stat.S_ISREG(found.st_mode) and sha256_of(entry) == sha256:
                return stored_as
            number += 1

    def facts_if_both_hold(self, sha256: str, path: Path, stored_as: str) -> FileFacts | None:
        """The facts of `path` when it and its entry have these bytes; None when one has not.

        A link is the file itself; a copy, or equal bytes that were stored earlier, say nothing of `path`.
        """
        entry = self.path_of(stored_as)
        try:
            facts = FileFacts.of(path.lstat())  # before its bytes are read: a later change will show
            stored = entry.lstat()
            is_link = (stored.st_dev, stored.st_ino) == (facts.device, facts.inode)
            holds = sha256_of(entry) == sha256 and (is_link or sha256_of(path) == sha256)
        except OSError:
            return None
        return facts if holds else None

    def forget(self, stored_as: str) -> None:
        """Removes the bytes of that name."""
        with suppress(OSError):
            self.path_of(stored_as).unlink()

    def older_than(self, moment_s: float) -> Iterator[str]:
        """Names whose inode has not changed since `moment_s` (seconds of the epoch)."""
        for path in sorted(self.folder.glob("??/*")):
            with suppress(OSError):
                if path.lstat().st_ctime < moment_s:
                    yield path.name
