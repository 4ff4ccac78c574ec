"""What the operating system refuses, told as the failures of the contract."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from plume_app.domain.shared.errors import DiskFull, PlumeError, SourceMissing, SourceUnreadable, TargetUnwritable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
# The fact `what`, which chooses the sentence: each of these is mended in another way.
_WHAT = {
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "read_only_disk",
    errno.ENOTDIR: "no_folder",
    errno.ELOOP: "link",
    errno.ENAMETOOLONG: "name_too_long",
}


def refusal(error: OSError, folder: Path) -> PlumeError:
    """Why nothing could be written in `folder`: DiskFull (a quota counts) or TargetUnwritable."""
    if error.errno in _FULL:
        return DiskFull(folder=str(folder))
    facts = {"folder": str(folder), "problem": _sentence(error)}
    what = _WHAT.get(error.errno or 0)
    return TargetUnwritable(**facts) if what is None else TargetUnwritable(**facts, what=what)


def unreadable(error: OSError) -> PlumeError:
    """Why a source could not be read: SourceMissing or SourceUnreadable."""
    if error.errno in _GONE:
        return SourceMissing()
    return SourceUnreadable(problem=_sentence(error))


def _sentence(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)
