from __future__ import annotations

import threading

from plume_app.jobs.gate import Gate

PATIENCE_S = 30


def entering(gate: Gate, size: int) -> tuple[threading.Thread, list[bool]]:
    """A thread that wants to come in, and what it was told."""
    told: list[bool] = []
    thread = threading.Thread(target=lambda: told.append(gate.enter(size)), daemon=True)
    thread.start()
    return thread, told


def test_t42_a_file_waits_until_there_is_room_for_its_bytes() -> None:
    gate = Gate(100, 10)
    gate.enter(60)
    waiting, told = entering(gate, 50)
    waiting.join(0.1)
    assert not told

    gate.leave(60)

    waiting.join(PATIENCE_S)
    assert told == [True]


def test_t42_a_file_larger_than_the_gate_travels_alone() -> None:
    gate = Gate(100, 10)
    assert gate.enter(500)
    waiting, told = entering(gate, 1)
    waiting.join(0.1)
    assert not told

    gate.leave(500)

    waiting.join(PATIENCE_S)
    assert told == [True]


def test_the_number_is_bounded_as_well_as_the_bytes() -> None:
    gate = Gate(100, 2)
    gate.enter(1)
    gate.enter(1)
    waiting, told = entering(gate, 1)
    waiting.join(0.1)
    assert not told

    gate.leave(1)

    waiting.join(PATIENCE_S)
    assert told == [True]


def test_who_found_all_places_taken_comes_in_when_a_quarter_of_them_is_free() -> None:
    gate = Gate(1000, 8)
    for _ in range(8):
        gate.enter(1)
    waiting, told = entering(gate, 1)

    gate.leave(1)
    waiting.join(0.1)
    assert not told

    gate.leave(1)
    waiting.join(PATIENCE_S)
    assert told == [True]
    assert gate.enter(1)  # the next one finds a place at once


def test_who_waits_for_bytes_waits_for_no_places() -> None:
    gate = Gate(100, 8)
    gate.enter(60)
    for _ in range(4):
        gate.enter(10)
    waiting, told = entering(gate, 10)

    gate.leave(10)

    waiting.join(PATIENCE_S)
    assert told == [True]


def test_one_that_may_not_wait_comes_in_at_once() -> None:
    gate = Gate(100, 1)
    gate.enter(100)

    assert gate.enter(100, waits=False)


def test_closing_sends_away_those_who_wait_and_those_who_come() -> None:
    gate = Gate(100, 10)
    gate.enter(100)
    waiting, told = entering(gate, 50)

    gate.close()

    waiting.join(PATIENCE_S)
    assert told == [False]
    assert not gate.enter(1, waits=False)
    assert gate.is_closed
