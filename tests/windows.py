"""The true window for tests: a screen of its own, Plume on it, and a look at what is left afterwards."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

ROOT = Path(__file__).resolve().parent.parent
E2E = ROOT / "tests" / "e2e"
SCREEN = (1280, 900)
MOST_S = 60.0  # nothing here takes a tenth of it on an idle machine
END_S = 3.0
# All of ours, but not these of others: PyGObject 3.42 has one, pywebview's Qt and its GTK dialogs more.
_OTHERS = ("webview.platforms.qt", "webview.platforms.gtk", "gi.overrides.Gtk")
_WARNINGS = ",".join(["default", "ignore::ImportWarning", *(f"ignore::DeprecationWarning:{one}" for one in _OTHERS)])


def tool(name: str, package: str) -> str:
    """The path of a program that these tests need."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not on PATH (Debian: {package})")
    assert found is not None
    return found


def missing(reason: str) -> None:
    """Skip, or fail where the set-up has promised everything."""
    if os.environ.get("PLUME_REQUIRE_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def screen() -> Iterator[str]:
    """A virtual screen; its DISPLAY."""
    read, write = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    command = [tool("Xvfb", "xvfb"), "-displayfd", str(write), "-screen", "0", size, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def python_of(backend: str) -> str:
    """The Python whose packages have this backend: this one, or the one that PLUME_PYTHON_GTK or _QT names."""
    return os.environ.get(f"PLUME_PYTHON_{backend.upper()}", sys.executable)


def environment(display: str, data: Path, backend: str) -> dict[str, str]:
    """What the window's process sees."""
    names = {"PATH", "LANG", "PYTHONPATH", "TMPDIR", "PLUME_DRIVER_S"}
    kept = {name: value for name, value in os.environ.items() if name in names}
    home = data.parent / "home"
    home.mkdir(exist_ok=True)
    return {
        **kept,
        "HOME": str(home),
        "DISPLAY": display,
        "PLUME_DATA_DIR": str(data),
        "PLUME_BACKEND": backend,
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": _WARNINGS,
        "PYTHONDONTWRITEBYTECODE": "1",
        "GDK_BACKEND": "x11",
        "QT_QPA_PLATFORM": "xcb",
        "GTK_USE_PORTAL": "0",
        "NO_AT_BRIDGE": "1",
        "GSETTINGS_BACKEND": "memory",  # a dialog remembers its folder, and there is no bus to do that by
        "LC_ALL": "C.UTF-8",
    }


class Plume:
    """A running window. `js` asks the page, `wait` asks until it says yes."""

    def __init__(self, display: str, data: Path, backend: str, *paths: Path | str) -> None:
        self.data = data
        self.backend = backend
        self.env = environment(display, data, backend)
        self.error_path = data.parent / f"stderr-{time.monotonic_ns()}.txt"
        with self.error_path.open("wb") as errors:
            self.process = subprocess.Popen(
                [python_of(backend), str(E2E / "driver.py"), *map(os.fspath, paths)],
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=data.parent,
            )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def order(self, **order: Any) -> Any:
        """One order to the driver, and its answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self._answers.get(timeout=MOST_S))
        assert "error" not in answer, (answer, self.errors())
        return answer.get("value")

    def js(self, script: str) -> Any:
        """The value of `script` in the page."""
        return self.order(js=script.encode("ascii", "backslashreplace").decode())

    def wait(self, script: str, what: str = "") -> Any:
        """The value of `script` once it is true."""
        until = time.monotonic() + MOST_S
        while not (value := self.js(script)):
            assert time.monotonic() < until, f"never: {what or script}\n{self.errors()}"
            time.sleep(0.05)
        return value

    def call(self, command: str, **request: Any) -> Any:
        """The data that a command answers; a refusal fails the test."""
        self.js(
            "window.answer_to_test = null;"
            f"pywebview.api.{command}({json.dumps(request)}).then(a => {{ window.answer_to_test = a }}); 1"
        )
        answer = self.wait("window.answer_to_test", command)
        assert answer["ok"], answer
        return answer["data"]

    def hear(self) -> None:
        """Keep the events that the page gets from now on."""
        self.js(
            "if (!window.heard_by_test) { window.heard_by_test = []; const was = window.plume_receive;"
            "window.plume_receive = e => { window.heard_by_test.push(...e); if (was) was(e) } } 1"
        )

    def events(self, name: str) -> list[Any]:
        """Those of one name."""
        found: list[Any] = self.js(f"window.heard_by_test.filter(e => e.event == {json.dumps(name)})")
        return found

    def ready(self) -> Plume:
        """Wait until the page can call."""
        self.wait("typeof pywebview.api.get_snapshot == 'function'", "the page is ready")
        return self

    def end(self) -> float:
        """Wait for the process to end as it should: seconds since now."""
        begun = time.monotonic()
        status = self.process.wait(MOST_S)
        took = time.monotonic() - begun
        assert status == 0, self.errors()
        return took

    def close(self) -> float:
        """The user closes; seconds to the end of the process."""
        assert self.process.stdin is not None
        self.process.stdin.write(b'{"close": true}\n')
        self.process.stdin.flush()
        return self.end()

    def errors(self) -> str:
        """What it wrote on standard error, and its log."""
        log = self.data / "logs" / "window.log"
        return self.error_path.read_text(errors="replace") + (log.read_text() if log.is_file() else "")

    def is_clean(self) -> bool:
        """Nothing on standard error, no traceback in the log, no process left."""
        assert self.error_path.read_text() == ""
        assert "Traceback" not in self.errors()
        assert "ERROR" not in self.errors()
        return self.is_gone()

    def is_gone(self) -> bool:
        """No process is left; waits for those that are going."""
        until = time.monotonic() + END_S
        while left := self.processes():
            assert time.monotonic() < until, left
            time.sleep(0.05)
        return True

    def processes(self) -> list[str]:
        """Every process that was started with this data folder."""
        mark = b"PLUME_DATA_DIR=" + os.fsencode(self.data) + b"\0"
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (folder / "environ").read_bytes() and b") Z " not in (folder / "stat").read_bytes():
                    found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        return found

    def kill(self) -> None:
        """The end of a test that did not get to its own."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):
            for line in self.process.stdout:
                self._answers.put(line.decode())


def screenshot(display: str, path: Path) -> int:
    """A picture of the screen at `path`; how many colours it has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [tool("import", "imagemagick"), "-display", display, "-window", "root", "-depth", "8", str(path)], check=True
    )
    from PIL import Image

    with Image.open(path) as picture:
        colours = picture.convert("RGB").getcolors(1 << 24)
    return len(colours or ())


def take_away(plume: Plume) -> None:
    """Destroy the X11 window, without the question that a window manager asks before."""
    hand = tool("xdotool", "xdotool")
    env = {"DISPLAY": plume.env["DISPLAY"], "PATH": os.environ["PATH"]}
    found = subprocess.run(
        [hand, "search", "--sync", "--onlyvisible", "--pid", str(plume.process.pid), "--name", "Plume"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    subprocess.run([hand, "windowclose", found.stdout.split()[0]], env=env, check=True)


def uri_list(*paths: bytes) -> bytes:
    """What a file manager offers."""
    return b"".join(b"file://" + quote(path).encode() + b"\r\n" for path in paths)


def drag(display: str, offer: Path, stops: list[tuple[int, int]], *, drop: bool = True) -> None:
    """Drag what the file `offer` lists from a small window at the upper left over `stops`, and drop it there."""
    system_python = tool("python3", "python3") if not Path("/usr/bin/python3").exists() else "/usr/bin/python3"
    env = {"DISPLAY": display, "PATH": os.environ["PATH"], "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
    source = subprocess.Popen(
        [system_python, str(E2E / "drag_source.py"), "5", "5", str(offer)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    hand = tool("xdotool", "xdotool")

    def do(*words: object, rest_s: float = 0.05) -> None:
        subprocess.run([hand, *map(str, words)], env=env, check=True)
        time.sleep(rest_s)

    try:
        assert source.stdout is not None
        if source.stdout.readline() != b"ready\n":
            missing("the system's Python has no GTK (Debian: python3-gi gir1.2-gtk-3.0)")
        do("mousemove", 35, 35, rest_s=0.2)
        do("mousedown", 1, rest_s=0.2)
        here = (35, 35)
        for stop in stops:
            for step in range(1, 9):
                do("mousemove", *(round(a + (b - a) * step / 8) for a, b in zip(here, stop, strict=True)))
            for shake in range(4):
                do("mousemove", stop[0] + shake, stop[1], rest_s=0.15)
            here = stop
        if not drop:
            do("mousemove", 35, 35, rest_s=0.1)
        do("mouseup", 1, rest_s=0.5)
    finally:
        source.kill()
        source.wait()
        if source.stdout is not None:
            source.stdout.close()
