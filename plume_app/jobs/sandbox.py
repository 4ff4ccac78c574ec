"""What a worker gives up before its first picture: files, network, processes, memory, core dumps.

An image decoder is the most likely thing to be taken over by a hostile file. A worker that was taken
over finds nothing: no file can be opened, no connection made, no program started, no other process
seen. To protect another system: a module like `sandbox_linux` with a `restrict`, and a branch in
`restrict` below.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Limits:
    """What remains: bytes of address space, open files, and bytes that the log may grow to."""

    address_bytes: int
    open_files: int = 64  # a worker has about ten; libraries make a few eventfds and pipes
    log_bytes: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Protections:
    """Which protections are active in a worker; what `plume doctor` shows.

    `files`: no file can be opened (Landlock or seccomp). `network`: no socket can be made. `processes`:
    no process can be started, signalled or traced. `memory`: address space is limited. `core_dumps`: a
    crash leaves no picture on disk. `dies_with_parent`: no worker outlives Plume. `landlock_abi` is 0
    where the kernel has no Landlock.
    """

    files: bool = False
    network: bool = False
    processes: bool = False
    memory: bool = False
    core_dumps: bool = False
    dies_with_parent: bool = False
    landlock_abi: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the protections that this system does not give."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is False)


def restrict(limits: Limits) -> Protections:
    """Give up everything this system lets a process give up, for good; say what that was.

    A kernel without a protection is no error: it is missing from the answer. Everything that the worker
    will import or load must be loaded before.

    Raises RuntimeError when the process has more than one thread: the others would stay unrestricted.
    """
    if sys.platform != "linux":
        return Protections()
    from plume_app.jobs import sandbox_linux

    return sandbox_linux.restrict(limits)
