"""Doing a thing in a process of its own: as a user without rights, or killed at every step."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

NOBODY = 65534
_STEPS = ("open", "os.chmod", "os.chown", "os.utime", "os.rename", "os.link", "os.remove", "os.setxattr", "os.mkdir")


def in_another_process(work: Callable[[], None]) -> int:
    """Run `work` in a copy of this process; 0 when it returned, minus the signal when it was killed.

    What it raises is printed there and counts as 1.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads do not live on in the copy; none is needed
        child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # the copy must not go on with the tests
            traceback.print_exc(file=sys.__stderr__)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def as_nobody(work: Callable[[], None]) -> None:
    """Run `work` as a user whom permissions bind; what it raises fails the test."""

    def give_up_and_work() -> None:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        work()

    assert in_another_process(give_up_and_work) == 0


def killed_at_each_step(prepare: Callable[[], None], work: Callable[[], None], check: Callable[[int], None]) -> int:
    """Run `work` again and again, killed with SIGKILL before its first, second, ... change of a file.

    `prepare` sets the scene before each run, `check` looks at it after each. Returns how many steps there
    were; the last run was not killed.
    """
    for step in range(1, 1000):
        prepare()
        ended = in_another_process(partial(_work_until, step, work))
        check(step)
        if ended == 0:
            return step - 1
        assert ended == -signal.SIGKILL
    raise AssertionError("it never ends")


def _work_until(step: int, work: Callable[[], None]) -> None:
    left = step

    def count(event: str, _: tuple[object, ...]) -> None:
        nonlocal left
        if event in _STEPS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    work()


@contextmanager
def mounted(kind: str, options: str, at: Path) -> Iterator[Path]:
    """A fresh file system of `kind` at `at`, for root only: elsewhere the test is skipped."""
    import subprocess

    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    at.mkdir()
    tried = subprocess.run(["mount", "-t", kind, "-o", options, "none", str(at)], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"this machine does not mount a {kind}")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)
