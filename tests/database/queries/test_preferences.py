from __future__ import annotations

from plume_app.database.connection import Database
from plume_app.database.queries.preferences import get_setting, set_setting


def test_a_setting_comes_back_as_it_was_saved_and_the_last_one_counts(db: Database) -> None:
    set_setting(db, "presets", [{"quality": 70}])
    set_setting(db, "presets", {"é": None})

    assert get_setting(db, "presets") == {"é": None}


def test_a_setting_that_nobody_saved_is_the_default(db: Database) -> None:
    assert get_setting(db, "theme") is None
    assert get_setting(db, "theme", "system") == "system"
