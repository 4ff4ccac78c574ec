"""The process that workers are forked from may begin before anything else is loaded, and goes with its last user."""

from __future__ import annotations

import subprocess
import sys

import pytest

BEGIN = """
import os, sys
from multiprocessing import forkserver
from plume_app.jobs import fork_server

fork_server.begin()
print(os.path.exists(f"/proc/{forkserver._forkserver._forkserver_pid}"))
print([name for name in ("plume_app.runtime", "peewee", "pebble") if name in sys.modules])
"""

REST = """
import sys, time
from pathlib import Path
sys.path.insert(0, "tests")
from fake_work import job, perform
from plume_app.jobs.pool import Pool


def children():
    return "".join(one.read_text() for one in Path("/proc/self/task").glob("*/children"))


pool = Pool(1, perform=perform, idle_s=0.2)
pool.submit(job(1, "echo")).result(60)
print(bool(children()))
until = time.monotonic() + 30
while children() and time.monotonic() < until:
    time.sleep(0.05)
print(bool(children()))
pool.submit(job(2, "echo")).result(60)
pool.close()
print("again")
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are spawned there, not forked")


def test_it_begins_before_the_heavy_imports_of_its_own_process() -> None:
    told = subprocess.run([sys.executable, "-c", BEGIN], capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.split("\n")[:2] == ["True", "[]"]


def test_one_that_began_early_is_the_one_that_a_pool_uses_and_stops() -> None:
    from multiprocessing import forkserver

    from fake_work import job, perform
    from plume_app.jobs import fork_server
    from plume_app.jobs.pool import Pool

    fork_server.begin()
    server = forkserver._forkserver  # type: ignore[attr-defined]
    begun = server._forkserver_pid
    pool = Pool(1, perform=perform)
    try:
        pool.submit(job(1, "echo")).result(60)
        assert server._forkserver_pid == begun
    finally:
        pool.close()
    assert server._forkserver_pid is None


def test_at_rest_no_process_is_left_and_work_comes_back_without_a_word_of_complaint() -> None:
    told = subprocess.run(
        [sys.executable, "-Wdefault", "-c", REST], capture_output=True, text=True, timeout=120, check=True
    )
    assert (told.stdout.split(), told.stderr) == (["True", "False", "again"], "")
