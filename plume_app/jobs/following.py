"""Where a row's file is, once a batch put its result in the place of it under another name, or was taken back.

A row follows its file: after `a.png` was replaced by `a.webp`, that is what is compared, compressed again, shown in
its folder and not added twice; after an undo it is `a.png` again.
"""

from __future__ import annotations

import os

from plume_app.domain.file.naming import IN_PLACE
from plume_app.files import ACTIVE, Entry, Files
from plume_app.jobs.answered import forget_bytes
from plume_app.jobs.results import WRITTEN, FileResult
from plume_app.jobs.run import Run


def follow_result(files: Files, run: Run, entry: Entry, result: FileResult) -> None:
    """The row is its result's from now on, where that stands in the place of the file."""
    if run.output.policy != IN_PLACE or result.status != WRITTEN or result.output_path is None:
        return
    path = os.fspath(result.output_path)
    real_path = os.path.realpath(path)
    if real_path != entry.real_path:
        came_from = (*entry.came_from, (run.batch.id, entry.path, entry.real_path))
        files.move(entry, path, real_path, came_from)


def follow_undo(files: Files, batch_id: int, run: Run | None) -> list[int]:
    """Rows whose files the batch had given another name are the originals' again, which are back; those of `run` wait.

    Returns the rows of which nothing is known any more.
    """
    for entry in files.all():
        if entry.came_from and entry.came_from[-1][0] == batch_id:
            _, path, real_path = entry.came_from[-1]
            if os.path.lexists(real_path):
                files.move(entry, path, real_path, entry.came_from[:-1])
    if run is None:
        return []
    mine = [entry for entry in run.entries if entry.state not in ACTIVE]
    stale = forget_bytes(files, mine if run.output.policy == IN_PLACE else [])
    run.refresh(files, mine, state="waiting")
    return stale
