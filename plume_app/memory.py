"""What one run of the window tells the next, in a small file: its place and its look."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

from plume_app.first_page import Look
from plume_app.window_place import Place


def remembered(path: Path) -> tuple[Place, Look]:
    """What was kept; half a file after a crash is nonsense, and nonsense is the default."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        found = None
    return Place.from_json(found), Look.from_json(found.get("look") if isinstance(found, dict) else None)


def remember(path: Path, place: Place, look: Look) -> None:
    """Keep them; a disk that takes nothing costs the next window its place."""
    with contextlib.suppress(OSError):
        path.write_text(json.dumps({**place.to_json(), "look": look.to_json()}), encoding="ascii")
