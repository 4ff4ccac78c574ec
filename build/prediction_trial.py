"""What a user sees: fifty photographs compressed, a hundred others foretold, then compressed, all by the command line.

The photographs are pieces of those in the folders that nothing was fitted on, encoded again; no picture gives both to
the fifty and to the hundred. What is compared is the total that `plume estimate` shows with the total that
`plume compress` then reports.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prediction_rows import TEST_PHOTOGRAPHS
from prediction_sources import drawn

WAYS: dict[str, tuple[str, ...]] = {"keep": (), "webp": ("-f", "webp")}
_QUALITY = "-q80"
_JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Told:
    """Bytes before, foretold with the interval, and after; `basis` as in `Estimate`."""

    before: int
    foretold: int
    low: int
    high: int
    after: int
    basis: str

    @property
    def off(self) -> float:
        """The error of the total, a share."""
        return self.foretold / self.after - 1


def print_trial(folder: Path, *, ways: dict[str, tuple[str, ...]] = WAYS, own: int = 50, batch: int = 100) -> int:
    """Run it for each way and print a line for it, before any own result and after `own` of them; the exit status."""
    print(f"A batch of {batch} photographs by the command line, quality 80: the total foretold, and the one that came")
    with tempfile.TemporaryDirectory(prefix="plume-trial-") as name:
        at = Path(name)
        first, others = sets_of(folder, at, own, batch)
        for way, options in ways.items():
            for state, data in (("cold", at / f"cold-{way}"), (f"after {own}", at / f"warm-{way}")):
                if state != "cold":
                    _plume(data, "compress", first, "-o", at / f"own-{way}", *options)
                told = _told(data, others, at / f"{state}-{way}", options)
                inside = "inside" if told.low <= told.after <= told.high else "outside"
                print(
                    f"  {way:5} {state:8}  {told.before:,} -> {told.foretold:,} ({told.low:,} to {told.high:,}),"
                    f" came {told.after:,}: {told.off:+.1%}, {inside}; {told.basis}"
                )
    return 0


def _told(data: Path, batch: Path, out: Path, options: tuple[str, ...]) -> Told:
    guess = _plume(data, "estimate", batch, *options)
    came = _plume(data, "compress", batch, "-o", out, *options)
    return Told(
        guess["original_size"],
        guess["compressed_size"],
        guess["low"],
        guess["high"],
        came["compressed_size"],
        guess["basis"],
    )


def sets_of(folder: Path, target: Path, own: int, batch: int) -> tuple[Path, Path]:
    """Two folders in `target` of so many distinct photographs, from distinct pictures of `folder`."""
    pictures = [path for name in TEST_PHOTOGRAPHS for path in sorted((folder / name).glob("*")) if path.is_file()]
    random.Random(1).shuffle(pictures)  # noqa: S311 - a fixed order, no secret
    third = max(1, len(pictures) // 3)
    found = []
    for name, some, count in (("own", pictures[:third], own), ("batch", pictures[third:], batch)):
        (target / name).mkdir(parents=True)
        _draw(folder, some, count, target / name)
        found.append(target / name)
    return found[0], found[1]


def _draw(folder: Path, pictures: list[Path], count: int, target: Path) -> None:
    made: set[bytes] = set()
    for number in range(4 * count if pictures else 0):
        path = pictures[number % len(pictures)]
        name = f"{path.relative_to(folder).as_posix()}#{number} jpeg"
        data = drawn(path, name, "itself" if number % 2 else "jpeg")  # as its camera wrote it, and at other qualities
        if data is not None and data.startswith(_JPEG) and data not in made:
            made.add(data)
            (target / f"{len(made):03d}.jpg").write_bytes(data)
        if len(made) == count:
            return
    raise ValueError(f"too few photographs in {folder}: {len(made)} of {count} pieces")


def _plume(data: Path, command: str, *arguments: Path | str) -> dict[str, Any]:
    """The summary of one run."""
    run = subprocess.run(
        [sys.executable, "-m", "plume_app", command, "--json", _QUALITY, *map(str, arguments)],
        env={**os.environ, "PLUME_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        check=True,
    )
    summary: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return summary
