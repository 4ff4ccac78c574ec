"""Reading a source once, whole, and knowing later whether it is still the same."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from plume_app.domain.file.attributes import Attributes, attributes_from
from plume_app.domain.file.refusals import unreadable
from plume_app.domain.shared.errors import SourceChanged, SourceUnreadable

# Without O_NONBLOCK, opening a pipe that stands where a picture stood a moment ago would wait for ever.
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the system says of a file; equal facts mean that nobody wrote to it in between."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, found: os.stat_result) -> FileFacts:
        """The facts in the system's answer."""
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


@dataclass(frozen=True, slots=True)
class SourceBytes:
    """A whole file as it was at one moment. `sha256` is hex."""

    data: bytes
    sha256: str
    facts: FileFacts
    attributes: Attributes


def read_source(path: Path, *, check_size: Callable[[int], None] = lambda _size: None) -> SourceBytes:
    """Read `path` once (links are followed). `check_size` gets the size first and may raise.

    Raises SourceMissing, SourceUnreadable (also for what is not a regular file), SourceChanged when
    somebody writes to it meanwhile, and whatever `check_size` raises.
    """
    try:
        opened = os.open(path, _READ)
        try:
            before = os.fstat(opened)
            if not stat.S_ISREG(before.st_mode):
                raise SourceUnreadable(problem="not a regular file")
            check_size(before.st_size)
            attributes = attributes_from(before, opened)
            data = _read_all(opened, before.st_size)
            after = os.fstat(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise unreadable(error) from error
    facts = FileFacts.of(after)
    if len(data) != facts.size or facts != FileFacts.of(before):
        raise SourceChanged()
    return SourceBytes(data, hashlib.sha256(data).hexdigest(), facts, attributes)


def _read_all(opened: int, size: int) -> bytes:
    """`size` bytes, fewer at the end, at most one more when the file has grown."""
    data = os.read(opened, size + 1)  # one call, one copy, for all but files that arrive in pieces
    if len(data) == size and not os.read(opened, 1):
        return data
    parts, got = [data], len(data)
    while got <= size and (part := os.read(opened, min(size + 1 - got, _CHUNK_BYTES))):
        parts.append(part)
        got += len(part)
    return b"".join(parts)


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes, read in pieces; a link is not followed.

    Raises OSError when it cannot be read.
    """
    digest = hashlib.sha256()
    opened = os.open(path, _READ | getattr(os, "O_NOFOLLOW", 0))
    try:
        while part := os.read(opened, _CHUNK_BYTES):
            digest.update(part)
    finally:
        os.close(opened)
    return digest.hexdigest()


def unchanged(path: Path, facts: FileFacts, *, sha256: str | None = None, follow_links: bool = False) -> bool:
    """Is the file at `path` still the one that `facts` tell of?

    Another file under the name, another size or another date of content is a change. Where nothing but
    the date of the inode differs (a permission, a further hard link, but also a writer that set the dates
    back), the bytes decide if `sha256` is known; otherwise it counts as a change.
    """
    try:
        now = FileFacts.of(path.stat(follow_symlinks=follow_links))
        if now == facts:
            return True
        same_but_ctime = (now.device, now.inode, now.size, now.mtime_ns) == (
            facts.device,
            facts.inode,
            facts.size,
            facts.mtime_ns,
        )
        return same_but_ctime and sha256 is not None and sha256_of(path.resolve() if follow_links else path) == sha256
    except OSError:
        return False
