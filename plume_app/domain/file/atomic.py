"""The only code that puts a user's file in place: written beside it, then moved there in one step.

`stage` writes the new bytes under a hidden name in the target's folder; `commit` gives them the
attributes of the source and renames. Before the rename nothing the user sees has changed, after it
everything has: there is no moment without a whole file at the target.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from plume_app.domain.file.attributes import Attributes, apply_attributes
from plume_app.domain.file.flush import flush_folder
from plume_app.domain.file.naming import is_staged_name
from plume_app.domain.file.reading import FileFacts, unchanged
from plume_app.domain.file.refusals import refusal
from plume_app.domain.shared.errors import SourceChanged, TargetUnwritable

_CLOEXEC = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1  # linux/fcntl.h, linux/fs.h
_NO_SUCH_CALL = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP})
_NO_HARD_LINKS = _NO_SUCH_CALL | {errno.EPERM, errno.EMLINK}

Write = Callable[[int, memoryview], int]
Sync = Callable[[int], None]
Move = Callable[[Path, Path], bool | None]  # None: this file system does not know the way


def stage(
    staged: Path,
    data: bytes | Iterable[bytes],
    *,
    durable: bool = True,
    write: Write = os.write,
    sync: Sync = os.fsync,
) -> None:
    """Write `data` to the new hidden file `staged`, readable by its owner only. Nothing the user sees changes.

    Given in pieces, they are written as they come; what the giver raises goes through, with nothing left behind.
    The caller chose the name (`naming.staged_name`), so it can `discard` it even if this process is
    killed half-way. `durable` flushes the bytes to the disk. `write` and `sync` are the system's, or a test's.

    Raises DiskFull or TargetUnwritable, after removing what was written; ValueError for a name that
    recovery would not know.
    """
    _check_staged(staged)
    try:
        opened = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC, 0o600)
    except OSError as error:  # also when the name exists: that file is not ours to remove
        raise refusal(error, staged.parent) from error
    try:
        try:
            for piece in (data,) if isinstance(data, bytes) else data:
                rest = memoryview(piece)
                while rest:
                    rest = rest[write(opened, rest) :]
            if durable:
                sync(opened)  # before the rename: after a power cut the name must not point at zeros
        finally:
            os.close(opened)  # network file systems tell of a full disk only here
    except OSError as error:
        discard(staged)
        raise refusal(error, staged.parent) from error
    except BaseException:
        discard(staged)
        raise


def commit(
    staged: Path,
    target: Path,
    *,
    replace: bool,
    like: Attributes | None = None,
    expected: FileFacts | None = None,
    sha256: str | None = None,
    durable: bool | None = None,
    flush: Callable[[Path], None] = flush_folder,
) -> bool:
    """Put `staged` at `target`, in the same folder, in one step, with the attributes `like`.

    Without `replace` nothing is ever overwritten: False says that the name is taken, and `staged` is left
    for another name. With `replace` the file at `target` must still be the one of `expected` (and, where
    only its inode date differs, of `sha256`), must not be a link, and must be writable for this user: a
    file marked read-only is not replaced, though the folder would allow it. `durable` (as `replace` unless
    said) flushes the folder after the rename. The attributes need no flush of their own: the disk's
    journal holds them before the rename.

    Raises SourceChanged, TargetUnwritable, DiskFull, after removing `staged`.
    """
    _check_staged(staged)
    if staged.parent != target.parent:
        raise ValueError(f"{staged.name} is not beside its target")
    try:
        if like is not None:
            _dress(staged, like)
        if replace:
            _check_replaceable(target, expected, sha256)
            os.replace(staged, target)  # noqa: PTH105 - spelled so that the floor plan can look for it
        elif not _move_to_free_name(staged, target):
            return False
    except OSError as error:
        discard(staged)
        raise refusal(error, target.parent) from error
    except BaseException:
        discard(staged)
        raise
    if replace if durable is None else durable:
        with suppress(OSError):  # a refusal here cannot undo the rename; after a power cut the old or the new is whole
            flush(target.parent)
    return True


def discard(staged: Path) -> None:
    """Remove a staged file if it is there. Raises ValueError for a name that `staged_name` did not make."""
    _check_staged(staged)
    with suppress(OSError):  # what cannot be removed now is removed by the next start
        staged.unlink()


def remove_file(target: Path, *, expected: FileFacts | None = None, sha256: str | None = None) -> None:
    """Remove a result that Plume wrote, if it is still the file of `expected`; a missing one is removed already.

    Raises SourceChanged when it is another file now, TargetUnwritable when the system refuses.
    """
    if not os.path.lexists(target):
        return
    if expected is not None and not unchanged(target, expected, sha256=sha256):
        raise SourceChanged()
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise refusal(error, target.parent) from error


def check_writable(target: Path) -> None:
    """Refuse a file that is marked read-only for this user: its folder would let it be replaced, its owner would not.

    Raises TargetUnwritable. A missing file is nobody's.
    """
    if os.path.lexists(target) and not os.access(target, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        raise TargetUnwritable(folder=str(target.parent), problem="the file is read-only", what="protected")


def _check_staged(staged: Path) -> None:
    if not is_staged_name(staged.name):
        raise ValueError(f"{staged.name!r} is not a name of staged_name")


def _dress(staged: Path, like: Attributes) -> None:
    # Opened for reading: that is enough for the attributes, and no writer can appear between two checks.
    opened = os.open(staged, os.O_RDONLY | _NOFOLLOW | _CLOEXEC)
    try:
        apply_attributes(opened, like)
    finally:
        os.close(opened)


def _check_replaceable(target: Path, expected: FileFacts | None, sha256: str | None) -> None:
    if expected is not None and not unchanged(target, expected, sha256=sha256):
        raise SourceChanged()
    try:
        found = target.lstat()
    except FileNotFoundError:
        return  # nothing to lose; undo puts a deleted original back this way
    if not stat.S_ISREG(found.st_mode):
        raise SourceChanged()
    check_writable(target)


def _rename_noreplace(staged: Path, target: Path) -> bool | None:
    call = _renameat2()
    if call is None or call(_AT_FDCWD, os.fsencode(staged), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE) == 0:
        return None if call is None else True
    code = ctypes.get_errno()
    if code == errno.EEXIST:
        return False
    if code in _NO_SUCH_CALL:
        return None
    raise OSError(code, os.strerror(code))


def _link_and_unlink(staged: Path, target: Path) -> bool | None:
    try:
        os.link(staged, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno in _NO_HARD_LINKS:
            return None
        raise
    staged.unlink()  # killed before this line, both names hold the whole result; recovery removes the hidden one
    return True


def _move_to_free_name(
    staged: Path, target: Path, ways: tuple[Move, ...] = (_rename_noreplace, _link_and_unlink)
) -> bool:
    """Rename without overwriting; by the first of three ways that the file system knows. False: name taken."""
    for move in ways:
        answer = move(staged, target)
        if answer is not None:
            return answer
    # No such call and no hard links (some FUSE drivers): take the name with an empty file of our own first.
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | _CLOEXEC, 0o600))
    except FileExistsError:
        return False
    os.replace(staged, target)  # noqa: PTH105
    return True


@cache
def _renameat2() -> Callable[[int, bytes, int, bytes, int], int] | None:
    """The Linux call that renames but never overwrites; Python does not offer it."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError, TypeError):
        return None
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    call.restype = ctypes.c_int
    found: Callable[[int, bytes, int, bytes, int], int] = call
    return found
