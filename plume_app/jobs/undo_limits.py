"""How much the undo store holds, and how long: what the user chose in the window, for the command line as well.

There is one store. Were its limits those of whoever opens it, a run of the command line would throw away what the
window was told to keep. Read here without the other preferences, whose types would cost every command 30 ms.
"""

from __future__ import annotations

from plume_app.database.connection import Database
from plume_app.database.queries.preferences import get_setting

KEEP_DAYS = 30
MAX_STORE_BYTES = 20_000_000_000
FREE_PART = 10  # a tenth of what would be free without the store
RANGES = {"undo_days": (1, 3650), "undo_limit": (0, 1 << 50)}  # by the names of the preferences; days, bytes
PREFERENCES_KEY = "preferences"  # the row of the settings table


def chosen_limits(db: Database) -> tuple[int, int]:
    """Bytes and days; the defaults where nothing valid was chosen."""
    stored = get_setting(db, PREFERENCES_KEY, {})
    chosen = stored if isinstance(stored, dict) else {}
    return _valid(chosen, "undo_limit", MAX_STORE_BYTES), _valid(chosen, "undo_days", KEEP_DAYS)


def _valid(chosen: dict[str, object], name: str, default: int) -> int:
    value, (low, high) = chosen.get(name), RANGES[name]
    return value if type(value) is int and low <= value <= high else default
