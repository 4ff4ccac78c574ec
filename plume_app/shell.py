"""What commands see of the window and the desktop, and the question whether the window may close."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from plume_app.domain.shared.errors import MissingBackend

ASK_AGAIN_S = 1.0  # who closes once more after this means it, whatever the page shows
_LANGUAGE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # in the order of gettext's manual, section 2.3
_LANGUAGES = ("en", "fr")


class WindowPort(Protocol):
    """What is needed of the window."""

    def choose_files(self, file_types: Sequence[str] = ()) -> Sequence[Path]:
        """Asks for files."""

    def choose_folder(self) -> Path | None:
        """Asks for a folder."""

    def choose_target(self, name: str) -> Path | None:
        """Asks where to save."""

    def take_drop(self) -> Sequence[Path]:
        """What was dropped last, once."""

    def reveal(self, path: Path) -> bool:
        """Shows a file in the file manager; False when there is none."""

    def close(self) -> None:
        """Closes without asking."""


class Closing:
    """Whether the window may close: at once when nothing is at work, else when the user has said so."""

    def __init__(
        self, files_left: Callable[[], int], ask: Callable[[int], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._files_left = files_left
        self._ask = ask
        self._clock = clock
        self._asked_at: float | None = None

    def may_close(self) -> bool:
        """The window's question, in the toolkit's thread: returns at once, and has the page ask where needed."""
        left = self._files_left()
        if left == 0:
            return True
        if self._asked_at is not None and self._clock() - self._asked_at >= ASK_AGAIN_S:
            return True  # a page that cannot answer must not keep the window open
        self._asked_at = self._clock()
        self._ask(left)
        return False

    def stay(self) -> None:
        """The user thought better of it."""
        self._asked_at = None


class Shell:
    """The window as commands see it."""

    def __init__(self, window: WindowPort, closing: Closing) -> None:
        self._window = window
        self._closing = closing

    def choose_files(self, file_types: Sequence[str] = ()) -> Sequence[Path]:
        """Asks for files; none when the user thinks better of it."""
        return self._window.choose_files(file_types)

    def choose_folder(self) -> Path | None:
        """Asks for a folder."""
        return self._window.choose_folder()

    def choose_target(self, name: str) -> Path | None:
        """Asks where to save, with `name` proposed."""
        return self._window.choose_target(name)

    def take_drop(self) -> Sequence[Path]:
        """What was dropped last; each drop is given once."""
        return self._window.take_drop()

    def reveal(self, path: Path) -> None:
        """Shows a file in the file manager. Raises MissingBackend when there is none."""
        if not self._window.reveal(path):
            raise MissingBackend(problem="no file manager answers")

    def answer_close(self, quit: bool) -> None:  # noqa: A002 - the contract's word
        """The user's answer to `close_requested`."""
        if quit:
            self._window.close()
        else:
            self._closing.stay()


def system_language(environ: Mapping[str, str], fallback: str | None = None) -> str:
    """The language that the system speaks, of those that Plume knows; `fallback` is what Python's `locale` says."""
    told = next((environ[name] for name in _LANGUAGE_VARIABLES if environ.get(name)), fallback or "")
    for wanted in told.lower().split(":"):
        for known, spoken in zip(_LANGUAGES, ("english", "french"), strict=True):
            if wanted.startswith((f"{known}_", f"{known}.", f"{known}-", spoken)) or wanted == known:
                return known
    return _LANGUAGES[0]
