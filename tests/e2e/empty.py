"""An empty pywebview window, to compare with: prints when it was loaded (seconds since the epoch), and waits.

The page is a file, so pywebview serves it as it does for every program that lets it. The first argument is the folder
of the system's PyGObject, where this Python has none of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import webview


def main() -> None:
    sys.path.extend(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "index.html"
        page.write_text("<!doctype html><title>empty</title><p>empty</p>", encoding="ascii")
        window = webview.create_window("empty", str(page), width=1120, height=740)

        def loaded() -> None:
            window.events.loaded.wait()
            print(time.time(), flush=True)
            sys.stdin.read()
            page.unlink()
            os._exit(0)

        threading.Thread(target=loaded, daemon=True).start()
        webview.start(gui=os.environ["PLUME_BACKEND"])


if __name__ == "__main__":
    main()
