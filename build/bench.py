"""Plume against Caesium's engine on the same files: `python3 build/dev.py bench [FOLDER]`.

For each workload both programs run in turn over one set of distinct pictures, large enough that Caesium needs
`--seconds`. The first round only warms up and is where memory is watched; the others are counted, and
the table shows medians of their ratios. FOLDER (default: PLUME_CORPUS) is where the pictures come from.

Caesium runs with `-e`, so that it carries EXIF as Plume does; otherwise with its defaults. To add a workload:
a row in `WORKLOADS`; to add a row of Plume alone: a function in bench_alone.py.
"""

from __future__ import annotations

import argparse
import datetime
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench_alone import ALONE
from bench_measure import Run, adopt_orphans, measure
from bench_report import Comparison, report
from bench_sets import Pool, Sources, find_sources

_FIRST_GUESS = 16  # pictures for the first of the runs that tell how many Caesium needs


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table; the targets are ratios to Caesium, the score's a difference."""

    name: str
    label: str
    pool: str
    plume: tuple[str, ...]
    peer: tuple[str, ...]
    lossy: bool
    wall: float
    size: float


WORKLOADS = (
    Workload("camera", "camera JPEG, q80", "camera", ("-q80",), ("-q", "80"), True, 0.75, 1.005),
    Workload("camera-lossless", "camera JPEG, lossless", "camera", ("--lossless",), ("--lossless",), False, 0.75, 1.0),
    Workload("small", "small JPEG, q80", "small", ("-q80",), ("-q", "80"), True, 0.70, 1.01),
    Workload("png", "PNG, lossless", "png", ("--lossless",), ("--lossless",), False, 0.60, 1.001),
    Workload("png-lossy", "PNG, q80", "png", ("-q80",), ("-q", "80"), True, 1.05, 0.98),
    Workload(
        "jpeg-webp", "JPEG to WebP, q80", "camera",
        ("-q80", "-f", "webp"), ("-q", "80", "--format", "webp"), True, 0.85, 1.0,
    ),
    Workload(
        "png-webp", "PNG to WebP, q80", "png",
        ("-q80", "-f", "webp"), ("-q", "80", "--format", "webp"), True, 0.80, 1.0,
    ),
)  # fmt: skip


@dataclass(slots=True)
class Bench:
    """What every measurement needs: the programs, a folder to work in, the pictures."""

    peer_python: Path
    folder: Path
    sources: Sources
    seconds: float
    rounds: int
    scored: int
    pools: dict[str, Pool] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What Plume is started with: Python keeps what it has compiled, as it does for everybody who installs it.

        Where the surroundings forbid that, each process of each run would compile all that it imports.
        """
        ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return ours | {"PYTHONPYCACHEPREFIX": str(self.folder / "compiled")}

    def pool(self, kind: str) -> Pool:
        """The pictures of one kind, drawn as far as needed so far."""
        if kind not in self.pools:
            self.pools[kind] = Pool(kind, self.sources, self.folder)
        return self.pools[kind]

    def fresh(self, name: str) -> Path:
        """A path in the work folder where nothing is."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def plume(self, inputs: Path, *options: str, watch_memory: bool = False, first_result: Path | None = None) -> Run:
        """Run this Plume as a new user: nothing remembered, results into the empty folder `out-plume`."""
        command = [sys.executable, "-P", "-m", "plume_app", "compress", str(inputs), "-o", str(self.fresh("out-plume"))]
        there = self.environment | {"PLUME_DATA_DIR": str(self.fresh("remembered"))}
        return _done(
            "Plume",
            measure(
                [*command, *options],
                environment=there,
                watch_memory=watch_memory,
                first_result=first_result,
                cwd=self.folder,
            ),
        )

    def peer(self, inputs: Path, *options: str, watch_memory: bool = False) -> Run:
        """Run Caesium's engine, results into the empty folder `out-peer`."""
        out = self.fresh("out-peer")
        out.mkdir()
        program = self.peer_python.with_name("caesiumclt")
        command = [str(program), "-e", "-Q", "-R", "-S", *options, "-o", str(out), str(inputs)]
        return _done("Caesium", measure(command, watch_memory=watch_memory, cwd=self.folder))


def _done(program: str, run: Run) -> Run:
    """A run that failed is no measurement."""
    if run.status != 0:
        raise SystemExit(f"{program} ended with exit status {run.status}; nothing can be compared.")
    return run


