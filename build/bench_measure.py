"""Run a program and measure its whole family of processes: wall, CPU, peak memory.

Linux only where it matters: memory is the sum of PSS over the session (shared pages counted once), and
orphans are adopted and waited for, so that no worker's CPU time is lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
_SAMPLE_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run. Times in seconds; memory in bytes, None where it was not watched."""

    wall_s: float
    cpu_s: float
    peak_bytes: int | None = None
    root_peak_bytes: int | None = None
    first_result_s: float | None = None
    status: int = 0


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it. Does nothing where the system cannot."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def measure(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    watch_memory: bool = False,
    first_result: Path | None = None,
    cwd: Path | None = None,
) -> Run:
    """Run `command` to its end. `first_result` is a file whose appearance is timed.

    Watching memory costs CPU time of the same machine: take the times from another run.
    """
    before = _children_cpu_s()
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        appeared = _until(first_result, process, start) if first_result is not None else None
        with _watching(process.pid) if watch_memory else contextlib.nullcontext(_Peak()) as peak:
            process.wait()
        wall_s = time.perf_counter() - start
    _wait_for_orphans(process.pid)
    cpu_s = _children_cpu_s() - before
    return Run(wall_s, cpu_s, peak.family or None, peak.root or None, appeared, process.returncode)


@dataclass(slots=True)
class _Peak:
    family: int = 0
    root: int = 0


@contextlib.contextmanager
def _watching(session: int) -> Iterator[_Peak]:
    peak, stop = _Peak(), threading.Event()

    def look() -> None:
        while not stop.wait(_SAMPLE_EVERY_S):
            sizes = {pid: _pss_bytes(pid) for pid in _family(session)}
            peak.family = max(peak.family, sum(sizes.values()))
            peak.root = max(peak.root, sizes.get(session, 0))

    thread = threading.Thread(target=look, name="bench-memory")
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _family(session: int) -> list[int]:
    """The processes of a session."""
    found = []
    for entry in _PROC.iterdir() if _PROC.is_dir() else ():
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(entry.name)
            if int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[3]) == session:
                found.append(pid)
    return found


def _pss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def _until(path: Path, process: subprocess.Popen[bytes], start: float) -> float | None:
    while not path.exists():
        if process.poll() is not None:
            return None
        time.sleep(0.001)
    return time.perf_counter() - start


def _wait_for_orphans(session: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            if not _family(session):
                return
            time.sleep(0.005)


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
