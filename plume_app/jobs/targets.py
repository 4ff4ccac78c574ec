"""Which of its possible names a result takes, given what stands there already.

An existing file is never overwritten unless it is that input's own recorded result, unchanged since.
A file with the very bytes of the result is the result: that is how a run recognises its work when the
database was deleted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries.results import recorded_result
from plume_app.domain.file.reading import FileFacts, sha256_of


class Standing(Enum):
    """What stands at the chosen name."""

    FREE = "free"
    OWN = "own"  # this input's own earlier result: may be replaced
    SAME = "same"  # the very bytes that would be written: nothing to do


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the history says of a file that Plume wrote: hashes are SHA-256 in hex."""

    source_path: bytes
    source_hash: str
    settings_hash: str
    result_hash: str


@dataclass(frozen=True, slots=True)
class Target:
    """A name for a result. `facts` are those of the file to replace, when there is one."""

    path: Path
    standing: Standing
    facts: FileFacts | None = None


RecordedAt = Callable[[Path], Recorded | None]


def recorded(db: Database, path: Path) -> Recorded | None:
    """What the history says of the file at `path`."""
    found = recorded_result(db, os.fsencode(path))
    if found is None:
        return None
    return Recorded(found.source_path, found.source_hash, found.settings_hash or "", found.result_hash)


def choose(
    candidates: Iterable[Path],
    *,
    source_path: Path,
    result_hash: str,
    recorded_at: RecordedAt,
    claimed: Callable[[Path], bool],
) -> Target:
    """The first candidate that is free, that already is the result, or that is this input's own to replace.

    `claimed` names are promised to other results of this run.
    """
    for path in candidates:
        if claimed(path):
            continue
        facts = _file_at(path)
        if facts is None:
            if not os.path.lexists(path):
                return Target(path, Standing.FREE)
            continue  # a folder, a link, a device: never ours
        recorded = recorded_at(path)
        own = recorded is not None and recorded.source_path == os.fsencode(source_path)
        found_hash = _hash_of(path)
        if found_hash == result_hash and (own or recorded is None):
            return Target(path, Standing.SAME, facts)
        if own and recorded is not None and found_hash == recorded.result_hash:
            return Target(path, Standing.OWN, facts)
    raise ValueError("candidates never end")


def finished(
    candidates: Iterable[Path], *, source_path: Path, source_hash: str, settings_hash: str, recorded_at: RecordedAt
) -> tuple[Path, int] | None:
    """The output that still holds, byte for byte, the recorded result of this input at these settings.

    Returns its path and its size in bytes, or None: then there is work to do.
    """
    for path in candidates:
        facts = _file_at(path)
        if facts is None:
            if not os.path.lexists(path):
                return None
            continue
        recorded = recorded_at(path)
        if recorded is None or recorded.source_path != os.fsencode(source_path):
            continue
        if recorded.source_hash != source_hash or recorded.settings_hash != settings_hash:
            return None  # our own result, but of other bytes or other settings: it will be replaced
        if _hash_of(path) == recorded.result_hash:
            return path, facts.size
    return None


def _file_at(path: Path) -> FileFacts | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return FileFacts.of(found) if stat.S_ISREG(found.st_mode) else None


def _hash_of(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None
