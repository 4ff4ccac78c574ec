"""The tables of `plume stats`, from figures given by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from plume_app.cli_stats import DAYS_SHOWN, stats_json, stats_lines
from plume_app.database.queries.statistics import Accuracy, DayTotals, PairTotals, Stats, Totals
from plume_app.database.queries.wins import Win
from plume_app.database.spread import error_distribution, savings_distribution

TOTALS = Totals(4, 4000, 3000, 16384, 12288)
STATS = Stats(
    TOTALS,
    (PairTotals("png", "webp", TOTALS),),
    (DayTotals("2026-03-04", TOTALS),),
    25.0,
    tuple(savings_distribution({200: 1, 150: 3})),
    Accuracy(4, 3.2, 75.0, tuple(error_distribution({1030: 4}))),
    datetime(2026, 3, 4, tzinfo=UTC),
)
WIN = Win(7, b"/in/sh\xffot\x1b[31m.png", "png", "webp", 1000, 400, "2026-03-04T05:06:07.000Z")


def test_the_object_has_every_figure() -> None:
    told = stats_json(STATS, [WIN])

    assert (told["files"], told["saved_bytes"], told["saved_disk_bytes"]) == (4, 1000, 4096)
    assert told["prediction_accuracy"]["within_interval_percent"] == 75.0
    assert told["biggest_wins"][0]["saved_bytes"] == 600
    assert told["first_at"] == "2026-03-04T00:00:00.000Z"


def test_people_read_how_savings_spread_and_how_good_predictions_were() -> None:
    lines = list(stats_lines(STATS, []))

    assert any(line.startswith("not smaller") and line.endswith("1  ##########") for line in lines)
    assert any(line.startswith("20 to 30 %") and line.endswith("3  " + "#" * 30) for line in lines)
    assert "Half of the files saved 25.0 % or more." in lines
    assert (
        "Predictions: half of 4 were within 3.2 % of the real size; 75 % of the results lay in the range that was told."
        in lines
    )


def test_when_most_files_grew_it_is_said() -> None:
    assert "More than half of the files grew." in list(stats_lines(replace(STATS, median_savings_percent=-2.0), []))


def test_without_predictions_nothing_is_said_about_them() -> None:
    assert not any("Predictions" in line for line in stats_lines(replace(STATS, accuracy=None), []))
    no_range = replace(STATS, accuracy=Accuracy(4, 3.2, None, ()))
    assert "Predictions: half of 4 were within 3.2 % of the real size." in list(stats_lines(no_range, []))


def test_a_name_cannot_command_the_terminal() -> None:
    told = "\n".join(stats_lines(STATS, [WIN, replace(WIN, path=None)]))

    assert "\x1b" not in told
    assert "(forgotten)" in told


def test_many_days_are_cut_and_it_is_said() -> None:
    days = tuple(DayTotals(f"2026-03-{day:02}", TOTALS) for day in range(1, 31))
    lines = list(stats_lines(replace(STATS, by_day=days), []))

    assert sum(line.startswith("2026-03-") for line in lines) == DAYS_SHOWN
    assert f"The last {DAYS_SHOWN} of 30 days; plume stats --json has all." in lines
