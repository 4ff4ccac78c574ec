"""How the commands name what they found."""

from __future__ import annotations

from pathlib import Path


def shown_name(path: Path) -> str:
    """The path as seen from where the user stands, when it is below that."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # OSError: that folder was removed
        return str(path)
