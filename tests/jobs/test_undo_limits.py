"""The limits of the one store are what the window's preferences say, whoever opens it."""

from __future__ import annotations

from typing import Any

import pytest

from plume_app.database.queries.preferences import set_setting
from plume_app.jobs.preferences import PreferenceBook
from plume_app.jobs.undo_limits import KEEP_DAYS, MAX_STORE_BYTES, chosen_limits
from undo_world import World


def test_they_are_those_of_the_preferences_chosen_or_not(world: World) -> None:
    book = PreferenceBook(world.db, processors=1)
    assert chosen_limits(world.db) == (book.get().undo_limit, book.get().undo_days)

    book.save({"undo_limit": 5_000, "undo_days": 7})

    assert chosen_limits(world.db) == (5_000, 7)


@pytest.mark.parametrize("stored", [[], "x", {"undo_limit": -1, "undo_days": 0}, {"undo_limit": "9"}])
def test_what_cannot_be_true_is_the_default(world: World, stored: Any) -> None:
    set_setting(world.db, "preferences", stored)

    assert chosen_limits(world.db) == (MAX_STORE_BYTES, KEEP_DAYS)
