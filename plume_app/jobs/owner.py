"""Who owns a batch: one process, told from every later one that may get its number.

An owner is text, `pid:start:boot`: the process number, the moment it started (clock ticks since boot, field
22 of /proc/<pid>/stat) and the boot it lives in. Where a part cannot be known (no /proc) it is empty, and
then the process number alone decides. Processes of another container that shares the data folder cannot
be told from dead ones by this.
"""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def this_process() -> str:
    """The owner that this process is."""
    pid = os.getpid()
    return f"{pid}:{_start_of(pid) or ''}:{_boot()}"


def is_alive(owner: str) -> bool:
    """Does the process `owner` still run? An owner that nobody could have written counts as dead."""
    number, _, rest = owner.partition(":")
    start, _, boot = rest.partition(":")
    if not number.isdecimal() or int(number) < 1:
        return False
    if boot and _boot() and boot != _boot():
        return False
    if start and _PROC.joinpath("self").exists():
        return _start_of(int(number)) == start
    return _exists(int(number))


def _exists(pid: int) -> bool:
    if os.name == "nt":  # there os.kill would end the process; not run
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _start_of(pid: int) -> str | None:
    """Field 22 of /proc/<pid>/stat; the name before it is in parentheses and may hold anything. A zombie is dead."""
    try:
        fields = _PROC.joinpath(str(pid), "stat").read_bytes().rpartition(b")")[2].split()
        return None if fields[0] in (b"Z", b"X") else fields[19].decode("ascii")
    except (OSError, IndexError, UnicodeDecodeError):
        return None


def _boot() -> str:
    try:
        return _PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
