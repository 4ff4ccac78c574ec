"""What the process that owns the user's files learns of one that was added: a few kilobytes of it, and no decoder."""

from __future__ import annotations

import os
from pathlib import Path

from plume_app.domain.compression.codecs import header_readers
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.file.refusals import unreadable
from plume_app.domain.image.header import Header, read_header
from plume_app.domain.image.limits import Limits


def first_look(path: Path, limits: Limits) -> tuple[Header, Features]:
    """The header and what else the first bytes tell, without reading the rest.

    Raises SourceMissing, SourceUnreadable, UnsupportedFormat, CorruptImage, ImageTooLarge.
    """
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        opened = os.open(path, flags)
        try:
            size = os.fstat(opened).st_size
            limits.check_file(size)

            def read_at(offset: int, count: int) -> bytes:
                os.lseek(opened, offset, os.SEEK_SET)
                return os.read(opened, count)

            header = read_header(read_at, size, header_readers())
            features = header_features(read_at, size, header)
        finally:
            os.close(opened)
    except OSError as error:
        raise unreadable(error) from error
    limits.check_header(header)
    return header, features
