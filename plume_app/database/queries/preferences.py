"""The settings table: a key and a JSON value."""

from __future__ import annotations

import json

from plume_app.database.connection import Database
from plume_app.database.models import Settings


def get_setting(db: Database, key: str, default: object = None) -> object:
    """The value saved under `key`, as plain JSON values, or `default`."""
    for (value,) in db.rows(Settings.select(Settings.value).where(Settings.key == key)):
        found: object = json.loads(value)
        return found
    return default


def set_setting(db: Database, key: str, value: object) -> None:
    """Saves plain JSON values under `key`."""
    with db.write() as connection:
        connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, json.dumps(value)))
