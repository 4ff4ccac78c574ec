"""`plume estimate` and `plume compress --dry-run`: what would come out, and how sure that is; nothing is written."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click

from plume_app.cli_estimate_lines import Predicted, estimate_json, estimate_text, numbers, total_text
from plume_app.cli_lines import failure_json, failure_text, json_line
from plume_app.cli_scan import shown_name
from plume_app.database.queries.results import is_result_path
from plume_app.domain.compression.codecs import writable_codecs
from plume_app.domain.compression.estimate import Estimate, total
from plume_app.domain.compression.forecast import forecast
from plume_app.domain.compression.learning import Learned
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Reason
from plume_app.domain.file.found import Candidate, Ignored, Problem
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.reading import read_source
from plume_app.domain.file.scan import scan
from plume_app.domain.image.header import Header
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.traits import Traits
from plume_app.domain.shared.errors import ImageTooLarge, PlumeError
from plume_app.jobs.done_before import done_before
from plume_app.jobs.feeding import header_in
from plume_app.jobs.items import AlreadyDone
from plume_app.jobs.messages import Failed, Inspect, Inspected, Outcome
from plume_app.jobs.names import Names
from plume_app.jobs.prediction import recall
from plume_app.jobs.targets import recorded
from plume_app.jobs.walk import scan_for
from plume_app.runtime import Runtime

_AHEAD = 32  # files that workers look at while earlier ones are told

DoneBefore = Callable[[Candidate, str, str], AlreadyDone | None]
"""Of a candidate, its hash and its format: what a run would find done."""

_Looked = Predicted | Ignored | Problem


class _Asked(NamedTuple):
    """A file of `size` bytes that a worker looks at."""

    path: Path
    size: int
    future: Future[Outcome]


def predict(path: Path, size: int, looked: Inspected, settings: Settings, learned: Learned) -> Predicted:
    """What the engine would make of this file, by what a worker saw of it and what the user's results teach. Pure."""
    header, traits = looked.header, looked.traits
    found = forecast(header, size, traits, settings, features=looked.features, probe=looked.probe, learned=learned)
    reason = Reason.NO_ENCODER if found.output_format is None else Reason.WOULD_LOSE if found.losses.blocking else None
    return Predicted(
        path,
        header.format,
        settings.output_format_of(header.format),
        size,
        found.estimate,
        tuple(sorted(traits.names)),
        found.losses.blocking or found.losses.announced,
        reason,
    )


def predict_paths(
    runtime: Runtime,
    paths: Sequence[Path],
    settings: Settings,
    output: OutputPolicy,
    *,
    as_json: bool,
    is_dry_run: bool = False,
) -> int:
    """Tells the prediction of every file and of all together; returns the exit status.

    A dry run knows where results would go, so it also tells what a run would find done.
    """
    predicted: list[Estimate] = []
    original_size = failed = ignored = 0
    with runtime.db.connection_context():
        learned = recall(runtime.db)
    done = _asking(runtime, output, settings) if is_dry_run else _never_done
    for one in _looked_at(runtime, paths, settings, output, learned, done):
        match one:
            case Ignored():
                ignored += 1
            case Problem(path, error):
                failed += 1
                line = json_line(failure_json(path, error)) if as_json else failure_text(shown_name(path), error)
                click.echo(line, err=not as_json)
            case Predicted(estimate=guess):
                predicted.append(guess)
                # As the run would sum it up: what was done before saved its bytes then.
                original_size += guess.compressed_size if one.reason == Reason.ALREADY_DONE else one.original_size
                click.echo(json_line(estimate_json(one)) if as_json else estimate_text(one))
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
                    **numbers(summed),
                }
            )
        )
    else:
        click.echo(total_text(len(predicted), original_size, summed, failed=failed, ignored=ignored))
    return 1 if failed else 0


def _asking(runtime: Runtime, output: OutputPolicy, settings: Settings) -> DoneBefore:
    db = runtime.db
    names = Names(output, lambda path: is_result_path(db, os.fsencode(path)))
    recorded_at = partial(recorded, db)

    def ask(candidate: Candidate, source_hash: str, input_format: str) -> AlreadyDone | None:
        with db.connection_context():
            return done_before(db, names, recorded_at, candidate, source_hash, input_format, settings)

    return ask


def _never_done(_candidate: Candidate, _source_hash: str, _input_format: str) -> None:
    """Of `plume estimate`, which asks what such files become."""


def _looked_at(
    runtime: Runtime,
    paths: Sequence[Path],
    settings: Settings,
    output: OutputPolicy,
    learned: Learned,
    done: DoneBefore,
) -> Iterator[_Looked]:
    """Every file in the order of the walk, while workers look at the next ones."""
    waiting: deque[_Asked | _Looked] = deque()
    for number, found in enumerate(scan(paths, scan_for(runtime.db, output, runtime.store.folder)), start=1):
        waiting.append(_sent(runtime, found, number, settings, done) if isinstance(found, Candidate) else found)
        if len(waiting) > _AHEAD:
            yield _answer(waiting.popleft(), settings, learned)
    while waiting:
        yield _answer(waiting.popleft(), settings, learned)


def _sent(
    runtime: Runtime, candidate: Candidate, number: int, settings: Settings, done: DoneBefore
) -> _Asked | _Looked:
    try:
        read = read_source(candidate.real_path, check_size=runtime.limits.check_file)
        header = header_in(read.data)
        output_format = settings.output_format_of(header.format)
        too_large = _too_large(runtime.limits, header)
        if too_large is not None and output_format in writable_codecs():  # the others are kept, never decoded
            return Problem(candidate.path, too_large)
        before = done(candidate, read.sha256, header.format)
    except PlumeError as error:
        return Problem(candidate.path, error)
    if before is not None:
        size = len(read.data) if before.compressed_size is None else before.compressed_size
        same, reason = Estimate(size, size, size, time_ms=0), Reason.ALREADY_DONE
        return Predicted(candidate.path, header.format, output_format, len(read.data), same, (), (), reason)
    if too_large is not None:
        return predict(candidate.path, len(read.data), Inspected(number, header, Traits()), settings, Learned())
    task = Inspect(number, read.data, header.decoded_bytes, settings, runtime.limits)
    return _Asked(candidate.path, len(read.data), runtime.pool.submit(task))


def _too_large(limits: Limits, header: Header) -> ImageTooLarge | None:
    try:
        limits.check_header(header)
    except ImageTooLarge as error:
        return error
    return None


def _answer(one: _Asked | _Looked, settings: Settings, learned: Learned) -> _Looked:
    if not isinstance(one, _Asked):
        return one
    match one.future.result():
        case Inspected() as looked:
            return predict(one.path, one.size, looked, settings, learned)
        case Failed(code=code, facts=facts):
            return Problem(one.path, PlumeError.of(code, facts))
        case other:
            raise TypeError(f"an inspection cannot end as {type(other).__name__}")
