"""Figures of Plume itself: start, throughput, cost around the encoders, one huge picture.

To add one: a function that takes the `Bench` and returns rows, and its name in `ALONE`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench_measure import measure
from bench_report import Alone
from bench_sets import huge

if TYPE_CHECKING:
    from bench import Bench

_OVERHEAD_FILES = 1000
_FAST_FILES = 60


def start(bench: Bench) -> list[Alone]:
    """From typing the command to the first result on disk."""
    inputs = bench.fresh("in")
    (picture,) = bench.pool("small").first(1, inputs)
    times = []
    for _ in range(1 + 2 * bench.rounds):
        found = bench.plume(inputs, first_result=bench.folder / "out-plume" / picture.name).first_result_s
        times.append(float("nan") if found is None else found)
    return [Alone("start to first result of a small file", f"{statistics.median(times[1:]):.2f} s", "0.7 s")]


def fast(bench: Bench) -> list[Alone]:
    """Input bytes each second, camera JPEG, effort fast."""
    inputs = bench.fresh("in")
    pictures = bench.pool("camera").first(_FAST_FILES, inputs)
    size = sum(path.stat().st_size for path in pictures)
    walls = [bench.plume(inputs, "--effort", "fast").wall_s for _ in range(1 + bench.rounds)]
    return [Alone("camera JPEG at effort fast", f"{size / 1e6 / statistics.median(walls[1:]):.1f} MB/s", "10 MB/s")]


def overhead(bench: Bench) -> list[Alone]:
    """CPU time around the encoders, as a part of theirs, on many tiny files; start-up apart.

    Two rows, for the two ways that a JPEG goes: the check of the pixels belongs to the second only.
    """
    return [_around(bench, "tiny-fine", "encoded"), _around(bench, "tiny-coarse", "rewritten and checked")]


def _around(bench: Bench, pool: str, way: str) -> Alone:
    inputs, one = bench.fresh("in"), bench.fresh("one")
    pictures = bench.pool(pool).first(_OVERHEAD_FILES, inputs)
    bench.pool(pool).first(1, one)
    mean = statistics.fmean(path.stat().st_size for path in pictures)
    alone = []
    for _ in range(bench.rounds):
        whole_s, start_s = bench.plume(inputs).cpu_s, bench.plume(one).cpu_s
        encoders_s = _encoders_cpu_s(inputs)
        alone.append(((whole_s - start_s - encoders_s) / encoders_s, encoders_s, start_s))
    part, encoders_s, start_s = sorted(alone)[len(alone) // 2]
    text = f"{part:.0%} of {encoders_s:.1f} s (start {start_s:.1f} s apart)"
    return Alone(f"CPU around the encoders, {len(pictures)} JPEG of {mean / 1e3:.0f} KB, {way}", text, "15 %")


def _encoders_cpu_s(inputs: Path) -> float:
    """CPU seconds of the encoders over all of `inputs`, in as many processes side by side as Plume has workers."""
    parts = len(os.sched_getaffinity(0))
    program = [sys.executable, "-P", str(Path(__file__).with_name("bench_encoders.py")), str(inputs)]
    started = [
        subprocess.Popen([*program, str(part), str(parts)], stdout=subprocess.PIPE, text=True) for part in range(parts)
    ]
    answers = [process.communicate()[0] for process in started]
    return sum(float(json.loads(answer)["cpu_s"]) for answer in answers)


def large(bench: Bench) -> list[Alone]:
    """One 100-megapixel JPEG: memory of all processes together."""
    inputs = bench.fresh("in")
    inputs.mkdir()
    huge(bench.sources, inputs / "huge.jpg")
    ours, theirs = bench.plume(inputs, watch_memory=True), bench.peer(inputs, "-q", "80", watch_memory=True)
    memory = [(run.peak_bytes or 0) / 1e9 for run in (ours, theirs)]
    text = f"{memory[0]:.2f} GB, {ours.wall_s:.1f} s (Caesium {memory[1]:.2f} GB, {theirs.wall_s:.1f} s)"
    return [Alone("one 100-megapixel JPEG, 4:2:0, q80", text, "1.2 GB")]


def help_text(bench: Bench) -> list[Alone]:
    """How long `plume --help` takes."""
    command = [sys.executable, "-P", "-m", "plume_app", "--help"]
    walls = [
        measure(command, environment=bench.environment, cwd=bench.folder).wall_s for _ in range(1 + 3 * bench.rounds)
    ]
    return [Alone("`plume --help`", f"{statistics.median(walls[1:]) * 1000:.0f} ms", "150 ms")]


ALONE: dict[str, Callable[[Bench], list[Alone]]] = {
    "start": start,
    "fast": fast,
    "overhead": overhead,
    "huge": large,
    "help": help_text,
}
