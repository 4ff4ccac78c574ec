"""`plume estimate` and `plume compress --dry-run`: what would come out, and how sure that is; nothing is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from plume_app.cli_lines import (
    failure_json,
    failure_text,
    files_text,
    json_line,
    nothing_text,
    shown,
    size_text,
    trait_names,
)
from plume_app.cli_scan import shown_name
from plume_app.domain.compression.estimate import LEARNED, MEASURED, MIXED, TYPICAL, Estimate, total
from plume_app.domain.compression.forecast import forecast
from plume_app.domain.compression.learning import Learned
from plume_app.domain.compression.settings import KEEP, Settings
from plume_app.domain.file.found import Candidate, Ignored, Problem
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.reading import read_source
from plume_app.domain.file.scan import scan
from plume_app.domain.shared.errors import PlumeError
from plume_app.jobs.feeding import header_in
from plume_app.jobs.messages import Failed, Inspect, Inspected, Outcome
from plume_app.jobs.prediction import recall
from plume_app.jobs.walk import scan_for
from plume_app.runtime import Runtime

_AHEAD = 32  # files that workers look at while earlier ones are told


@dataclass(frozen=True, slots=True)
class Predicted:
    """One file's prediction; `reason` is set where it would be kept, and then its size is its own."""

    path: Path
    input_format: str
    output_format: str
    original_size: int
    estimate: Estimate
    traits: tuple[str, ...]
    losses: tuple[str, ...]
    reason: str | None = None


def predict(path: Path, size: int, looked: Inspected, settings: Settings, learned: Learned) -> Predicted:
    """What the engine would make of this file, by what a worker saw of it and what the user's results teach. Pure."""
    header, traits = looked.header, looked.traits
    found = forecast(header, size, traits, settings, features=looked.features, probe=looked.probe, learned=learned)
    reason = "no_encoder" if found.output_format is None else "would_lose" if found.losses.blocking else None
    return Predicted(
        path,
        header.format,
        header.format if settings.output_format == KEEP else settings.output_format,
        size,
        found.estimate,
        tuple(sorted(traits.names)),
        found.losses.blocking or found.losses.announced,
        reason,
    )


def predict_paths(
    runtime: Runtime, paths: Sequence[Path], settings: Settings, output: OutputPolicy, *, as_json: bool
) -> int:
    """Tells the prediction of every file and of all together; returns the exit status."""
    predicted: list[Estimate] = []
    original_size = failed = ignored = 0
    with runtime.db.connection_context():
        learned = recall(runtime.db)
    for one in _looked_at(runtime, paths, settings, output, learned):
        if isinstance(one, Ignored):
            ignored += 1
            continue
        if isinstance(one, Predicted):
            predicted.append(one.estimate)
            original_size += one.original_size
            click.echo(json_line(_json(one)) if as_json else _text(one))
            continue
        path, error = one
        failed += 1
        line = json_line(failure_json(path, error)) if as_json else failure_text(shown_name(path), error)
        click.echo(line, err=not as_json)
    summed = total(predicted)
    if as_json:
        click.echo(
            json_line(
                {
                    "type": "summary",
                    "files": len(predicted) + failed,
                    "failed": failed,
                    "ignored": ignored,
                    "original_size": original_size,
                    **_numbers(summed),
                }
            )
        )
    else:
        click.echo(_total_text(len(predicted), original_size, summed, failed=failed, ignored=ignored))
    return 1 if failed else 0


_Looked = Predicted | Ignored | tuple[Path, PlumeError]


_Asked = tuple[Path, int, Future[Outcome]]


def _looked_at(
    runtime: Runtime, paths: Sequence[Path], settings: Settings, output: OutputPolicy, learned: Learned
) -> Iterator[_Looked]:
    """Every file in the order of the walk, while workers look at the next ones."""
    waiting: deque[_Asked | _Looked] = deque()
    for number, found in enumerate(scan(paths, scan_for(runtime.db, output)), start=1):
        if isinstance(found, Problem):
            waiting.append((found.path, found.error))
        elif isinstance(found, Candidate):
            waiting.append(_sent(runtime, found, number, settings))
        else:
            waiting.append(found)
        if len(waiting) > _AHEAD:
            yield _answer(waiting.popleft(), settings, learned)
    while waiting:
        yield _answer(waiting.popleft(), settings, learned)


def _sent(runtime: Runtime, candidate: Candidate, number: int, settings: Settings) -> _Asked | tuple[Path, PlumeError]:
    try:
        read = read_source(candidate.real_path, check_size=runtime.limits.check_file)
        header = header_in(read.data)
        runtime.limits.check_header(header)
    except PlumeError as error:
        return candidate.path, error
    task = Inspect(number, read.data, header.decoded_bytes, settings, runtime.limits)
    return candidate.path, len(read.data), runtime.pool.submit(task)


def _answer(one: _Asked | _Looked, settings: Settings, learned: Learned) -> _Looked:
    if not isinstance(one, tuple) or len(one) == 2:
        return one
    path, size, future = one
    match future.result():
        case Inspected() as looked:
            return predict(path, size, looked, settings, learned)
        case Failed(code=code, facts=facts):
            return path, PlumeError.of(code, facts)
        case other:
            raise TypeError(f"an inspection cannot end as {type(other).__name__}")


def _numbers(guess: Estimate) -> dict[str, Any]:
    return {
        "compressed_size": guess.compressed_size,
        "low": guess.low,
        "high": guess.high,
        "time_ms": guess.time_ms,
        "basis": guess.basis,
        "sample_count": guess.sample_count,
    }


def _json(one: Predicted) -> dict[str, Any]:
    return {
        "type": "estimate",
        "path": str(one.path),
        "input_format": one.input_format,
        "output_format": one.output_format,
        "original_size": one.original_size,
        **_numbers(one.estimate),
        "traits": list(one.traits),
        "losses": list(one.losses),
        "reason": one.reason,
    }


def _text(one: Predicted) -> str:
    name = shown(shown_name(one.path))
    if one.reason == "would_lose":
        return f"{name}: would be kept, since it would lose {trait_names(one.losses)}."
    if one.reason is not None:
        return f"{name}: would be kept; Plume reads {one.input_format} but does not write it. Choose a --format."
    guess = one.estimate
    lost = f", without {trait_names(one.losses)}" if one.losses else ""
    return (
        f"{name}: {size_text(one.original_size)} -> about {size_text(guess.compressed_size)}"
        f" ({size_text(guess.low)} to {size_text(guess.high)}){lost}"
    )


def _total_text(files: int, original_size: int, guess: Estimate, *, failed: int, ignored: int) -> str:
    counted = [f"{number} {word}" for number, word in ((failed, "failed"), (ignored, "ignored")) if number]
    if not files:
        return f"{', '.join(counted)}." if failed else nothing_text(ignored)
    return (
        f"{', '.join([files_text(files), *counted])}, {size_text(original_size)}"
        f" -> about {size_text(guess.compressed_size)} ({size_text(guess.low)} to {size_text(guess.high)}). {_BASIS[guess.basis]}"
    )


_BASIS = {
    TYPICAL: "Judged by what such files usually give.",
    LEARNED: "Judged by your own results with such files.",
    MEASURED: "Tried on parts of each picture.",
    MIXED: "Some tried on parts of the picture, some judged by their header.",
}
