"""Stand-ins for a worker's work: module-level, since a worker imports them by name before it is closed.

The first word of a job's data says what to do. What is to be told comes back as the facts of a `Failed`
with the code "told".
"""

from __future__ import annotations

import collections
import ctypes
import errno
import fcntl
import itertools
import os
import resource
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from plume_app.domain.compression.settings import Settings
from plume_app.jobs import sandbox, worker
from plume_app.jobs.messages import Failed, Inspect, Job, Outcome, Probe, Probed, Task

TOLD = "told"


def job(number: int, what: str, *, decoded_bytes: int = 1_000, effort: str = "balanced", size: int = 0) -> Job:
    """A job for `perform`; its data is padded to `size` bytes."""
    return Job(number, what.encode("ascii").ljust(size), Settings(effort=effort), decoded_bytes)


def perform(task: Task) -> Outcome:
    """Do what the job's data says, and tell which process did it, from when to when."""
    assert not isinstance(task, Probe)
    began = time.monotonic()
    what, *words = task.data.decode("ascii").split()
    DEEDS[what](task, *words)
    return Failed(task.id, TOLD, {"pid": os.getpid(), "began": began, "ended": time.monotonic()})


def _crash_beside_others(task: Job | Inspect, seconds: str = "0") -> None:
    """Crash, unless all memory that a task may have was given: so it is when a task is tried alone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft != hard:
        os.abort()
    time.sleep(float(seconds))


def _spin(task: Job | Inspect) -> None:
    """Work in C for ever, with the interpreter's lock held: no Python code runs in this process again."""
    collections.deque(itertools.repeat(0), maxlen=0)


def _raise(task: Job | Inspect) -> None:
    raise LookupError("a bug")


def _eat(task: Job | Inspect) -> None:
    """Take memory until there is none."""
    eaten = []
    while True:
        eaten.append(bytearray(100_000_000))


def _tell_stages(task: Job | Inspect, seconds: str) -> None:
    """Report every stage, and stay at work until they must have been heard."""
    for stage in worker.STAGES:
        worker.tell_stage(task.id, stage)
    time.sleep(float(seconds))


def _flood_stages(task: Job | Inspect) -> None:
    """More reports than the pipe holds."""
    for _ in range(100_000):
        worker.tell_stage(task.id, "encoding")


DEEDS: dict[str, Callable[..., None]] = {
    "echo": lambda _: None,
    "sleep": lambda _, seconds: time.sleep(float(seconds)),
    "abort": lambda _: os.abort(),
    "exit": lambda _: os._exit(3),
    "crash_beside_others": _crash_beside_others,
    "spin": _spin,
    "raise": _raise,
    "eat": _eat,
    "print": lambda _, text: os.write(2, text.encode("ascii")),
    "tell_stages": _tell_stages,
    "flood_stages": _flood_stages,
}


class Unstartable:
    """Work that ends the process which only loads it: a worker that has it never starts."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return os.abort, ()

    def __call__(self, task: Task) -> Outcome:
        raise NotImplementedError


class Booby:
    """An answer that makes its reader write a file: what a worker might send that a picture has taken over."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self.path, "w")


def send_booby(task: Task) -> Outcome:
    """Answer with an object that acts when it is read; the first word of the data is the path."""
    assert isinstance(task, Job)
    return cast("Outcome", Booby(task.data.split()[0].decode()))


def send_nonsense(task: Task) -> Outcome:
    """Answer with what is an answer to something else."""
    return Probed(task.id, sandbox.Protections())


def escape(task: Task) -> Outcome:
    """Try every way out; tell for each the name of the error that stopped it, or "done"."""
    return Failed(task.id, TOLD, {name: _tried(way) for name, way in WAYS_OUT.items()})


def _tried(way: Callable[[], object]) -> str:
    try:
        way()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, "?")
    except ValueError:
        return "refused"  # Python's spelling of EPERM where a limit is raised
    return "done"


def _call(number: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _ptrace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "")


def _signal_by_pipe() -> None:
    """Have the kernel send a signal for us: an open pipe whose owner is another process."""
    reader, _ = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETOWN, os.getppid())


WAYS_OUT: dict[str, Callable[[], object]] = {
    "read_file": lambda: Path("/etc/passwd").read_bytes(),
    "write_file": lambda: Path("/tmp/plume-escaped").write_bytes(b"x"),
    "list_folder": lambda: list(Path("/").iterdir()),
    "look_at_file": lambda: Path("/etc/passwd").stat(),
    "remove_file": lambda: Path("/tmp/plume-escaped").unlink(),
    "make_folder": lambda: Path("/tmp/plume-escaped").mkdir(),
    "change_mode": lambda: Path("/etc/passwd").chmod(0o644),
    "read_own_memory_map": lambda: Path("/proc/self/maps").read_bytes(),
    "unix_socket": lambda: socket.socket(socket.AF_UNIX).close(),
    "tcp_socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
    "udp_socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "netlink_socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close(),
    "fork": _fork,
    "exec": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
    "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "signal_parent": lambda: os.kill(os.getppid(), 0),
    "signal_everybody": lambda: os.kill(-1, 0),
    "signal_by_pipe": _signal_by_pipe,
    "trace_parent": _ptrace,
    "more_memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)),
    "core_dumps": lambda: resource.setrlimit(resource.RLIMIT_CORE, (1_000_000, 1_000_000)),
    "limit_of_parent": lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (10, 10)),
    "io_uring": lambda: _call(425, 1, 0),
    "pidfd_open": lambda: _call(434, os.getppid(), 0),
    "clone3": lambda: _call(435, 0, 0),
    "openat2": lambda: _call(437, -100, 0, 0, 0),
}


def remain(task: Task) -> Outcome:
    """Tell that threads still start, and which files are open, by kind."""
    ran: list[int] = []
    thread = threading.Thread(target=lambda: ran.append(1))
    thread.start()
    thread.join()
    kinds = collections.Counter(filter(None, map(_kind, range(256))))
    return Failed(task.id, TOLD, {"threads": len(ran), **kinds})


def _kind(number: int) -> str | None:
    try:
        mode = os.fstat(number).st_mode
    except OSError:
        return None
    if stat.S_ISFIFO(mode):
        return "pipe"
    if stat.S_ISSOCK(mode):
        return "socket"
    return "file" if stat.S_ISREG(mode) else "device"
