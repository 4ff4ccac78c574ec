"""Plume's window against an empty one of the same toolkit: `python3 build/dev.py bench-window [gtk|qt] [--rows N]`.

Both are opened on a virtual screen in alternation, in one run, so that a busy machine slows both. Printed is what was
measured beside what is aimed at; the exit status is 1 where a target was missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import bench_window_measure as measure

import images
import windows
from windows import Plume

STARTS = 7  # the first of them warms the disk and does not count
SCROLL = "list.scrollTop += 97"  # about a row and a half a frame: a fast wheel


class Report:
    """Lines of a table, and whether one was missed."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def line(self, name: str, value: float, unit: str, target: float | None = None, note: str = "") -> None:
        """One measurement; `target` is the most it may be."""
        verdict = "" if target is None else f"target {target:g}: " + ("reached" if value <= target else "MISSED")
        if target is not None and value > target:
            self.missed.append(name)
        print(f"{name:44} {value:10.1f} {unit:3} {verdict:24} {note}", flush=True)


def starts(report: Report, display: str, folder: Path, backend: str) -> None:
    """Pairs of starts, empty and Plume in turn."""
    pairs = []
    for number in range(STARTS):
        empty = measure.Empty(display, folder, backend)
        empty.close()
        pairs.append((empty.loaded_ms, measure.start_ms(display, folder, backend)))
        if number == 0:
            pairs.clear()
    empties, plumes = ([pair[side] for pair in pairs] for side in (0, 1))
    report.line("empty window: load, median", statistics.median(empties), "ms")
    report.line("Plume: first usable paint, median", statistics.median(plumes), "ms")
    later = statistics.median(plume - empty for empty, plume in pairs)
    report.line("Plume later by, median of pairs", later, "ms", 100, f"least of each: {min(plumes) - min(empties):.0f}")


def memory(report: Report, display: str, folder: Path, backend: str) -> None:
    """Both side by side, so that they share the same libraries; Plume has worked and rested."""
    empty = measure.Empty(display, folder, backend)
    picture = folder / "one.jpg"
    picture.write_bytes(images.jpeg_bytes(images.photo(400, 300)))
    plume = Plume(display, folder / "resting", backend, picture).ready()
    plume.wait("document.querySelector('.rows .row[data-id]')")
    time.sleep(measure.IDLE_S)
    alone, ours = empty.pss(), measure.pss_of(b"PLUME_DATA_DIR=" + bytes(plume.data) + b"\0")
    report.line("empty window: PSS", alone, "MB")
    report.line("Plume at rest: PSS above it", ours - alone, "MB", 40, f"{len(plume.processes())} processes")
    plume.close()
    empty.close()


def rows(report: Report, plume: Plume, folder: Path, count: int) -> None:
    """A long list: added, scrolled, under a storm of events."""
    whole, after = measure.added_ms(plume, measure.make_rows(folder / "rows", count), count)
    report.line(f"{count:,} rows: shown after the scan", after, "ms", 1000, f"with the scan {whole:.0f}")
    time.sleep(2)
    gaps = measure.frames(plume, SCROLL, 300)
    report.line("scrolling: p95 of frames", measure.percentile(gaps, 95), "ms", 20, f"worst {max(gaps):.0f}")
    found = plume.call("get_files", offset=0, limit=1000)["rows"]
    gaps = measure.stalls(plume, [row["file_id"] for row in found])
    report.line("5,000 events a second: p99 of frames", measure.percentile(gaps, 99), "ms", 100)
    plume.js("document.querySelector('#list').scrollTop = 1e9; 1")
    plume.wait(f"document.querySelector('#row-{count - 1}[data-id]')", "the last row")


def compare(report: Report, plume: Plume, folder: Path) -> None:
    """A picture of 12 megapixels under the slider."""
    picture = folder / "large.jpg"
    picture.write_bytes(images.jpeg_bytes(images.photo(4000, 3000), quality=92))
    plume.js(f"pywebview.api.add_paths({{text: {str(picture)!r}}}); 1")
    plume.wait("document.querySelector('.rows .row[data-id]')")
    plume.js("document.querySelector('.rows .row .name').dispatchEvent(new MouseEvent('dblclick', {bubbles: true})); 1")
    plume.wait("document.querySelector('#compare .layer.after img')")
    for zoom, target in (("100", 300), ("200", 300), ("fit", 1500)):
        times = measure.compare_ms(plume, zoom)
        name = f"Compare at {zoom}: slider to pixels, p95"
        report.line(name, measure.percentile(times, 95), "ms", target, f"median {statistics.median(times):.0f}")


def run(backend: str, count: int) -> list[str]:
    """Everything for one toolkit; the names of what was missed."""
    report = Report()
    print(f"== {backend}", flush=True)
    with windows.screen() as display, tempfile.TemporaryDirectory(prefix="plume-bench-") as made:
        folder = Path(made)
        starts(report, display, folder, backend)
        memory(report, display, folder, backend)
        plume = Plume(display, folder / "list", backend).ready()
        report.line("bridge: a call, median", measure.bridge_ms(plume), "ms", 2)
        rows(report, plume, folder, count)
        plume.kill()
        plume = Plume(display, folder / "compare", backend).ready()
        compare(report, plume, folder)
        plume.kill()
    return report.missed


def main(arguments: list[str]) -> int:
    """The exit status: 0 where every target was reached."""
    parser = argparse.ArgumentParser(prog="dev.py bench-window", description=__doc__)
    parser.add_argument("backend", nargs="*", choices=["gtk", "qt"], help="default: both")
    parser.add_argument("--rows", type=int, default=measure.ROWS, help=f"length of the list (default {measure.ROWS})")
    chosen = parser.parse_args(arguments)
    missed = [f"{backend}: {name}" for backend in chosen.backend or ["gtk", "qt"] for name in run(backend, chosen.rows)]
    for one in missed:
        print(f"missed: {one}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
