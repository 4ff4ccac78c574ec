"""Landlock: the process can open no file and no TCP connection any more, whoever owns it.

Written against the kernel's documentation (Documentation/userspace-api/landlock.rst); the three calls
and one structure need no package (the only one that was looked at, `landlock` 1.0.0.dev5, is a
pre-release, and most of it makes rules, of which a worker gets none).
"""

from __future__ import annotations

import ctypes

# The same numbers on every architecture, as for every call since Linux 5.1.
CREATE_RULESET = 444
RESTRICT_SELF = 446
ASK_VERSION = 1

# Rights over files that each version of the interface (ABI) knows, as bits 0 to n-1: version 2 added
# linking across folders, 3 truncation, 5 ioctl on devices.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
TCP_RIGHTS = 0b11  # bind and connect, since version 4
SCOPES = 0b11  # abstract UNIX sockets and signals to processes outside, since version 6


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def version(libc: ctypes.CDLL) -> int:
    """The version of the interface this kernel has; 0 for none, or switched off."""
    return max(0, int(_call(libc, CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)))


def close_files(libc: ctypes.CDLL) -> int:
    """Forbid this process and its descendants every right over files that the kernel can forbid.

    Files that are open stay open. Needs `no_new_privs`. Returns the version that is in force, 0 when
    nothing is.
    """
    abi = version(libc)
    if abi == 0:
        return 0
    ruleset = _Ruleset(
        handled_access_fs=(1 << FILE_RIGHTS.get(abi, FILE_RIGHTS[5])) - 1,
        handled_access_net=TCP_RIGHTS if abi >= 4 else 0,
        scoped=SCOPES if abi >= 6 else 0,
    )
    # An older kernel refuses a longer structure whose tail is not zero, and takes one whose tail is.
    handle = _call(libc, CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), 0)
    if handle < 0:
        return 0
    restricted = _call(libc, RESTRICT_SELF, ctypes.c_long(handle), 0, 0) == 0
    libc.close(handle)
    return abi if restricted else 0


def _call(libc: ctypes.CDLL, number: int, first: object, second: object, flags: int) -> int:
    """One system call; plain numbers as longs, since `syscall` takes its arguments unseen."""
    second = ctypes.c_long(second) if isinstance(second, int) else second
    answer: int = libc.syscall(ctypes.c_long(number), first, second, ctypes.c_long(flags))
    return answer
