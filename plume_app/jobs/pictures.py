"""Pictures that workers made for the window, by an id that says nothing; bounded, the least wanted go first."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

Picture = tuple[bytes, str]  # the file, and its media type

MAX_THUMBNAIL_BYTES = 24_000_000  # about 6,000 of them
MAX_PREVIEW_BYTES = 96_000_000  # a dozen of a large screen


class Pictures:
    """At most `max_bytes` of pictures. Any thread may call."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Picture] = OrderedDict()
        self._bytes = 0

    def put(self, picture: bytes, mime: str) -> str:
        """Holds a picture; the id is of its content, so that a browser may keep it for ever."""
        name = hashlib.sha256(picture).hexdigest()[:32]
        with self._lock:
            if name not in self._held:
                self._held[name] = (picture, mime)
                self._bytes += len(picture)
            self._held.move_to_end(name)
            while self._bytes > self._max_bytes and len(self._held) > 1:
                _, (gone, _) = self._held.popitem(last=False)
                self._bytes -= len(gone)
        return name

    def get(self, name: str) -> Picture | None:
        """The picture of that id, if it is still held."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
            return self._held.get(name)

    def __contains__(self, name: object) -> bool:
        return name in self._held
