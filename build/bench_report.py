"""The benchmark's tables, in Markdown."""

from __future__ import annotations

import datetime
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench_measure import Run


@dataclass(frozen=True, slots=True)
class Comparison:
    """One workload as measured: counted runs of both programs, and the warm-up pair that watched memory."""

    label: str
    lossy: bool
    wall_target: float
    size_target: float
    pictures: int
    input_bytes: int
    plume: tuple[Run, ...]
    peer: tuple[Run, ...]
    warm: tuple[Run, Run]
    bytes: tuple[int, int]
    scores: tuple[float | None, float | None]
    identical: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Alone:
    """One figure of Plume itself, as text with its unit, beside its target."""

    label: str
    value: str
    target: str


_COLUMNS = (
    "workload", "wall / Caesium", "target", "CPU / Caesium", "bytes / Caesium", "target", "out / in",
    "score Plume, Caesium", "memory MB", "seconds",
)  # fmt: skip
_HEAD = f"| {' | '.join(_COLUMNS)} |\n|{' --- |' * len(_COLUMNS)}"


def report(compared: Sequence[Comparison], alone: Sequence[Alone], day: datetime.date) -> str:
    """Both tables, with the date and the machine they were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    lines = [
        f"Measured on {day.isoformat()}, {cores} cores, Python {platform.python_version()}, {platform.system()}.",
        "",
    ]
    if compared:
        lines += [_HEAD, *map(_row, compared), ""]
        parents = [one.warm[0].root_peak_bytes or 0 for one in compared]
        alone = [
            *alone,
            Alone("Plume's parent process, largest of these runs", _mb(max(parents)) + " MB", "120 + bytes in flight"),
        ]
    if alone:
        lines += ["| Plume alone | measured | target |", "| --- | --- | --- |"]
        lines += [f"| {row.label} | {row.value} | {row.target} |" for row in alone]
    return "\n".join(lines)


def ratio(plume: Sequence[float], peer: Sequence[float]) -> float:
    """The median of the ratios round by round: what drifts between rounds hits both alike."""
    return statistics.median(ours / theirs for ours, theirs in zip(plume, peer, strict=True))


def _row(one: Comparison) -> str:
    wall = ratio([run.wall_s for run in one.plume], [run.wall_s for run in one.peer])
    cpu = ratio([run.cpu_s for run in one.plume], [run.cpu_s for run in one.peer])
    seconds = " , ".join(f"{statistics.median(run.wall_s for run in runs):.1f}" for runs in (one.plume, one.peer))
    cells = (
        f"{one.label} ({one.pictures} files, {one.input_bytes / 1e6:.0f} MB)",
        f"{wall:.2f}",
        f"{one.wall_target:g}",
        f"{cpu:.2f}",
        f"{one.bytes[0] / one.bytes[1]:.4f}",
        f"{one.size_target:g}",
        f"{one.bytes[0] / one.input_bytes:.3f}",
        _score(one),
        ", ".join(_mb(run.peak_bytes) for run in one.warm),
        seconds.replace(" ,", ","),
    )
    return f"| {' | '.join(cells)} |"


def _score(one: Comparison) -> str:
    if not one.lossy:
        return f"{one.identical[0]} of {one.identical[1]} identical"
    return ", ".join("-" if score is None else f"{score:.2f}" for score in one.scores)


def _mb(size: int | None) -> str:
    return "-" if not size else f"{size / 1e6:.0f}"
