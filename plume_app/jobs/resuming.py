"""A batch of an earlier session, as far as it was not done: its files, and how they were to be compressed.

Everything comes from the journal. A batch of the window has all its rows from its start; one of the command line,
which compresses while it walks, has those that the walk had reached: there the same command again is the way on.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from plume_app.database.connection import Database
from plume_app.database.queries import batches
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import FOLDER, OutputPolicy
from plume_app.domain.shared.errors import invalid
from plume_app.files import Entry, Files

_ENDED = ("finished", "cancelled", "interrupted", "undone")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is left of a batch: `files` jobs in one of `states`, found under `roots`; quick to know.

    `overrides` are the settings of single paths where they were others.
    """

    db: Database
    batch_id: int
    states: Sequence[str]
    files: int
    settings: Settings
    output: OutputPolicy
    roots: Sequence[Path]
    overrides: Mapping[str, Settings]

    def candidates(self) -> list[Candidate]:
        """Its files as they are now; each is looked at, which takes its time."""
        real_folder = lru_cache(maxsize=64)(os.path.realpath)
        paths = batches.paths_in(self.db, self.batch_id, self.states)
        return [_candidate(Path(os.fsdecode(path)), self.roots, real_folder) for path in paths]

    def join(self, files: Files) -> tuple[list[int], list[Entry], dict[int, Settings]]:
        """Puts them into the list: the ids that are new there, all of their rows, and the settings of single rows."""
        found = self.candidates()
        new = files.add(found)
        rows = [row for one in found if (row := files.at_path(os.fspath(one.real_path)))]
        return new, rows, {row.id: self.overrides[row.path] for row in rows if row.path in self.overrides}

    def hand_over(self) -> None:
        """Another batch does what nobody had begun."""
        if "queued" in self.states:
            batches.cancel_queued(self.db, self.batch_id)


def output_json(
    output: OutputPolicy, roots: Sequence[Path] = (), overrides: Mapping[str, Settings] | None = None
) -> dict[str, Any]:
    """The policy as the batch's row keeps it; a path that is not UTF-8 keeps its bytes as surrogate escapes.

    With what `unfinished` needs beside it: the folders that files were found under, and settings of single paths.
    """
    kept: dict[str, Any] = {
        "policy": output.policy,
        "suffix": output.suffix,
        "folder": None if output.folder is None else str(output.folder),
    }
    if roots and output.policy == FOLDER:
        kept["roots"] = [str(root) for root in roots]
    if overrides:
        kept["overrides"] = {path: one.to_json() for path, one in overrides.items()}
    return kept


def unfinished(db: Database, batch_id: int, states: Sequence[str], *, ended: Sequence[str] = _ENDED) -> Unfinished:
    """The files of a batch whose jobs are in one of `states`; the batch's own is one of `ended`.

    Raises InvalidRequest for a batch that is unknown or at work, or has settings that are not valid any more.
    """
    row = batches.batch(db, batch_id)
    if row is None or row.state not in ended:
        raise invalid("batch_id", f"a batch of the history that is {' or '.join(ended)}", batch_id)
    folder = row.output.get("folder")
    output = OutputPolicy(row.output["policy"], row.output["suffix"], None if folder is None else Path(folder))
    overrides = {path: Settings.from_json(one) for path, one in row.output.get("overrides", {}).items()}
    roots = [Path(root) for root in row.output.get("roots", ())]
    counts = {"queued": row.queued, "failed": row.failed, "cancelled": row.cancelled}
    files = sum(counts[state] for state in states)
    return Unfinished(db, batch_id, states, files, Settings.from_json(row.settings), output, roots, overrides)


def _candidate(path: Path, roots: Sequence[Path], real_folder: Any) -> Candidate:
    """One that is gone stays one: that it is missing is told when it is read."""
    root = min((one for one in roots if path.is_relative_to(one)), key=lambda one: len(one.parts), default=None)
    try:
        real = Path(os.path.realpath(path)) if path.is_symlink() else Path(real_folder(path.parent), path.name)
        facts = real.stat()
    except OSError:
        return Candidate(path, root, path, 0, 0)
    return Candidate(path, root, real, facts.st_size, facts.st_mtime_ns)
