"""What was dropped on the window: the paths of the last drop, kept until the page asks for them once.

The paths come from the toolkit as bytes of `text/uri-list`, never from the page: since WebKitGTK 2.50.3 a page is
told nothing, and elsewhere pywebview finds the path by its base name, which may be another file's.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes


def paths_of(uri_list: bytes) -> list[Path]:
    """The files and folders of a `text/uri-list` (RFC 2483), names byte for byte; other places are left out."""
    found = []
    for raw in uri_list.replace(b"\r\n", b"\n").split(b"\n"):
        line = raw.strip(b"\0 ")
        if line[:7].lower() != b"file://":
            continue
        host, slash, rest = line[7:].partition(b"/")
        if host.lower() in {b"", b"localhost", socket.gethostname().encode().lower()}:
            path = os.fsdecode(unquote_to_bytes(slash + rest))
            if "\0" not in path:
                found.append(Path(path))
    return found


class Drop:
    """The last drop. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._paths: tuple[Path, ...] | None = None

    def put(self, paths: Sequence[Path]) -> None:
        """These are under the pointer, or were dropped; empty: nothing is any more."""
        with self._lock:
            self._paths = tuple(paths) or None
            self._lock.notify_all()

    def take(self, wait_s: float = 0.0) -> tuple[Path, ...]:
        """The paths, once; waits for them up to `wait_s` where the page may hear of a drop first."""
        with self._lock:
            self._lock.wait_for(lambda: self._paths is not None, timeout=wait_s)
            taken, self._paths = self._paths, None
            return taken or ()
