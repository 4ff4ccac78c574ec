"""The tables of build/predictions.py as text, and its learning curve as a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Protocol


class Shares(Protocol):
    """What a cell shows; shares of one."""

    @property
    def median(self) -> float: ...  # noqa: D102
    @property
    def p90(self) -> float: ...  # noqa: D102
    @property
    def total(self) -> float: ...  # noqa: D102
    @property
    def coverage(self) -> float: ...  # noqa: D102
    @property
    def width(self) -> float: ...  # noqa: D102
    @property
    def time(self) -> float: ...  # noqa: D102


Lines = Sequence[tuple[str, int, Mapping[str, Shares | None]]]
Curve = Sequence[tuple[int, float, float, float, float]]


def print_table(lines: Lines) -> None:
    """Three tables: sizes, intervals, times."""
    columns = list(lines[0][2]) if lines else []
    print("Size: median / 90th percentile APE / error of the sum, in %")
    _print(lines, columns, lambda one: f"{100 * one.median:5.1f}/{100 * one.p90:5.1f}/{100 * one.total:+5.1f}")
    print("Interval: share of results inside (80 % is promised), and its median width, in %")
    _print(lines, columns, lambda one: f"{100 * one.coverage:4.0f} in {100 * one.width:5.1f}")
    print("Time: median APE, in %")
    _print(lines, columns, lambda one: f"{100 * one.time:5.1f}")


def print_markdown(lines: Lines) -> None:
    """The short table of the README: sizes, and how often the interval of the last column holds."""
    columns = list(lines[0][2]) if lines else []
    print(f"| | n | {' | '.join(columns)} | inside |")
    print(f"| --- | --- |{' --- |' * (len(columns) + 1)}")
    for name, count, cells in lines:
        found = [cells[column] for column in columns]
        told = [
            "-" if one is None else f"{100 * one.median:.1f} / {100 * one.p90:.0f} / {100 * one.total:+.1f}"
            for one in found
        ]
        last = found[-1]
        print(f"| {name} | {count} | {' | '.join(told)} | {'-' if last is None else f'{last.coverage:.0%}'} |")
    print()


def _print(lines: Lines, columns: list[str], cell: object) -> None:
    assert callable(cell)  # noqa: S101
    print(f"{'':34} {'n':>4}  " + "  ".join(f"{name:>18}" for name in columns))
    for name, count, cells in lines:
        told = ("-" if one is None else cell(one) for one in (cells[column] for column in columns))
        print(f"{name:34} {count:4}  " + "  ".join(f"{one:>18}" for one in told))
    print()


def print_costs(costs: Sequence[tuple[float, float, float]], ways: Sequence[tuple[str, bool]]) -> None:
    """CPU milliseconds of the stages."""
    header, features = (sorted(one[at] for one in costs) for at in (0, 1))
    print("CPU ms, median and 90th percentile")
    print(f"  header stage {median(header):.2f} {header[len(header) * 9 // 10]:.2f}")
    print(f"  metadata weighed, in the worker {median(features):.2f} {features[len(features) * 9 // 10]:.2f}")
    by_way: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for (_, _, tiles), way in zip(costs, ways, strict=True):
        by_way[way].append(tiles)
    for (target, lossless), several in sorted(by_way.items()):
        several.sort()
        name = f"{target}{' lossless' if lossless else ''}"
        print(f"  trial for {name}: {median(several):.0f} {several[len(several) * 9 // 10]:.0f}")
    print()


def print_curve(curve: Curve) -> None:
    """The learning curve as text."""
    print("After own rows of each way: median APE, |error of the sum|, means over all ways, in %")
    print(f"{'rows':>5} {'header':>16} {'tiles':>16}")
    for rows, *values in curve:
        header, header_sum, tiles, tiles_sum = (100 * value for value in values)
        print(f"{rows:5} {header:8.1f} {header_sum:7.1f} {tiles:8.1f} {tiles_sum:7.1f}")
    print()


def curve_svg(curve: Curve) -> str:
    """The same drawn: own rows across, per cent up."""
    width, height, left, bottom = 480, 280, 44, 36
    top = max(max(values) for _, *values in curve) * 1.1

    def place(at: int, value: float) -> str:
        across = left + at * (width - left - 12) / max(1, len(curve) - 1)
        return f"{across:.1f},{height - bottom - value / top * (height - bottom - 12):.1f}"

    names = ("header, median", "header, sum", "tiles, median", "tiles, sum")
    colours = ("#c2571a", "#e8a87c", "#1f5fa8", "#8db8e4")
    look = 'font-family="sans-serif" font-size="11"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" {look}>']
    for number, (name, colour) in enumerate(zip(names, colours, strict=True)):
        points = " ".join(place(at, row[number + 1]) for at, row in enumerate(curve))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{width - 110}" y="{20 + 15 * number}" fill="{colour}">{name}</text>')
    for at, (rows, *_) in enumerate(curve):
        parts.append(f'<text x="{place(at, 0).split(",")[0]}" y="{height - 14}" text-anchor="middle">{rows}</text>')
    shares = (0.0, top / 2.2, top / 1.1)
    parts += [f'<text x="4" y="{place(0, share).split(",")[1]}">{share:.0%}</text>' for share in shares]
    parts.append(f'<text x="{width / 2}" y="{height - 1}" text-anchor="middle">own rows</text></svg>')
    return "\n".join(parts) + "\n"
