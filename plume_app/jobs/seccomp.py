"""seccomp: the system calls a worker may make, as a filter that the kernel runs before each of them.

A list of what is allowed rather than of what is forbidden, so that calls of kernels to come are closed
too. What is not allowed fails with an error instead of ending the process: libraries ask for many things
they can do without. Calls older than Linux 5.1 fail with EPERM, newer ones with ENOSYS, which is what C
libraries expect of a kernel that lacks them before they fall back to the older call (clone3 to clone).

Own code rather than a package: `pyseccomp` (last release 2021) needs the system's libseccomp, which a
wheel cannot carry. To allow one more call: its name and both numbers in ALLOWED.

Source: Documentation/userspace-api/seccomp_filter.rst; numbers from the kernel's asm/unistd_64.h and
asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from dataclasses import dataclass

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FIRST_COMMON_NUMBER = 424  # from here on a call has one number on all architectures
X32_BIT = 0x40000000  # the x32 calls of x86_64 would pass by another door

# name: (x86_64, aarch64), None where the architecture lacks it; the frequent ones first.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "futex": (202, 98), "read": (0, 63), "write": (1, 64), "poll": (7, None), "ppoll": (271, 73),
    "mmap": (9, 222), "munmap": (11, 215), "madvise": (28, 233), "mprotect": (10, 226), "mremap": (25, 216),
    "brk": (12, 214), "sched_yield": (24, 124), "clock_gettime": (228, 113), "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101), "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "times": (100, 153), "getrusage": (98, 165), "restart_syscall": (219, 128), "readv": (19, 65),
    "writev": (20, 66), "pread64": (17, 67), "pwrite64": (18, 68), "lseek": (8, 62), "close": (3, 57),
    "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24), "fstat": (5, 80), "select": (23, None),
    "pselect6": (270, 72), "epoll_create1": (291, 20), "epoll_ctl": (233, 21), "epoll_wait": (232, None),
    "epoll_pwait": (281, 22), "eventfd2": (290, 19), "pipe2": (293, 59), "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "exit": (60, 93),
    "exit_group": (231, 94), "set_robust_list": (273, 99), "rseq": (334, 293), "set_tid_address": (218, 96),
    "membarrier": (324, 283), "futex_waitv": (449, 449), "sched_getaffinity": (204, 123), "getcpu": (309, 168),
    "gettid": (186, 178), "getpid": (39, 172), "getppid": (110, 173), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getrandom": (318, 278), "uname": (63, 160), "sysinfo": (99, 179),
    "getrlimit": (97, 163), "setrlimit": (160, 164),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """A call that is allowed by one of its arguments: equal to one of `values`, or with the `bit` set."""

    numbers: tuple[int, int]
    argument: int
    values: tuple[int, ...] = ()
    bit: int = 0


def conditional(pid: int) -> dict[str, Rule]:
    """The calls allowed for some uses only, for the process `pid`."""
    return {
        "clone": Rule((56, 220), 0, bit=0x00010000),  # CLONE_THREAD: threads, never a process
        "tgkill": Rule((234, 131), 0, values=(pid,)),  # abort() signals its own process; nobody another
        "prlimit64": Rule((302, 261), 0, values=(0, pid)),  # own limits, which can only go down to `hard`
        "prctl": Rule((157, 167), 0, values=(15,)),  # PR_SET_NAME: encoders name their threads
        # Duplicate, and the flags of an open file. Not F_SETOWN and F_SETSIG, by which an open pipe can
        # be made to signal another process.
        "fcntl": Rule((72, 25), 1, values=(0, 1, 2, 3, 4, 1030)),
        "newfstatat": Rule((262, 79), 3, bit=0x1000),  # AT_EMPTY_PATH: how some C libraries spell fstat
        "statx": Rule((332, 291), 2, bit=0x1000),
    }


# One instruction of the filter: (code, jump if true, jump if false, operand); linux/bpf_common.h.
Instruction = tuple[int, int, int, int]
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_FAIL = 0x00050000


def program(machine: str, pid: int) -> list[Instruction]:
    """The filter for one architecture (as `platform.machine()` names it) and one process.

    Raises KeyError for an architecture whose numbers we do not have.
    """
    column = list(AUDIT_ARCH).index(machine) if machine in AUDIT_ARCH else None
    if column is None:
        raise KeyError(machine)
    lines: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL_PROCESS),  # 32-bit calls have other numbers: no honest code makes them here
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        lines += [(_AT_LEAST, 0, 1, X32_BIT), (_RETURN, 0, 0, _FAIL | errno.ENOSYS)]
    for numbers in ALLOWED.values():
        number = numbers[column]
        if number is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for rule in conditional(pid).values():
        tests = [(_ANY_BIT, rule.bit)] if rule.bit else [(_EQUAL, value) for value in rule.values]
        body: list[Instruction] = [(_LOAD, 0, 0, _ARGUMENTS + 8 * rule.argument)]  # its low half
        for test, operand in tests:
            body += [(test, 0, 1, operand), (_RETURN, 0, 0, _ALLOW)]
        body.append((_RETURN, 0, 0, _FAIL | errno.EPERM))
        lines += [(_EQUAL, 0, len(body), rule.numbers[column]), *body]
    return [
        *lines,
        (_AT_LEAST, 0, 1, FIRST_COMMON_NUMBER),
        (_RETURN, 0, 0, _FAIL | errno.ENOSYS),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
    ]


class _Filter(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("jt", ctypes.c_uint8), ("jf", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.POINTER(_Filter)))


_PR_SET_SECCOMP, _MODE_FILTER = 22, 2


def close_calls(libc: ctypes.CDLL) -> bool:
    """Put the filter in force for this process, for good; needs `no_new_privs`. False where it cannot be."""
    machine = platform.machine()
    if machine not in AUDIT_ARCH:
        return False
    lines = program(machine, os.getpid())
    filters = (_Filter * len(lines))(*(_Filter(*line) for line in lines))
    installed: int = libc.prctl(
        _PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(_Program(len(lines), filters)), 0, 0
    )
    return installed == 0
