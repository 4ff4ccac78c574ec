from __future__ import annotations

import json
import threading
import time
from itertools import pairwise

import pytest

from plume_app.events import (
    ALL_EVENTS,
    MAX_PUSHED,
    CompressionProgress,
    Emitter,
    EstimatesChanged,
    Event,
    JobFinished,
    Notice,
    ScanProgress,
    StatsChanged,
    json_of,
    script_of,
)


def progress(file_id: int, percent: float) -> CompressionProgress:
    return CompressionProgress(file_id, file_id, "encoding", percent, None, None)


def end(file_id: int) -> JobFinished:
    return JobFinished(file_id, file_id, "written", "/a", "png", "png", 10, 5, 50.0, 1, None, None, [], False)


def taken(emitter: Emitter) -> list[Event]:
    found: list[Event] = []
    while some := emitter.take():
        found += some
    return found


def test_of_ten_thousand_steps_of_one_file_only_the_newest_is_told() -> None:
    emitter = Emitter(lambda _: None)
    for step in range(10_000):
        emitter.emit(progress(1, step / 100))

    assert taken(emitter) == [progress(1, 99.99)]


def test_ten_thousand_ends_are_all_told_in_their_order() -> None:
    emitter = Emitter(lambda _: None)
    for file_id in range(10_000):
        emitter.emit(progress(file_id, 10))
        emitter.emit(end(file_id))

    assert taken(emitter) == [end(file_id) for file_id in range(10_000)]


def test_no_step_is_told_after_the_end_of_its_file() -> None:
    emitter = Emitter(lambda _: None)
    for event in (progress(1, 10), progress(2, 10), end(1), progress(2, 20)):
        emitter.emit(event)

    assert taken(emitter) == [end(1), progress(2, 20)]


def test_an_event_that_is_both_old_and_taken_is_not_replaced_by_a_newer_one() -> None:
    emitter = Emitter(lambda _: None)
    emitter.emit(progress(1, 10))
    first = emitter.take()
    emitter.emit(progress(1, 20))

    assert (first, emitter.take()) == ([progress(1, 10)], [progress(1, 20)])


def test_a_push_is_bounded_and_the_rest_keeps_its_order_and_its_keys() -> None:
    emitter = Emitter(lambda _: None)
    for file_id in range(MAX_PUSHED + 10):
        emitter.emit(end(file_id))
    emitter.emit(progress(-1, 10))

    first = emitter.take()
    emitter.emit(progress(-1, 20))

    assert len(first) == MAX_PUSHED
    assert taken(emitter) == [*(end(one) for one in range(MAX_PUSHED, MAX_PUSHED + 10)), progress(-1, 20)]


def test_the_end_of_a_walk_is_not_lost_among_its_progress() -> None:
    emitter = Emitter(lambda _: None)
    last, again = ScanProgress(5, 0, running=False), ScanProgress(1, 0, running=True)
    for event in (ScanProgress(1, 0, running=True), last, again):
        emitter.emit(event)

    assert taken(emitter) == [last, again]


def test_what_is_pushed_is_ascii_json_with_the_name_of_each_event() -> None:
    pushed: list[str] = []
    there = threading.Event()

    def push(text: str) -> None:
        pushed.append(text)
        there.set()

    emitter = Emitter(push)
    emitter.emit(Notice("not_added", {"name": "Ünï 漢字 \udcff </script> ' \u2028"}))
    emitter.start()
    assert there.wait(60)
    emitter.stop()

    assert script_of(pushed[0]).isascii()
    assert "\n" not in pushed[0]
    assert json.loads(pushed[0])[0]["event"] == "notice"


def test_a_number_that_json_does_not_have_cannot_leave() -> None:
    with pytest.raises(ValueError, match="JSON"):
        json_of([progress(1, float("nan"))])


def test_nothing_is_pushed_before_the_start_nor_after_the_stop() -> None:
    pushed: list[str] = []
    emitter = Emitter(pushed.append)
    emitter.emit(StatsChanged())
    emitter.stop()
    emitter.start()
    emitter.emit(StatsChanged())

    assert not pushed


def test_pushes_are_apart_and_hold_everything_that_came_between() -> None:
    pushed: list[tuple[float, str]] = []
    emitter = Emitter(lambda text: pushed.append((time.monotonic(), text)), every_s=0.05)
    emitter.start()
    for file_id in range(2000):
        emitter.emit(end(file_id))
        if file_id % 100 == 0:
            time.sleep(0.005)
    deadline = time.monotonic() + 60
    while sum(len(json.loads(text)) for _, text in pushed) < 2000 and time.monotonic() < deadline:
        time.sleep(0.01)
    emitter.stop()

    told = [one["file_id"] for _, text in pushed for one in json.loads(text)]
    assert told == list(range(2000))
    assert all(after - before >= 0.049 for (before, _), (after, _) in pairwise(pushed))


def test_a_push_that_fails_costs_the_next_one_nothing() -> None:
    pushed: list[str] = []
    there = threading.Event()

    def push(text: str) -> None:
        pushed.append(text)
        if len(pushed) == 1:
            emitter.emit(Notice("second", {}))
            raise RuntimeError("the window is busy")
        there.set()

    emitter = Emitter(push, every_s=0.001)
    emitter.emit(Notice("first", {}))
    emitter.start()

    assert there.wait(60)
    emitter.stop()
    assert "second" in pushed[1]


def test_a_push_that_hangs_does_not_hold_the_stop_for_long() -> None:
    hang, inside = threading.Event(), threading.Event()

    def push(_text: str) -> None:
        inside.set()
        hang.wait(60)

    emitter = Emitter(push)
    emitter.emit(StatsChanged())
    emitter.start()
    assert inside.wait(60)
    began = time.monotonic()
    emitter.stop()

    assert time.monotonic() - began < 30
    hang.set()


def test_a_newer_total_replaces_an_older_one_but_no_estimate_of_a_file() -> None:
    emitter = Emitter(lambda _: None)
    for _ in range(3):
        emitter.emit(EstimatesChanged())

    assert len(taken(emitter)) == 1


def test_every_event_has_a_name_of_its_own() -> None:
    names = [one.NAME for one in ALL_EVENTS]

    assert len(set(names)) == len(names)
    assert all(names)
