from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.image.header import Header
from plume_app.files import Entry, Files
from plume_app.files_entry import MAX_PROBES
from plume_app.jobs import trials
from plume_app.jobs.trials import Trials

HEADER = Header("jpeg", 40, 30, frames=1)
FEATURES = Features("jpeg", 40, 30, 900, 800)
PROBE = Probe("jpeg", False, "balanced", ((80, 6.0),))


class Rows:
    """A list whose headers are known, and the settings that everybody looks at."""

    def __init__(self, count: int) -> None:
        self.files = Files()
        places = [Path(f"/in/{number}.jpg") for number in range(count)]
        self.ids = self.files.add(Candidate(place, None, place, 900, 0) for place in places)
        for entry in self.files.all():
            self.files.update(entry, header=HEADER)
        self.settings = Settings()
        self.trials = Trials(self.files, lambda _: self.settings)
        self.trials.add(self.ids)

    def __getitem__(self, file_id: int) -> Entry:
        return self.files.get(file_id)

    def take_all(self) -> list[int]:
        """The ids of all that are wanted; each is tried at once."""
        found = []
        while (visit := self.trials.next_unseen()) is not None:
            self.trials.took(*visit, FEATURES, PROBE)
            found.append(visit[0].id)
        return found


def test_every_row_is_tried_once_in_the_order_it_came() -> None:
    rows = Rows(5)
    assert rows.take_all() == rows.ids
    rows.trials.restart()
    assert rows.take_all() == []


def test_another_quality_needs_no_other_trial_and_another_format_does() -> None:
    rows = Rows(3)
    rows.take_all()
    for changed, tried in (
        ({"quality": 30}, []),
        ({"output_format": "webp"}, rows.ids),
        ({"lossless": True}, rows.ids),
    ):
        rows.settings = replace(Settings(), **changed)
        rows.trials.restart()
        assert rows.take_all() == tried


@pytest.mark.parametrize(
    "change", [{"state": "written"}, {"state": "encoding"}, {"header": None}, {"error": "something"}, {"listed": False}]
)
def test_a_row_that_has_nothing_to_gain_is_passed_over(change: dict[str, object]) -> None:
    rows = Rows(2)
    rows.files.update(rows[1], **change)
    assert rows.trials.wanted(rows[1]) is None
    assert rows.take_all() == [2]


def test_a_failed_trial_is_not_repeated_and_leaves_what_was_known() -> None:
    rows = Rows(1)
    rows.files.update(rows[1], features=FEATURES)
    rows.trials.took(rows[1], rows.settings, None, None)

    assert rows.trials.wanted(rows[1]) is None
    assert (rows[1].features, rows[1].probes) == (FEATURES, ())


def test_a_row_remembers_its_last_trials_only() -> None:
    rows = Rows(1)
    for number in range(MAX_PROBES + 2):
        settings = Settings(output_format="webp", effort=("fast", "balanced", "max")[number % 3], lossless=number > 2)
        probe = Probe("webp", settings.lossless, settings.effort, ((80, float(number)),))
        rows.trials.took(rows[1], settings, FEATURES, probe)

    assert [probe.points[0][1] for probe in rows[1].probes] == [2.0, 3.0, 4.0, 5.0]
    assert rows[1].probe_for(settings) == probe
    assert rows[1].probe_for(Settings(output_format="webp", effort="fast")) is None


def test_a_long_list_is_not_tried_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "MAX_UNSEEN", 3)
    rows = Rows(5)
    assert rows.take_all() == [1, 2, 3]
    assert rows.trials.wanted(rows[5]) is not None  # who looks at it has it tried all the same
