from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.files import Entry, Files
from plume_app.jobs.answered import done_key, forget_bytes, is_done, left_over, replaced

BESIDE, IN_PLACE = OutputPolicy("suffix", "_c"), OutputPolicy("in_place")
USUAL, OTHER = Settings(), Settings(quality=30)


@pytest.fixture
def files() -> Files:
    made = Files()
    made.add(Candidate(Path(f"/in/{name}.png"), None, Path(f"/in/{name}.png"), 10, 0) for name in "ab")
    return made


def done(files: Files, file_id: int, settings: Settings, output: OutputPolicy, **also: Any) -> Entry:
    entry = files.get(file_id)
    files.update(entry, **{"state": "written", "done_with": done_key(settings, output)} | also)
    return entry


def test_a_row_is_left_until_its_state_answers_the_settings_that_hold_for_it(files: Files) -> None:
    done(files, 1, USUAL, BESIDE)

    assert [one.id for one in left_over(files.all(), USUAL, BESIDE, {})] == [2]
    assert [one.id for one in left_over(files.all(), OTHER, BESIDE, {})] == [1, 2]
    assert [one.id for one in left_over(files.all(), USUAL, IN_PLACE, {})] == [1, 2]
    assert [one.id for one in left_over(files.all(), OTHER, BESIDE, {1: USUAL})] == [2]


def test_a_size_is_certain_for_the_same_settings_wherever_it_went_and_for_all_where_the_old_file_is_gone(
    files: Files,
) -> None:
    assert is_done(done(files, 1, USUAL, BESIDE), USUAL)
    assert not is_done(files.get(1), OTHER)
    assert is_done(done(files, 1, USUAL, IN_PLACE), OTHER)


def test_what_was_known_of_a_replaced_file_is_forgotten_and_of_no_other(files: Files) -> None:
    stale = done(files, 1, USUAL, IN_PLACE, looked=True, tried=(("png", False, "fast"),))
    done(files, 2, USUAL, BESIDE, looked=True)

    assert forget_bytes(files, replaced(files.all())) == [1]
    assert (stale.looked, stale.tried) == (False, ())
    assert files.get(2).looked


def test_a_file_that_was_kept_in_place_is_still_itself(files: Files) -> None:
    done(files, 1, USUAL, IN_PLACE, state="kept")

    assert replaced(files.all()) == []
