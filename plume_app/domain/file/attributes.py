"""What a file has beside its bytes: mode, owner, dates, extended attributes; taken from one, given to another.

Windows has no owner and no extended attributes in this sense: there the fields are read as zero and
nothing but mode and dates is given. That branch is guarded, but has not been run.
"""

from __future__ import annotations

import base64
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SIGNATURES = frozenset({"security.ima", "security.evm"})  # they sign the old bytes, so a copy would be a lie


@dataclass(frozen=True, slots=True)
class Attributes:
    """`mode` holds permission bits only (0-0o777); times are nanoseconds since the epoch.

    Set-user-id bits are left out on purpose: a picture has no use for them.
    """

    mode: int
    uid: int
    gid: int
    atime_ns: int
    mtime_ns: int
    xattrs: tuple[tuple[str, bytes], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; attribute values in base64, since they are bytes."""
        return {
            "mode": self.mode,
            "uid": self.uid,
            "gid": self.gid,
            "atime_ns": self.atime_ns,
            "mtime_ns": self.mtime_ns,
            "xattrs": {name: base64.b64encode(value).decode("ascii") for name, value in self.xattrs},
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Attributes:
        """The attributes that `to_json` wrote."""
        xattrs = tuple((name, base64.b64decode(text)) for name, text in sorted(value["xattrs"].items()))
        numbers = {name: int(value[name]) for name in ("mode", "uid", "gid", "atime_ns", "mtime_ns")}
        return cls(**numbers, xattrs=xattrs)


def attributes_of(file: int | Path) -> Attributes:
    """The attributes of an open file descriptor or a path (links are followed).

    Raises OSError when the file cannot be looked at; unreadable extended attributes are left out.
    """
    return attributes_from(file.stat() if isinstance(file, Path) else os.fstat(file), file)


def attributes_from(facts: os.stat_result, file: int | Path) -> Attributes:
    """The same, where the caller has asked the system for `facts` already."""
    return Attributes(
        mode=stat.S_IMODE(facts.st_mode) & 0o777,
        uid=facts.st_uid,
        gid=facts.st_gid,
        atime_ns=facts.st_atime_ns,
        mtime_ns=facts.st_mtime_ns,
        xattrs=_xattrs(file),
    )


def _xattrs(file: int | Path) -> tuple[tuple[str, bytes], ...]:
    if not hasattr(os, "listxattr"):
        return ()
    found = []
    with suppress(OSError):  # a file system without them says ENOTSUP
        for name in sorted(os.listxattr(file)):
            if name not in _SIGNATURES:
                with suppress(OSError):
                    found.append((name, os.getxattr(file, name)))
    return tuple(found)


def apply_attributes(file: int, wanted: Attributes) -> None:
    """Give `wanted` to the open file `file`, as far as the system permits; dates last.

    The owner is changed first, because that clears bits of the mode. What is refused (another owner
    without the right to give files away, an attribute that the file system cannot hold) is left as it is:
    the picture matters more. Where the group could not be given, its permission bits are not given
    either: they were meant for other people.

    Raises OSError when not even mode or dates can be set.
    """
    mode = wanted.mode
    facts = os.fstat(file)
    if hasattr(os, "fchown"):
        if facts.st_gid != wanted.gid:
            try:
                os.fchown(file, -1, wanted.gid)
            except OSError:
                mode &= 0o707
        if facts.st_uid != wanted.uid:
            with suppress(OSError):
                os.fchown(file, wanted.uid, -1)
    for name, value in wanted.xattrs:
        with suppress(OSError):
            os.setxattr(file, name, value)
    if hasattr(os, "fchmod"):
        os.fchmod(file, mode)
    os.utime(file, ns=(wanted.atime_ns, wanted.mtime_ns))
