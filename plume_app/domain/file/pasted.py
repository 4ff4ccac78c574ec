"""Pasted text to paths. Pure."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit


def pasted_paths(text: str) -> list[Path]:
    """The absolute paths and file URLs in pasted text, one a line; anything else is passed over."""
    found = []
    for pasted in text.splitlines():
        line = pasted.strip().strip('"')
        if line.startswith("file:"):
            try:
                parts = urlsplit(line)
            except ValueError:
                continue
            if parts.netloc not in ("", "localhost"):
                continue  # another machine's
            line = unquote_to_bytes(parts.path).decode("utf-8", "surrogateescape")
        if line and "\0" not in line and Path(line).is_absolute() and _can_be_a_name(line):
            found.append(Path(line))
    return found


def _can_be_a_name(text: str) -> bool:
    """No file has half a character of UTF-16 in its name; a script can put one into what is pasted."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
