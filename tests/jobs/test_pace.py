from __future__ import annotations

from plume_app.jobs.pace import Pace


class Clock:
    """Seconds, as a test wants them."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def pace(*, expected: int) -> tuple[Pace, Clock]:
    """Four files of 1000 bytes, of which the first ones are expected to become 400 bytes, in 1, 2, 3, 4 seconds."""
    clock = Clock()
    made = Pace(4, 4000, clock)
    for number in range(expected):
        made.expect(number, 400, 1000 * (number + 1))
    made.go()
    return made, clock


def test_the_expected_times_weigh_the_files() -> None:
    made, clock = pace(expected=4)
    clock.now += 2.0
    made.ended(0, 1000, 390)
    assert made.eta_ms == 18_000  # a tenth of the work took two seconds


def test_without_expectations_bytes_weigh_them() -> None:
    for expected in (0, 3):
        made, clock = pace(expected=expected)
        clock.now += 2.0
        made.ended(0, 1000, 390)
        assert made.eta_ms == 6_000
        assert made.predicted_size is None


def test_what_is_done_counts_as_it_is_and_the_rest_as_expected() -> None:
    made, _ = pace(expected=4)
    assert made.predicted_size == 1600
    made.ended(0, 1000, 390)
    made.ended(1, 1000, 0)  # failed
    assert made.predicted_size == 390 + 0 + 800
    made.ended(2, 1000, 500)
    made.ended(3, 1000, 500)
    assert made.predicted_size == 1390


def test_a_rest_takes_no_time_and_has_no_time_left() -> None:
    made, clock = pace(expected=0)
    clock.now += 2.0
    made.ended(0, 1000, 390)
    made.rest()
    assert made.eta_ms is None
    clock.now += 3600
    made.go()
    assert made.eta_ms == 6_000


def test_a_moment_is_no_pace() -> None:
    made, clock = pace(expected=4)
    clock.now += 1.0
    made.ended(0, 1000, 390)
    assert made.eta_ms is None
