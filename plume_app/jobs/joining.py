"""How the files of a batch of an earlier session become rows of a batch that was queued for them, behind the answer."""

from __future__ import annotations

import logging
from threading import RLock

from plume_app.database.connection import Database
from plume_app.files import ACTIVE, Files
from plume_app.jobs.resuming import Unfinished
from plume_app.jobs.run import Run

_log = logging.getLogger(__name__)


def joined(run: Run, left: Unfinished, db: Database, files: Files, lock: RLock) -> list[int]:
    """Looks at every file of `left` and gives `run` its rows; the ids that are new in the list.

    A batch that was cancelled meanwhile takes up nothing: what was left is still there. One whose files cannot be
    found out is cancelled.
    """
    try:
        with db.connection_context():
            new, rows, overrides = left.join(files)
            with lock:
                if not run.batch.is_cancelled:
                    run.fill([one for one in rows if one.state not in ACTIVE and one.listed], overrides)
                    run.refresh(files, run.entries, state="queued")
                    left.hand_over()
            return new
    except Exception:  # the thread's edge
        _log.exception("batch %d joins", run.batch.id)
        run.batch.cancel()
        return []
