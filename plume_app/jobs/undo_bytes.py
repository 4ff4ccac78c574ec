"""How an original's bytes come into the undo store: by hard link, clone or copy, whichever is safe and cheapest."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from plume_app.domain.file.flush import flush_folder
from plume_app.domain.file.refusals import refusal, unreadable

_FICLONE = 0x40049409  # linux/fs.h
_CHUNK_BYTES = 1 << 20
_CLOEXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Without O_NONBLOCK, opening a pipe that stands where a picture stood a moment ago would wait for ever.
_READ = os.O_RDONLY | _CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def put(source: Path, entry: Path) -> None:
    """Makes `entry` hold the bytes of `source`, flushed: by hard link, clone or copy.

    Raises SourceMissing or SourceUnreadable for the source, DiskFull or TargetUnwritable for the store.
    """
    try:
        opened = os.open(source, _READ)
    except OSError as error:
        raise unreadable(error) from error
    try:
        entry.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _link(source, opened, entry):
            _copy(opened, entry)
        else:
            os.fsync(opened)  # the user's own writing may not have reached the disk yet
        flush_folder(entry.parent)
    except OSError as error:
        with suppress(OSError):
            entry.unlink()
        raise refusal(error, entry.parent) from error
    finally:
        os.close(opened)


def _link(source: Path, opened: int, entry: Path) -> bool:
    """Only where the name that will be replaced is the inode's last: else the other names would share our copy."""
    if os.fstat(opened).st_nlink != 1:
        return False
    try:
        os.link(source, entry, follow_symlinks=False)
    except OSError:  # another file system, one without links, a file of somebody else
        return False
    return True


def _copy(opened: int, entry: Path) -> None:
    target = os.open(entry, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CLOEXEC, 0o600)
    try:
        if not _clone(opened, target):
            while part := os.read(opened, _CHUNK_BYTES):
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(target, rest) :]
        os.fsync(target)
    finally:
        os.close(target)


def _clone(opened: int, target: int) -> bool:
    """Shares the blocks until one side is written (btrfs, XFS, bcachefs)."""
    try:
        import fcntl

        fcntl.ioctl(target, _FICLONE, opened)
    except (ImportError, OSError):
        return False
    return True
