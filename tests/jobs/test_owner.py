from __future__ import annotations

import os

import pytest

from plume_app.jobs.owner import is_alive, this_process
from processes import in_another_process


def test_this_process_is_alive() -> None:
    assert is_alive(this_process())


def test_a_process_that_ended_is_dead() -> None:
    read, write = os.pipe()
    in_another_process(lambda: os.write(write, this_process().encode()) and None)
    os.close(write)
    with os.fdopen(read) as told:
        owner = told.read()

    assert owner != this_process()
    assert not is_alive(owner)


def test_a_later_process_with_the_same_number_is_another_owner() -> None:
    pid, start, boot = this_process().split(":")

    assert not is_alive(f"{pid}:{int(start) - 1}:{boot}")
    assert not is_alive(f"{pid}:{start}:another-boot")


def test_where_only_the_number_is_known_it_decides() -> None:
    assert is_alive(f"{os.getpid()}::")


@pytest.mark.parametrize("owner", ["", "abc", "::", "-1:1:", "0::", "99999999999::", "²::"])
def test_an_owner_that_nobody_could_have_written_is_dead(owner: str) -> None:
    assert not is_alive(owner)
