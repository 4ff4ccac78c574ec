"""Clearing the statistics, taking that back, and proving that the kept sums are those of the rows.

Clearing deletes nothing at once: it begins an era, and remembers up to which row the statistics do not count any
more, so that it can be taken back; `purge_cleared` deletes those rows later, a few at a time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from plume_app.database.aggregates import fill, sums
from plume_app.database.connection import Database
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.shared.moments import moment_of, moment_text

CLEARED_KEY = "statistics_cleared"  # {"upto": row id, "before": the row id until then, "at": moment}
KEEP_CLEARED = timedelta(days=1)
PURGE_ROWS = 5_000  # at one start of the window; they count nowhere, so the rest may wait for the next
_AGGREGATES = ("statistics_pairs", "statistics_spread", "statistics_quarters")


def cleared_upto(db: Database) -> int:
    """The newest row that statistics do not count any more; 0 where nothing was cleared."""
    return int(_cleared(db).get("upto", 0))


def clear_statistics(db: Database, now: datetime) -> None:
    """Statistics begin anew; `restore_statistics` takes that back for a while."""
    with db.write() as connection:
        ((newest,),) = db.sql("SELECT coalesce(max(id), 0) FROM compression_stats")
        before = _cleared(db).get("upto", 0)
        upto = max(newest, before)
        connection.execute("INSERT OR IGNORE INTO statistics_eras (first_id) VALUES (?)", (upto + 1,))
        set_setting(db, CLEARED_KEY, {"upto": upto, "before": before, "at": moment_text(now)})


def restore_statistics(db: Database) -> bool:
    """Takes the last clearing back; False where there is none to take back."""
    with db.write():
        known = _cleared(db)
        if known.get("upto", 0) == known.get("before", 0):
            return False
        set_setting(db, CLEARED_KEY, known | {"upto": known["before"]})
        return True


def purge_cleared(db: Database, now: datetime) -> int:
    """Deletes rows of a clearing that is older than `KEEP_CLEARED`, at most PURGE_ROWS; returns how many."""
    with db.write() as connection:
        known = _cleared(db)
        if not known or moment_of(known["at"]) + KEEP_CLEARED > now:
            return 0
        upto = known["upto"]
        if connection.execute("DELETE FROM statistics_eras WHERE first_id <= ?", (upto,)).rowcount:
            for table in _AGGREGATES:
                connection.execute(f"DELETE FROM {table} WHERE era <= ?", (upto,))  # noqa: S608 - literals only
            set_setting(db, CLEARED_KEY, known | {"before": upto})
        some = "SELECT id FROM compression_stats WHERE id <= ? ORDER BY id LIMIT ?"
        return int(
            connection.execute(f"DELETE FROM compression_stats WHERE id IN ({some})", (upto, PURGE_ROWS)).rowcount  # noqa: S608
        )


def rebuild_aggregates(db: Database) -> None:
    """Sums every row anew, as when one distrusts the file."""
    with db.write() as connection:
        fill(connection)


def wrong_aggregates(db: Database) -> list[str]:
    """The aggregates that are not what a plain sum over the rows gives; empty as long as all is well."""
    wrong = []
    with db.snapshot():
        for at, (table, question) in enumerate(sums()):
            name = f"{table} {at}"
            if db.sql(f"SELECT * FROM ({question}) EXCEPT SELECT * FROM {table} LIMIT 1"):  # noqa: S608
                wrong.append(f"{name}: missing or different")
        for table in _AGGREGATES:
            expected = " UNION ALL ".join(question for target, question in sums() if target == table)
            found = f"SELECT * FROM {table} WHERE files != 0 EXCEPT SELECT * FROM ({expected}) LIMIT 1"  # noqa: S608
            if db.sql(found):
                wrong.append(f"{table}: too much")
    return wrong


def _cleared(db: Database) -> dict[str, Any]:
    found = get_setting(db, CLEARED_KEY, {})
    return found if isinstance(found, dict) else {}
