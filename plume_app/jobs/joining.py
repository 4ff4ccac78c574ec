"""How many rows, or files of an earlier session, become rows of a batch that has been queued for them.

What is asked for is answered first; rows are reset, and files of an earlier session found, in a thread of the batch.
"""

from __future__ import annotations

import logging
from threading import RLock

from plume_app.database.connection import Database
from plume_app.files import ACTIVE, Files
from plume_app.jobs.run import Run

_log = logging.getLogger(__name__)


_AT_ONCE = 2000  # rows that are reset in a few milliseconds


def is_quick(run: Run) -> bool:
    """Are its rows in the list, and few enough to be reset before the answer?"""
    return run.left is None and len(run.entries) <= _AT_ONCE


def joined(run: Run, db: Database, files: Files, lock: RLock) -> tuple[list[int], list[int]]:
    """Gives `run` its rows: its own, or those of an earlier session's files, each of which is looked at.

    Returns the ids that are new in the list, and those of which nothing is known any more. A batch that was cancelled
    meanwhile takes up nothing of an earlier session: what was left is still there. One whose files cannot be found
    out is cancelled.
    """
    try:
        if (left := run.left) is None:
            return [], run.queue_rows(files)
        with db.connection_context():
            new, rows, overrides = left.join(files)
            stale: list[int] = []
            with lock:
                if not run.batch.is_cancelled:
                    run.entries = [one for one in rows if one.state not in ACTIVE and one.listed]
                    run.overrides = overrides
                    stale = run.queue_rows(files)
                    left.hand_over()
            return new, stale
    except Exception:  # the thread's edge
        _log.exception("batch %d joins", run.batch.id)
        run.batch.cancel()
        return [], []
