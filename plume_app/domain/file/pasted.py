"""Pasted text to paths. Pure."""

from __future__ import annotations

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
        if line and "\0" not in line and Path(line).is_absolute():
            found.append(Path(line))
    return found
