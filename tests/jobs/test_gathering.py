"""Every end comes out once, in groups, and then it ends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from pathlib import Path

from plume_app.domain.compression.verdict import Written
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits
from plume_app.jobs.gathering import GROUP_FILES, Gathering
from plume_app.jobs.items import Item, Refused, Stopped
from plume_app.jobs.messages import Cancelled, Done, Failed, Outcome


def item(number: int) -> Item:
    return Item(number, Path(f"/{number}"))


def test_every_end_comes_out_once_in_its_order_and_no_group_is_too_large() -> None:
    gathering = Gathering()
    for number in range(100):
        gathering.put(item(number), Stopped())
    gathering.all_is_fed()

    groups = list(gathering.groups())

    assert [one.job_id for group in groups for one, _ in group] == list(range(100))
    assert max(map(len, groups)) == GROUP_FILES


def test_it_ends_when_the_last_expected_file_has_come_back() -> None:
    gathering = Gathering()
    futures: list[Future[Outcome]] = [Future(), Future()]
    for number, future in enumerate(futures):
        gathering.expect(item(number), future)
    gathering.all_is_fed()
    groups = gathering.groups()

    futures[1].set_result(Failed(1, "timed_out", {"seconds": 3}))
    assert next(groups) == [(item(1), Refused("timed_out", {"seconds": 3}))]
    futures[0].set_result(Cancelled(0))

    assert list(groups) == [[(item(0), Stopped())]]


def test_neither_a_full_group_nor_the_last_one_waits_for_company() -> None:
    gathering = Gathering(gather_s=600)
    for number in range(6 + GROUP_FILES):
        gathering.put(item(number), Stopped())
    groups = gathering.groups()
    began = time.monotonic()

    sizes = [len(next(groups)), len(next(groups))]
    gathering.all_is_fed()
    rest = list(groups)

    assert (sizes, rest) == ([GROUP_FILES, 6], [])
    assert time.monotonic() - began < 300


def test_later_ends_wait_for_company() -> None:
    gathering = Gathering(gather_s=0.5)
    for number in range(4):
        gathering.put(item(number), Stopped())
    groups = gathering.groups()
    assert len(next(groups)) == 4
    late = threading.Timer(0.05, gathering.put, (item(5), Stopped()))

    gathering.put(item(4), Stopped())
    late.start()

    assert [one.job_id for one, _ in next(groups)] == [4, 5]


def test_a_batch_of_nothing_ends() -> None:
    gathering = Gathering()
    gathering.all_is_fed()

    assert list(gathering.groups()) == []


def test_a_listener_that_fails_costs_no_file_its_end() -> None:
    def fail(_: Item) -> None:
        raise LookupError

    gathering = Gathering(fail)
    future: Future[Outcome] = Future()
    gathering.expect(item(1), future)
    gathering.all_is_fed()
    done = Done(1, Written(7), b"x", "png", "webp", Header("png", 3, 2), Traits(), (), False, "v", 3)
    future.set_result(done)

    assert list(gathering.groups()) == [[(item(1), done)]]
