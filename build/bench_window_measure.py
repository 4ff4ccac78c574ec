"""What `bench_window.py` measures of one running window. Times in milliseconds, memory in megabytes of 1,000,000."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from environment import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "tests"))
os.environ["PLUME_DRIVER_S"] = "600"  # a list of ten thousand takes longer than a test may

import images
import windows
from windows import Plume

ROWS = 10_000
IDLE_S = 33.0  # workers are let go after 30
QUALITIES = (60, 72, 55, 80, 64, 76, 58, 84, 67, 70, 62, 78)
_FRAMES = """(() => {{ window.frames_of_bench = []; let last = 0, list = document.querySelector('#list');
  const frame = (now) => {{ if (last) frames_of_bench.push(now - last); last = now; {step};
    if (frames_of_bench.length < {count}) requestAnimationFrame(frame); }};
  requestAnimationFrame(frame); return 1 }})()"""


class Empty:
    """The window to compare with: pywebview's own server, a page of one word."""

    def __init__(self, display: str, folder: Path, backend: str) -> None:
        data = folder / "empty"
        self._mark = b"PLUME_DATA_DIR=" + os.fsencode(data) + b"\0"
        env = windows.environment(display, data, backend) | {"WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
        if backend == "qt":
            env |= {"QT_API": "pyqt6", "QT_LOGGING_RULES": "*=false", "QTWEBENGINE_CHROMIUM_FLAGS": "--log-level=3"}
            env |= {"QTWEBENGINE_DISABLE_SANDBOX": "1"} if os.geteuid() == 0 else {}
        begun = time.time()
        borrowed = [folder for folder in ("/usr/lib/python3/dist-packages",) if backend == "gtk"]
        self.process = subprocess.Popen(
            [windows.python_of(backend), str(windows.E2E / "empty.py"), *borrowed],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        out = self.process.stdout
        self.loaded_ms = (float(out.readline() if out else "nan") - begun) * 1000

    def pss(self) -> float:
        """The proportional memory of all of its processes."""
        return pss_of(self._mark)

    def close(self) -> None:
        """Away with it."""
        self.process.communicate()


def pss_of(mark: bytes) -> float:
    """The proportional set size of every process whose environment holds `mark`."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes():
                lines = (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue
    return total * 1024 / 1e6


def start_ms(display: str, folder: Path, backend: str) -> float:
    """From the start of the process to the first paint of a page whose buttons can be pressed."""
    begun = time.time()
    plume = Plume(display, folder / "data", backend)
    painted = plume.wait(
        "(performance.getEntriesByName('plume-usable')[0] || {startTime: 0}).startTime"
        " && performance.timeOrigin + performance.getEntriesByName('plume-usable')[0].startTime"
    )
    plume.ready().close()
    return float(painted) - begun * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; `share` of 0 to 100."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share / 100))]


def make_rows(folder: Path, count: int) -> Path:
    """A folder of `count` pictures: one file's bytes under many names, a thousand a folder."""
    data = images.jpeg_bytes(images.photo(160, 120))
    for group in range(0, count, 1000):
        place = folder / f"{group:06}"
        place.mkdir(parents=True)
        first = place / f"{group}.jpg"
        first.write_bytes(data)
        for number in range(group + 1, min(group + 1000, count)):
            os.link(first, place / f"{number}.jpg")
    return folder


def added_ms(plume: Plume, folder: Path, count: int) -> tuple[float, float]:
    """How long the folder takes to be added in all, and from the end of the scan to its rows on the screen."""
    plume.js(
        "window.times_of_bench = {}; const was_of_bench = window.plume_receive;"
        "window.plume_receive = (events) => { was_of_bench(events); for (const one of events)"
        " if (one.event === 'scan_progress' && !one.running) times_of_bench.scanned = performance.now(); };"
        "const look_of_bench = () => {"
        " const rows = document.querySelector('[role=grid]')?.getAttribute('aria-rowcount');"
        f" if (rows === '{count + 1}' && document.querySelector('.rows .row[data-id]'))"
        "   times_of_bench.shown = performance.now();"
        " else requestAnimationFrame(look_of_bench); }; look_of_bench();"
        f"times_of_bench.begun = performance.now(); pywebview.api.add_paths({{text: {str(folder)!r}}}); 1"
    )
    plume.wait("times_of_bench.shown && times_of_bench.scanned", "the rows are added")
    times = plume.js("times_of_bench")
    return times["shown"] - times["begun"], max(0.0, times["shown"] - times["scanned"])


def frames(plume: Plume, step: str, count: int, meanwhile: Callable[[], object] = lambda: None) -> list[float]:
    """The gaps between `count` frames, while `step` is done in each."""
    plume.js(_FRAMES.format(step=step, count=count))
    meanwhile()
    plume.wait(f"frames_of_bench.length >= {count}")
    return [float(gap) for gap in plume.js("frames_of_bench")]


def stalls(plume: Plume, files: list[int]) -> list[float]:
    """The gaps between frames in two seconds of 5,000 progress events each."""
    return frames(plume, "", 100, lambda: plume.order(storm=10_000, files=files))


def bridge_ms(plume: Plume) -> float:
    """The median of 200 calls, one after the other."""
    plume.js(
        "window.calls_of_bench = [];"
        "(async () => { for (let at = 0; at < 200; at += 1) { const begun = performance.now();"
        " await pywebview.api.get_settings({}); calls_of_bench.push(performance.now() - begun); } })(); 1"
    )
    plume.wait("calls_of_bench.length === 200")
    return float(statistics.median(plume.js("calls_of_bench")))


def compare_ms(plume: Plume, zoom: str) -> list[float]:
    """From a movement of the quality slider to its pixels, for each of `QUALITIES`; `zoom` as the page spells it.

    At Fit the last result stays, marked, until the whole picture is encoded; else the part that is seen comes first.
    """
    marked = "!document.querySelector('#compare .busy')" if zoom == "fit" else "true"
    plume.js(f"document.querySelector('#compare input[name=zoom][value=\"{zoom}\"]').click(); 1")
    plume.wait("!document.querySelector('#compare .busy') && document.querySelector('#compare .layer.after img')")
    time.sleep(0.5)
    found = []
    for quality in QUALITIES:
        plume.js(
            "window.done_of_bench = 0; (() => { const begun = performance.now();"
            " const newest = () => [...document.querySelectorAll('#compare .layer.after img')].at(-1)?.src;"
            " const before = newest(); const slider = document.querySelector('#compare input[type=range]');"
            f" slider.value = {quality}; slider.dispatchEvent(new Event('input', {{bubbles: true}}));"
            f" const look = () => {{ if (newest() !== before && {marked})"
            " done_of_bench = performance.now() - begun; else requestAnimationFrame(look); };"
            " requestAnimationFrame(look); })(); 1"
        )
        found.append(float(plume.wait("window.done_of_bench", f"quality {quality} at {zoom}")))
        plume.wait("!document.querySelector('#compare .busy')")
    return found
