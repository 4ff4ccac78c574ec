"""The page before Python answers: `index.html` in the language, theme and text size of the last run.

The file itself is a complete English page with a drop zone, so it can be painted before the first script and before
the database is open. Here only the root's attributes and the words of elements with `data-say` are put in; what the
user sees is then not repainted in another language or from white to black.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

THEMES = ("system", "light", "dark")
LANGUAGES = ("system", "en", "fr")
_TEXT_PERCENT = range(50, 301)  # as jobs/preferences.py has it
_ROOT = '<html lang="en">'
_SAID = re.compile(r'(?P<begin><\w+[^<>]* data-say="(?P<key>\w+)"[^<>]*>)[^<>]*')
_LABELLED = re.compile(r'(?P<begin> data-label="(?P<key>\w+)" aria-label=")[^"]*')
_LIGHT, _DARK = "#f4f4f1", "#151514"  # --bg in web/css/tokens.css


@dataclass(frozen=True, slots=True)
class Look:
    """How the window looked last: what the user chose in Settings."""

    theme: str = "system"
    language: str = "system"
    text_percent: int = 100

    @classmethod
    def from_json(cls, found: object) -> Look:
        """The look that was kept; nonsense of any kind is the default."""
        if not isinstance(found, dict):
            return cls()
        theme, language, percent = (found.get(name) for name in ("theme", "language", "text_percent"))
        return cls(
            theme if theme in THEMES else "system",
            language if language in LANGUAGES else "system",
            percent if type(percent) is int and percent in _TEXT_PERCENT else 100,
        )

    def to_json(self) -> dict[str, str | int]:
        """Plain values for `from_json`."""
        return {"theme": self.theme, "language": self.language, "text_percent": self.text_percent}

    @property
    def backgrounds(self) -> tuple[str, str]:
        """The colour behind the page on a light and on a dark system."""
        return {"light": (_LIGHT, _LIGHT), "dark": (_DARK, _DARK)}.get(self.theme, (_LIGHT, _DARK))

    def spoken(self, system_language: str) -> str:
        """The language to show."""
        return system_language if self.language == "system" else self.language


def first_page(page: str, look: Look, language: str, words: Mapping[str, str], *, files: bool) -> str:
    """`page` (the text of index.html) in `language` with its `words`; `files`: some are being read already.

    Words are text, never markup; a key that has no sentence keeps the page's own.
    """

    def said(found: re.Match[str]) -> str:
        text = words.get("reading_title" if files and found["key"] == "drop_title" else found["key"])
        return found[0] if text is None else found["begin"] + html.escape(text)

    attributes = f'lang="{language}"'
    if look.theme != "system":
        attributes += f' data-theme="{look.theme}"'
    if look.text_percent != 100:
        attributes += f' data-text="{look.text_percent}"'
    if files:
        attributes += " data-files"
    page = page.replace(_ROOT, f"<html {attributes}>", 1)
    return _LABELLED.sub(said, _SAID.sub(said, page))
