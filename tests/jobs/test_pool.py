from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import fake_work
from fake_work import TOLD, job
from plume_app.jobs import budget
from plume_app.jobs.crew import LAST_PER_WORKER, MAX_DEAD_STARTS, Crew
from plume_app.jobs.lane import Lane, Ticket
from plume_app.jobs.messages import Cancelled, Failed, Outcome
from plume_app.jobs.pool import Pool

PATIENCE_S = 30  # only a hang takes so long; no test measures time


@pytest.fixture
def pools() -> Iterator[Callable[..., Pool]]:
    """Makes pools of fake workers, and closes them."""
    made: list[Pool] = []

    def make(workers: int = 2, **options: object) -> Pool:
        made.append(Pool(workers, **({"perform": fake_work.perform} | options)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for pool in made:
        pool.close()


def outcomes(futures: list[Future[Outcome]]) -> list[Outcome]:
    return [future.result(PATIENCE_S) for future in futures]


def told(outcome: Outcome) -> dict[str, float]:
    assert isinstance(outcome, Failed), outcome
    assert outcome.code == TOLD, outcome
    return {name: float(value) for name, value in outcome.facts.items()}


def wait_until_gone(pid: float) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} still lives")


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return one["began"] < other["ended"] and other["began"] < one["ended"]


def test_every_task_gets_its_own_outcome_and_both_workers_work(pools: Callable[..., Pool]) -> None:
    pool = pools()

    found = outcomes([pool.submit(job(number, "sleep 0.005")) for number in range(100)])

    assert [outcome.id for outcome in found] == list(range(100))
    assert len({told(outcome)["pid"] for outcome in found}) == 2
    assert not pool._crew.live


def begun_in_order(pool: Pool, gate: threading.Event, futures: list[Future[Outcome]]) -> list[int]:
    """Opens the gate when all wait behind it; the ids in the order in which they were begun."""
    deadline = time.monotonic() + PATIENCE_S
    while len(pool._crew.live) < len(futures) and time.monotonic() < deadline:
        time.sleep(0.01)
    gate.set()
    pool.look_again()
    return [one.id for one in sorted(outcomes(futures), key=lambda one: told(one)["began"])]


def test_of_the_last_pictures_the_largest_begin_first(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    gate = threading.Event()
    sizes = [3_000_000, 9_000_000, 5_000_000, 9_000_000]
    futures = [
        pool.submit(job(number, "echo", decoded_bytes=size), may_begin=gate.is_set) for number, size in enumerate(sizes)
    ]

    assert begun_in_order(pool, gate, futures) == [1, 3, 2, 0]


def test_a_pause_that_comes_while_the_pool_chooses_costs_no_picture(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    answers = [True, False]  # somebody presses Pause between two questions
    paused = threading.Event()

    def may_begin() -> bool:
        answer = answers.pop(0) if answers else paused.is_set()
        if not answers:
            paused.set()
        return answer

    future = pool.submit(job(1, "echo"), may_begin=may_begin)
    assert paused.wait(PATIENCE_S)
    pool.look_again()

    told(future.result(PATIENCE_S))
    told(pool.submit(job(2, "echo")).result(PATIENCE_S))


def test_many_pictures_begin_in_the_order_in_which_they_came(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    gate = threading.Event()
    futures = [
        pool.submit(job(number, "echo", decoded_bytes=3_000_000 + number), may_begin=gate.is_set)
        for number in range(12)
    ]

    assert begun_in_order(pool, gate, futures)[: 12 - LAST_PER_WORKER] == list(range(12 - LAST_PER_WORKER))


@pytest.mark.parametrize("death", ["abort", "exit"])
def test_t48_a_crash_is_tried_once_more_then_fails_and_the_batch_goes_on(
    pools: Callable[..., Pool], death: str
) -> None:
    pool = pools()
    before = [pool.submit(job(number, "sleep 0.01")) for number in range(10)]
    deadly = pool.submit(job(10, death))
    after = [pool.submit(job(number, "sleep 0.01")) for number in range(11, 21)]

    assert deadly.result(PATIENCE_S) == Failed(10, "worker_crashed", {})
    for outcome in outcomes(before + after):
        told(outcome)


def test_t48_a_crashed_task_is_tried_again_with_all_memory_and_nothing_beside_it(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=3)
    deadly = pool.submit(job(0, "crash_beside_others 0.1"))
    others = [pool.submit(job(number, "sleep 0.05", decoded_bytes=3_000_000)) for number in range(1, 13)]

    second_try = told(deadly.result(PATIENCE_S))

    assert not any(overlap(second_try, told(other)) for other in outcomes(others))


def test_t48_many_crashes_at_once_each_cost_their_own_task_only(pools: Callable[..., Pool]) -> None:
    pool = pools()
    futures = [pool.submit(job(number, "abort" if number % 3 == 0 else "echo")) for number in range(12)]

    codes = [outcome.code for outcome in outcomes(futures) if isinstance(outcome, Failed)]

    assert codes == ["worker_crashed" if number % 3 == 0 else TOLD for number in range(12)]


def test_t48_a_worker_killed_from_outside_costs_no_task(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    pid = told(pool.submit(job(0, "echo")).result(PATIENCE_S))["pid"]

    os.kill(int(pid), signal.SIGKILL)  # while it is idle, as the kernel does when memory is short
    wait_until_gone(pid)
    futures = [pool.submit(job(number, "echo")) for number in range(1, 4)]

    assert all(told(outcome)["pid"] != pid for outcome in outcomes(futures))


def test_t48_a_dead_fork_server_is_started_again(pools: Callable[..., Pool]) -> None:
    from multiprocessing import forkserver

    pool = pools(workers=1)
    pid = told(pool.submit(job(0, "echo")).result(PATIENCE_S))["pid"]

    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
    wait_until_gone(pid)  # its workers go with it

    told(pool.submit(job(1, "echo")).result(PATIENCE_S))


def test_t48_workers_that_cannot_start_fail_their_tasks_and_hang_nothing(pools: Callable[..., Pool]) -> None:
    pool = pools(perform=fake_work.Unstartable())

    found = outcomes([pool.submit(job(number, "echo")) for number in range(3)])

    assert found == [Failed(number, "worker_crashed", {}) for number in range(3)]


def test_a_bug_in_the_work_is_an_internal_error_and_keeps_the_worker(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    first, bug, last = outcomes([pool.submit(job(n, what)) for n, what in enumerate(["echo", "raise", "echo"])])

    assert bug == Failed(1, "internal_error", {"problem": "LookupError"})
    assert told(first)["pid"] == told(last)["pid"]


def test_t47_a_hung_encoder_is_ended_at_its_deadline_and_the_rest_goes_on(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1, deadline_s=lambda task: 0.5 if task.id == 1 else 60.0)
    futures = [pool.submit(job(number, "spin" if number == 1 else "echo")) for number in range(5)]

    found = outcomes(futures)

    assert found[1] == Failed(1, "timed_out", {"seconds": 0})
    for number in (0, 2, 3, 4):
        told(found[number])


def test_t49_cancel_ends_a_task_inside_c_code_and_no_other(pools: Callable[..., Pool]) -> None:
    pool = pools()
    pids = [told(outcome)["pid"] for outcome in outcomes([pool.submit(job(n, "sleep 0.05")) for n in (0, 1)])]
    spinning, waiting = pool.submit(job(2, "spin")), pool.submit(job(3, "sleep 0.3"))
    behind = [pool.submit(job(number, "echo")) for number in range(4, 8)]
    time.sleep(0.1)

    pool.cancel(2)

    assert spinning.result(PATIENCE_S) == Cancelled(2)
    told(waiting.result(PATIENCE_S))
    for outcome in outcomes(behind):
        told(outcome)
    pool.close()
    for pid in pids:
        wait_until_gone(pid)


def test_t49_cancel_all_ends_what_works_and_what_waits_and_the_pool_goes_on(pools: Callable[..., Pool]) -> None:
    pool = pools()
    futures = [pool.submit(job(number, "spin")) for number in range(10)]

    pool.cancel_all()

    assert outcomes(futures) == [Cancelled(number) for number in range(10)]
    told(pool.submit(job(10, "echo")).result(PATIENCE_S))


def test_t49_cancelling_what_is_finished_or_unknown_changes_nothing(pools: Callable[..., Pool]) -> None:
    pool = pools()
    done = pool.submit(job(0, "echo"))
    told(done.result(PATIENCE_S))

    pool.cancel(0)
    pool.cancel(99)

    told(pool.submit(job(1, "echo")).result(PATIENCE_S))
    told(done.result())


def test_a_task_that_may_not_begin_waits_and_lets_others_pass(pools: Callable[..., Pool]) -> None:
    pool, go = pools(workers=1), threading.Event()
    held = [pool.submit(job(number, "echo"), go.is_set) for number in range(5)]
    passed = outcomes([pool.submit(job(number, "echo")) for number in range(5, 10)])
    assert not any(future.done() for future in held)

    go.set()
    pool.look_again()

    last = max(told(outcome)["ended"] for outcome in passed)
    assert all(told(outcome)["began"] >= last for outcome in outcomes(held))


def test_t49_tasks_that_may_not_begin_are_cancelled_like_others(pools: Callable[..., Pool]) -> None:
    pool = pools()
    one, other, third = (pool.submit(job(number, "echo"), lambda: False) for number in range(3))

    pool.cancel(0)
    assert one.result(PATIENCE_S) == Cancelled(0)
    assert not other.done()
    pool.cancel_all()

    assert outcomes([other, third]) == [Cancelled(1), Cancelled(2)]
    told(pool.submit(job(3, "echo")).result(PATIENCE_S))


def test_t48_a_crashed_task_that_may_not_begin_again_waits_too(pools: Callable[..., Pool]) -> None:
    pool, go, began = pools(workers=1), threading.Event(), []
    go.set()
    crashed = pool.submit(job(0, "crash_beside_others 0.3"), lambda: go.is_set() and not began.append(1))
    while not began:  # its worker has it
        time.sleep(0.01)
    go.clear()
    told(pool.submit(job(1, "echo", decoded_bytes=3_000_000)).result(PATIENCE_S))
    assert not crashed.done()

    go.set()
    pool.look_again()

    told(crashed.result(PATIENCE_S))


def test_t42_tasks_at_work_stay_within_the_memory_budget(pools: Callable[..., Pool]) -> None:
    half = budget.peak_bytes(job(0, "echo", decoded_bytes=50_000_000))
    pool = pools(workers=4, memory_bytes=2 * half + 1_000)
    futures = [pool.submit(job(number, "sleep 0.05", decoded_bytes=50_000_000)) for number in range(8)]

    spans = [told(outcome) for outcome in outcomes(futures)]

    for span in spans:
        assert sum(other["began"] <= span["began"] < other["ended"] for other in spans) <= 2


def test_t42_a_task_larger_than_the_budget_runs_alone(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=4, memory_bytes=200_000_000)
    futures = [
        pool.submit(job(number, "sleep 0.05", decoded_bytes=1_600_000_000 if number == 3 else 1_000_000))
        for number in range(8)
    ]

    spans = [told(outcome) for outcome in outcomes(futures)]

    assert not any(overlap(spans[3], other) for other in spans[:3] + spans[4:])


def test_t42_a_worker_gets_no_more_memory_than_its_picture_may_take(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    fed, after = outcomes([pool.submit(job(0, "eat")), pool.submit(job(1, "echo"))])

    assert fed == Failed(0, "internal_error", {"problem": "MemoryError"})  # `worker.run` words it for people
    told(after)


def test_t42_file_bytes_in_flight_are_bounded_for_a_batch_of_any_length(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    most = 0
    for number in range(60):
        pool.submit(job(number, "echo", size=5_000_000))
        most = max(most, pool._gate._bytes)

    assert 5_000_000 < most <= budget.MAX_IN_FLIGHT_BYTES


def test_a_callback_may_submit_the_next_task(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=1)
    last: Future[float] = Future()

    def next_one(future: Future[Outcome]) -> None:
        number = future.result().id + 1
        if number == 200:
            last.set_result(told(future.result())["pid"])
        else:
            pool.submit(job(number, "echo", size=1_000)).add_done_callback(next_one)

    pool.submit(job(0, "echo")).add_done_callback(next_one)

    assert last.result(PATIENCE_S) > 0


def test_output_of_libraries_goes_to_the_log(pools: Callable[..., Pool], tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    told(pools(log_path=log).submit(job(0, "print libfoo:warning")).result(PATIENCE_S))

    assert "libfoo:warning" in log.read_text(encoding="utf-8")


def test_a_crash_leaves_its_trace_in_the_log(pools: Callable[..., Pool], tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    pools(log_path=log).submit(job(0, "abort")).result(PATIENCE_S)

    assert "Fatal Python error: Aborted" in log.read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_costs_no_work(pools: Callable[..., Pool], tmp_path: Path) -> None:
    told(pools(log_path=tmp_path / "no" / "folder" / "x.log").submit(job(0, "echo")).result(PATIENCE_S))


def test_a_log_that_has_grown_large_starts_anew(pools: Callable[..., Pool], tmp_path: Path) -> None:
    log = tmp_path / "workers.log"
    log.write_bytes(b"x" * 9_000_000)
    told(pools(log_path=log).submit(job(0, "print new")).result(PATIENCE_S))

    assert log.read_bytes() == b"new"


def test_stages_arrive_in_order_and_a_flood_of_them_stops_nothing(pools: Callable[..., Pool]) -> None:
    heard: list[tuple[int, str]] = []
    pool = pools(workers=1, on_stage=lambda number, stage: heard.append((number, stage)))

    told(pool.submit(job(0, "tell_stages 1")).result(PATIENCE_S))
    told(pool.submit(job(1, "flood_stages")).result(PATIENCE_S))

    assert [stage for number, stage in heard if number == 0] == ["encoding", "verifying"]


def test_idle_workers_are_let_go_and_come_back(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=2, idle_s=0.1)
    pids = {told(outcome)["pid"] for outcome in outcomes([pool.submit(job(n, "sleep 0.05")) for n in (0, 1)])}

    for pid in pids:
        wait_until_gone(pid)

    assert told(pool.submit(job(2, "echo")).result(PATIENCE_S))["pid"] not in pids


def test_release_idle_keeps_the_workers_that_work(pools: Callable[..., Pool]) -> None:
    pool = pools(workers=2)
    pid = told(pool.submit(job(0, "echo")).result(PATIENCE_S))["pid"]
    busy = pool.submit(job(1, "sleep 0.5"))

    pool.release_idle()

    assert told(busy.result(PATIENCE_S))["pid"] == pid


def test_close_cancels_ends_every_worker_and_may_be_called_twice(pools: Callable[..., Pool]) -> None:
    pool = pools()
    pids = {told(outcome)["pid"] for outcome in outcomes([pool.submit(job(n, "sleep 0.05")) for n in (0, 1)])}
    unfinished = [pool.submit(job(number, "spin")) for number in range(2, 6)]

    pool.close()
    pool.close()

    assert outcomes(unfinished) == [Cancelled(number) for number in range(2, 6)]
    assert pool.submit(job(6, "echo")).result(PATIENCE_S) == Cancelled(6)
    for pid in pids:
        wait_until_gone(pid)


def test_a_task_that_is_on_its_way_in_while_the_pool_closes_is_cancelled(
    pools: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pools()
    told(pool.submit(job(0, "echo")).result(PATIENCE_S))
    enter = pool._gate.enter
    closing = threading.Thread(target=pool.close)

    def enter_late(size: int, *, waits: bool = True) -> bool:
        entered = enter(size, waits=waits)
        closing.start()
        closing.join(timeout=0.5)
        return entered

    monkeypatch.setattr(pool._gate, "enter", enter_late)

    assert pool.submit(job(1, "echo")).result(PATIENCE_S) == Cancelled(1)
    closing.join(timeout=PATIENCE_S)


def test_the_process_that_owns_the_files_loads_no_decoder() -> None:
    script = """
import sys
from plume_app.domain.compression.settings import Settings
from plume_app.jobs.messages import Failed, Job
from plume_app.jobs.pool import Pool

if __name__ == "__main__":
    pool = Pool(1)
    outcome = pool.submit(Job(1, b"no picture", Settings(), 10)).result(30)
    pool.close()
    print(type(outcome).__name__, *sorted({"PIL", "pyvips", "oxipng", "exiv2", "imagequant"} & set(sys.modules)))
"""
    told_by = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert told_by.stdout.split() == ["Failed"]


def test_a_pool_that_was_never_used_closes() -> None:
    Pool(2).close()


def test_a_second_pool_lives_on_when_the_first_is_closed(pools: Callable[..., Pool]) -> None:
    first, second = pools(workers=1), pools(workers=1)
    told(first.submit(job(0, "echo")).result(PATIENCE_S))
    pid = told(second.submit(job(0, "echo")).result(PATIENCE_S))["pid"]

    first.close()

    assert told(second.submit(job(1, "echo")).result(PATIENCE_S))["pid"] == pid


class StillbornLane(Lane):
    """A worker that is dead before it takes a task."""

    def __init__(self, sound: bool = False) -> None:
        self.tickets = []
        self.sound = sound

    @property
    def is_sound(self) -> bool:
        return self.sound

    def hand(self, ticket: Ticket, timeout_s: float, ended: object) -> bool:  # noqa: ARG002 - a lane's
        if self.sound:
            self.tickets.append(ticket)
        return self.sound

    def end(self) -> None:
        pass


def test_t48_where_every_worker_dies_at_its_start_the_tasks_fail_and_nothing_spins() -> None:
    started: list[Lane] = []
    works = False

    def start_lane() -> Lane:
        started.append(StillbornLane(works))
        return started[-1]

    crew = Crew(
        2, budget.Budget(1 << 30), start_lane=start_lane, deadline_s=lambda _task: 1.0, heard=lambda *_: None,
        settled=lambda _ticket: None, discard=lambda _lane: None,
    )  # fmt: skip
    tickets = [Ticket(job(number, "nothing"), 1) for number in range(3)]
    for ticket in tickets:
        crew.accept(ticket)

    crew.hand_out()

    assert [ticket.future.result(0) for ticket in tickets] == [
        Failed(number, "worker_crashed", {}) for number in range(3)
    ]
    assert len(started) == MAX_DEAD_STARTS + 2  # the first task pays, the others are tried once each
    works = True
    crew.accept(Ticket(job(7, "nothing"), 1))
    crew.hand_out()
    assert [ticket.task.id for ticket in started[-1].tickets] == [7]
