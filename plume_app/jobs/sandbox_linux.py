"""The protections of Linux: own limits, Landlock for files, seccomp for everything else."""

from __future__ import annotations

import ctypes
import fcntl
import multiprocessing
import os
import resource
import signal
from multiprocessing import connection
from pathlib import Path

from plume_app.jobs import landlock, seccomp
from plume_app.jobs.sandbox import Limits, Protections

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


def threads() -> int:
    """How many threads this process has."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def restrict(limits: Limits) -> Protections:
    """What `sandbox.restrict` promises, for Linux. Raises RuntimeError in a process of several threads."""
    count = threads()
    if count != 1:
        raise RuntimeError(f"A worker must have one thread when it is restricted, this one has {count}.")
    libc = ctypes.CDLL(None, use_errno=True)
    dies = _die_with_parent(libc)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (limits.open_files, limits.open_files))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.log_bytes, limits.log_bytes))
    limit_memory(limits.address_bytes, hard=True)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # and nobody of the same user may trace it
    abi, filtered = 0, False
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        abi = landlock.close_files(libc)
        filtered = seccomp.close_calls(libc)
    return Protections(
        files=abi > 0 or filtered,
        network=filtered,
        processes=filtered,
        memory=True,
        core_dumps=True,
        dies_with_parent=dies,
        landlock_abi=abi,
    )


def limit_memory(address_bytes: int, *, hard: bool = False) -> int:
    """Limit this process to `address_bytes` of address space; with `hard`, no later call may go above.

    Returns the limit that holds now, which is lower where an earlier hard one is.
    """
    ceiling = resource.getrlimit(resource.RLIMIT_AS)[1]
    wanted = address_bytes if ceiling == resource.RLIM_INFINITY else min(address_bytes, ceiling)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, wanted if hard else ceiling))
    return wanted


def _die_with_parent(libc: ctypes.CDLL) -> bool:
    """Have the kernel end this process when Plume ends, however it ends, also inside C code.

    The parent in the kernel's eyes is the fork server, which itself ends only when the last worker is
    gone; so the pipe that Plume holds open as long as it lives is asked to signal its end as well.
    """
    told: int = libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    parent = multiprocessing.parent_process()
    if parent is None:
        return told == 0
    signal.signal(signal.SIGIO, signal.SIG_DFL)  # whose default is to end the process
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
    if connection.wait([parent.sentinel], timeout=0):  # it was gone before we asked
        raise SystemExit(1)
    return told == 0
