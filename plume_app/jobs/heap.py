"""Gives memory that was freed back to the system, where the C library keeps it.

Without it a worker that has seen one large picture stays large: 200 MB after pictures of 6 megapixels,
against 80 with it. Asking costs microseconds, giving back some milliseconds, so it is done only when there
is much to give.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

KEPT_BYTES = 32_000_000


class _Mallinfo2(ctypes.Structure):
    """What glibc's `mallinfo2` tells (malloc.h); `fordblks` is free but kept."""

    _fields_ = (("others", ctypes.c_size_t * 8), ("fordblks", ctypes.c_size_t), ("keepcost", ctypes.c_size_t))


def trimmer() -> Callable[[], None]:
    """A function that gives freed memory back if it is more than KEPT_BYTES; it does nothing without glibc 2.33."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallinfo2"):
            tell, trim = libc.mallinfo2, libc.malloc_trim
            tell.restype = _Mallinfo2

            def trim_much() -> None:
                if tell().fordblks > KEPT_BYTES:
                    trim(0)

            return trim_much
    return lambda: None


def give_back() -> None:
    """Give all freed memory back: some milliseconds, for a process that has nothing to do."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)
