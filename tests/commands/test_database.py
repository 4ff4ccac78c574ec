from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import backstage
from plume_app import __version__


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    made = backstage.Desktop(tmp_path / "data")
    yield made
    made.close()


def test_preferences_are_kept_and_only_what_is_named_changes(plume: backstage.Desktop, tmp_path: Path) -> None:
    before = plume.call("get_settings")
    after = plume.call("save_settings", theme="dark", workers=3, settings={"quality": 55})
    plume.call("save_settings", language="fr")
    plume.close()
    again = backstage.Desktop(tmp_path / "data")

    kept = again.call("get_settings")
    assert (after["theme"], after["workers"], after["language"]) == ("dark", 3, before["language"])
    assert (kept["theme"], kept["workers"], kept["language"], kept["settings"]["quality"]) == ("dark", 3, "fr", 55)
    assert again.call("save_settings", workers=None)["workers"] is None
    again.close()


def test_the_three_presets_are_there_and_own_ones_can_be_kept_replaced_and_deleted(plume: backstage.Desktop) -> None:
    names = [one["name"] for one in plume.call("list_presets")["presets"]]
    first = plume.call("save_preset", name="  My   own ", settings={"quality": 42})["preset_id"]
    second = plume.call("save_preset", name="my OWN", settings={"quality": 43})["preset_id"]
    own = plume.call("list_presets")["presets"][-1]

    assert names == ["Web", "Archive", "Smallest"]
    assert first == second
    assert (own["name"], own["built_in"], own["settings"]["quality"]) == ("my OWN", False, 43)
    plume.call("delete_preset", preset_id=first)
    assert len(plume.call("list_presets")["presets"]) == 3
    assert plume.code("delete_preset", preset_id="web") == "invalid_request"
    assert plume.code("save_preset", name="web", settings={}) == "invalid_request"
    assert plume.code("save_preset", name=" ", settings={}) == "invalid_request"


def test_a_snapshot_holds_what_a_new_page_needs(plume: backstage.Desktop) -> None:
    found = plume.call("get_snapshot")

    assert found["version"] == __version__
    assert found["list"]["files"] == 0
    assert (found["batch"], found["scan"]) == (None, None)
    assert found["formats"]
    assert found["presets"]


def test_the_database_says_where_it_is_and_how_large(plume: backstage.Desktop, tmp_path: Path) -> None:
    found = plume.call("get_database_info")

    assert found["path"] == str(tmp_path / "data" / "plume.sqlite3")
    assert found["size"] > 0
    assert (found["rows"], found["undo_files"], found["undo_size"]) == (0, 0, 0)


def test_the_answer_to_closing_reaches_the_window(plume: backstage.Desktop) -> None:
    plume.call("answer_close", quit=True)

    assert plume.shell.quits == [True]