def compare(bench: Bench, load: Workload) -> Comparison:
    """Both programs, in turn, over one set; the first round warms up."""
    pool = bench.pool(load.pool)
    inputs = bench.fresh("in")
    pictures = pool.first(_needed(bench, load), inputs)
    say(f"{load.name}: {len(pictures)} pictures, {sum(p.stat().st_size for p in pictures) / 1e6:.1f} MB")
    warm = bench.plume(inputs, *load.plume, watch_memory=True), bench.peer(inputs, *load.peer, watch_memory=True)
    plume_runs, peer_runs = [], []
    for number in range(bench.rounds):
        plume_runs.append(bench.plume(inputs, *load.plume))
        peer_runs.append(bench.peer(inputs, *load.peer))
        say(f"  round {number + 1}: Plume {plume_runs[-1].wall_s:.2f} s, Caesium {peer_runs[-1].wall_s:.2f} s")
    outputs = [results(pictures, bench.folder / name) for name in ("out-plume", "out-peer")]
    chosen = pictures[:: max(1, len(pictures) // bench.scored)][: bench.scored]
    scores = [_scores(bench, [(path, found[path]) for path in chosen]) for found in outputs]
    return Comparison(
        label=load.label,
        lossy=load.lossy,
        wall_target=load.wall,
        size_target=load.size,
        pictures=len(pictures),
        input_bytes=sum(path.stat().st_size for path in pictures),
        plume=tuple(plume_runs),
        peer=tuple(peer_runs),
        warm=warm,
        bytes=(_size(outputs[0]), _size(outputs[1])),
        scores=(scores[0][0], scores[1][0]),
        identical=(scores[0][1], len(chosen)),
    )


def _needed(bench: Bench, load: Workload) -> int:
    """How many pictures keep Caesium busy for the time that was asked for."""
    count, pool = _FIRST_GUESS, bench.pool(load.pool)
    while True:
        guess = bench.fresh("guess")
        pool.first(count, guess)
        wall_s = bench.peer(guess, *load.peer).wall_s
        if wall_s >= bench.seconds / 8:  # long enough that starting the program hardly counts
            return max(_FIRST_GUESS, math.ceil(count * bench.seconds / wall_s))
        count *= 4


def results(pictures: list[Path], folder: Path) -> dict[Path, Path]:
    """Which file in `folder` belongs to each picture; the picture itself where none was written."""
    made = {path.stem: path for path in folder.rglob("*") if path.is_file()}
    return {path: made.get(path.stem, path) for path in pictures}


def _size(found: dict[Path, Path]) -> int:
    return sum(path.stat().st_size for path in found.values())


def _scores(bench: Bench, pairs: list[tuple[Path, Path]]) -> tuple[float | None, int]:
    """The mean score and how many results have the same pixels."""
    command = [str(bench.peer_python), str(Path(__file__).with_name("bench_score.py"))]
    asked = json.dumps([[str(path) for path in pair] for pair in pairs])
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    answers = json.loads(answer)
    known = [one["score"] for one in answers if one["score"] is not None]
    mean = statistics.fmean(known) if len(known) == len(answers) else None
    return mean, sum(one["identical"] for one in answers)


def say(text: str) -> None:
    """Progress for the person who waits; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure what was asked for and print the table."""
    names = [load.name for load in WORKLOADS] + list(ALONE)
    parser = argparse.ArgumentParser(prog="build/dev.py bench", description="Plume against Caesium's engine.")
    parser.add_argument("folder", nargs="?", type=Path, default=os.environ.get("PLUME_CORPUS"))
    parser.add_argument("--only", action="append", choices=names, help="one row; repeatable")
    parser.add_argument("--seconds", type=float, default=20, help="how long Caesium should need (default 20)")
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds (default 3)")
    parser.add_argument("--quick", action="store_true", help="small sets and one round, for a first look")
    parser.add_argument("--peer-python", type=Path, required=True, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is None or not Path(given.folder).is_dir():
        parser.error("name a folder of pictures, or set PLUME_CORPUS")
    adopt_orphans()
    wanted = given.only or names
    with tempfile.TemporaryDirectory(prefix="plume-bench-") as folder:
        bench = Bench(
            given.peer_python, Path(folder), find_sources(Path(given.folder)),
            seconds=4 if given.quick else given.seconds,
            rounds=1 if given.quick else given.rounds,
            scored=6 if given.quick else 24,
        )  # fmt: skip
        compared = [compare(bench, load) for load in WORKLOADS if load.name in wanted]
        alone = [row for name, find in ALONE.items() if name in wanted for row in find(bench)]
    today = datetime.datetime.now(tz=datetime.UTC).date()
    print(report(compared, alone, today))


if __name__ == "__main__":
    main()
