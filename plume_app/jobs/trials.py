"""Which files a worker should still try the encoder on, so that their predictions rest on more than a header."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.files import Entry, Files
from plume_app.files_entry import MAX_PROBES

MAX_UNSEEN = 1000  # rows that nobody looks at, but that the total counts: at 0.1 s each two minutes of one core
_OPEN = ("waiting", "failed", "cancelled")  # states of rows whose size is not known for certain

Visit = tuple[Entry, Settings]


class Trials:
    """The queue of trials. `settings_of` are those that a row is predicted at; no thread of its own, no lock."""

    def __init__(self, files: Files, settings_of: Callable[[Entry], Settings]) -> None:
        self._files = files
        self._settings_of = settings_of
        self._unseen: deque[int] = deque()
        self._left = MAX_UNSEEN

    def add(self, file_ids: Iterable[int]) -> None:
        """New rows."""
        self._unseen.extend(file_ids)

    def restart(self) -> None:
        """Other settings: what was tried may not answer for them."""
        self._unseen = deque(entry.id for entry in self._files.all())
        self._left = MAX_UNSEEN

    def wanted(self, entry: Entry) -> Settings | None:
        """The settings to try a row at; None where that is done, or would be for nothing."""
        if entry.state not in _OPEN or entry.error is not None or entry.header is None or not entry.listed:
            return None
        settings = self._settings_of(entry)
        return None if entry.trial_key(settings) in entry.tried else settings

    def next_unseen(self) -> Visit | None:
        """The next row that the total waits for."""
        while self._unseen and self._left > 0:
            entry = self._files.find(self._unseen.popleft())
            settings = self.wanted(entry) if entry is not None else None
            if entry is not None and settings is not None:
                self._left -= 1
                return entry, settings
        return None

    def took(self, entry: Entry, settings: Settings, features: Features | None, probe: Probe | None) -> None:
        """What came of it; both None where nothing did. It is not asked for again."""
        key = entry.trial_key(settings)
        if key is None:
            return
        tried = (*(one for one in entry.tried if one != key), key)[-MAX_PROBES:]
        probes = tuple(one for one in entry.probes if not one.answers(*key))
        probes = (*probes, probe)[-MAX_PROBES:] if probe is not None else probes
        known = entry.features if features is None else features
        self._files.update(entry, tried=tried, probes=probes, features=known)
