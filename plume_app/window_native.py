"""What is particular about Windows (EdgeChromium) and macOS (Cocoa). Written from documentation; not run."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


def reveal(path: Path) -> bool:
    """Show `path` in the file manager; any thread."""
    try:
        if sys.platform == "win32":
            os.startfile(path.parent)  # noqa: S606 - a folder, by the system's own way
            return True
        if sys.platform == "darwin":
            import AppKit  # pywebview brings it along there

            address = AppKit.NSURL.fileURLWithPath_(os.fspath(path))
            AppKit.NSWorkspace.sharedWorkspace().activateFileViewerSelectingURLs_([address])
            return True
    except Exception:
        log.exception("the file manager")
    return False


def dropped(event: dict[str, Any], noted: list[Any]) -> list[Path]:
    """The paths that pywebview put into the event of a drop; `noted`, what it will look in next time, is emptied.

    It finds a path by the name alone, so the size must agree, or another file of that name would be taken.
    """
    found = []
    for one in event.get("dataTransfer", {}).get("files", []):
        path = Path(one.get("pywebviewFullPath") or "")
        if path.name and _is_of_size(path, one.get("size")):
            found.append(path)
    noted.clear()
    return found


def _is_of_size(path: Path, size: object) -> bool:
    try:
        return path.is_dir() or path.stat().st_size == size
    except OSError:
        return False
