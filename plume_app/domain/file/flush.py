"""What must be on the disk before anybody says that it is: files, folders, whole file systems."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from plume_app.domain.file.refusals import refusal

O_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
O_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def flush_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut. Does nothing where folders cannot be opened (Windows).

    Raises OSError when the disk reports that it could not.
    """
    if not O_DIRECTORY:
        return
    opened = os.open(folder, os.O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot, and say so
            raise
    finally:
        os.close(opened)


def flush_folders(folders: Iterable[Path]) -> int:
    """Make everything written in `folders` survive a power cut; one call per file system.

    For the end of a batch that wrote new files: a file's own fsync costs about 10 ms, one syncfs costs
    about as much for thousands of them. Returns how many file systems were flushed. A folder that has
    gone meanwhile has nothing left to flush.

    Raises DiskFull or TargetUnwritable when the disk reports that a delayed write failed.
    """
    seen: set[int] = set()
    for folder in folders:
        try:
            opened = os.open(folder, os.O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        except OSError:
            continue
        try:
            device = os.fstat(opened).st_dev
            if device not in seen:
                seen.add(device)
                _syncfs()(opened)
        except OSError as error:
            raise refusal(error, folder) from error
        finally:
            os.close(opened)
    return len(seen)


@cache
def _syncfs() -> Callable[[int], None]:
    """`syncfs` of the C library, which Python does not offer; elsewhere `sync`, which flushes every disk."""
    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError, TypeError):
        return lambda _opened: os.sync()
    call.argtypes = [ctypes.c_int]
    call.restype = ctypes.c_int

    def syncfs(opened: int) -> None:
        if call(opened) != 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    return syncfs
