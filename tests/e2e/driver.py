"""Plume with a hand inside: `driver.py PATH...` opens the window and does what comes as JSON lines on standard input.

{"js": text} runs a script in the page and answers {"value": ...} or {"error": text}; {"close": true} is the user who
closes the window; {"window": name, "args": [...]} calls a method of `Window`; {"storm": n, "files": [ids]} sends n
progress events through an emitter, 5,000 a second.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import threading
import time
from pathlib import Path

from plume_app.app import open_window
from plume_app.events import CompressionProgress, Emitter, script_of
from plume_app.window import Window


def obey(window: Window) -> None:
    inner = window._window
    for line in sys.stdin:
        order = json.loads(line)
        try:
            if "js" in order:
                answer = {"value": inner.evaluate_js(order["js"])}
            elif "close" in order:
                press_the_cross(window)
                answer = {}
            elif "storm" in order:
                storm(window, order["storm"], order["files"])
                answer = {}
            else:
                value = getattr(window, order["window"])(*order.get("args", ()))
                answer = {"value": value if isinstance(value, str | int | None) else [str(one) for one in value]}
        except Exception as error:
            answer = {"error": repr(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def storm(window: Window, count: int, files: list[int]) -> None:
    emitter = Emitter(lambda events_json: window.run(script_of(events_json)))
    emitter.start()
    begun = time.monotonic()
    for number in range(count):
        if number % 50 == 0:  # a hundred bursts a second
            time.sleep(max(0.0, begun + number / 5000 - time.monotonic()))
        file_id = files[number % len(files)]
        emitter.emit(CompressionProgress(file_id, file_id, "encoding", number % 80, 85.0, 900))
    emitter.stop()


def press_the_cross(window: Window) -> None:
    while window._window.native is None:  # nobody can click before there is a window
        time.sleep(0.01)
    window.ask_to_close()


def begin(window: Window) -> None:
    threading.Thread(target=obey, args=(window,), name="test-driver", daemon=True).start()


if __name__ == "__main__":
    faulthandler.dump_traceback_later(float(os.environ.get("PLUME_DRIVER_S", "90")), exit=True)
    sys.exit(open_window([Path(word) for word in sys.argv[1:]], on_window=begin))
