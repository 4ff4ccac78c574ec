"""What a scan is asked for, and what it finds: a file to try, one that is left alone, one that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plume_app.domain.shared.errors import PlumeError

HIDDEN, EXTENSION, LINK, SPECIAL = "hidden", "extension", "link", "special"
OWN_RESULT, OUTPUT_FOLDER, STAGED, TWICE = "own_result", "output_folder", "staged", "twice"
UNDO_STORE = "undo_store"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file to try. `path` is absolute, as the user knows it; `root` the named folder it was found in.

    `real_path` is the file itself where `path` is a link or leads through one: what in place replaces, so
    that the link stays a link.
    """

    path: Path
    root: Path | None
    real_path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file or folder of a walk that is left alone, and the word for why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something named that is missing, or a file or folder that cannot be looked at."""

    path: Path
    error: PlumeError


Found = Candidate | Ignored | Problem


@dataclass(frozen=True, slots=True)
class Scan:
    """What to look for.

    `extensions` are lower case, without dot; `known_head` recognises a picture by its first bytes;
    `is_own_result` knows the paths of recorded results. `output_folder` need not exist yet. What lies under
    `undo_store` are pictures by their bytes, and nobody's to change. With `suffix` (of the policy "suffix") a
    file that is named like a result, and has its original beside it, is one, even where no record says so.
    """

    extensions: frozenset[str]
    known_head: Callable[[bytes], bool]
    is_own_result: Callable[[Path], bool] = field(default=lambda _path: False)
    output_folder: Path | None = None
    undo_store: Path | None = None
    suffix: str | None = None
