"""How an ending is told: the line for people and programs, and the row for the history. Nearly pure."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from plume_app.database.queries.results import JobResult, StatsRow
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Kept, Reason
from plume_app.domain.file.disk import disk_bytes
from plume_app.jobs.items import AlreadyDone, Ending, Item, Refused, Stopped
from plume_app.jobs.messages import Done
from plume_app.jobs.prediction import Prediction
from plume_app.jobs.results import CANCELLED, FAILED, KEPT, WRITTEN, FileResult
from plume_app.jobs.targets import Standing, Target

_WEIGHED = (Reason.NOT_SMALLER, Reason.BELOW_MIN_SAVINGS)  # kept after a real encode: worth a row of statistics
Told = tuple[FileResult, JobResult]


def told(
    item: Item, ending: Ending, settings: Settings, *, target: Target | None, result_hash: str | None, replaced: bool
) -> Told:
    """The line and the row for one file. `target` is where its bytes stand now, None where nothing was written."""
    match ending:
        case Refused():
            return _refused(item, ending)
        case Stopped():
            return FileResult(item.path, CANCELLED, job_id=item.job_id), JobResult(item.job_id, CANCELLED)
        case AlreadyDone():
            return _already_done(item, ending, settings, target, result_hash)
        case Done():
            return _done(item, ending, settings, target, result_hash, replaced)


def _refused(item: Item, ending: Refused) -> Told:
    source = item.source
    line = FileResult(
        item.path,
        FAILED,
        error_code=ending.code,
        facts=ending.facts,
        input_format=source.header.format if source else None,
        original_size=source.facts.size if source else None,
        job_id=item.job_id,
    )
    return line, JobResult(item.job_id, FAILED, error_code=ending.code)


def _already_done(
    item: Item, ending: AlreadyDone, settings: Settings, target: Target | None, result_hash: str | None
) -> Told:
    source = item.source
    size = source.facts.size if source else 0
    fmt = source.header.format if source else None
    path = ending.output_path or (target.path if target else None)
    line = FileResult(
        item.path,
        KEPT,
        path,
        fmt,
        None if fmt is None else settings.output_format_of(fmt),
        size,
        size if ending.compressed_size is None else ending.compressed_size,
        reason=Reason.ALREADY_DONE.value,
        job_id=item.job_id,
    )
    row = JobResult(
        item.job_id,
        KEPT,
        Reason.ALREADY_DONE.value,
        output_path=_encoded(target.path if target else None),
        source_hash=source.sha256 if source else None,
        result_hash=result_hash,
        settings_hash=settings.digest(),
        original_size=size,
        compressed_size=line.compressed_size,
        replaces=False,
    )
    return line, row


def _done(
    item: Item, done: Done, settings: Settings, target: Target | None, result_hash: str | None, replaced: bool
) -> Told:
    assert item.source is not None  # noqa: S101 - a worker answered, so it was read
    size = item.source.facts.size
    reason = done.verdict.reason if isinstance(done.verdict, Kept) else None
    if reason is None and target is not None and target.standing is Standing.SAME:
        reason = Reason.ALREADY_DONE
    already = reason is Reason.ALREADY_DONE
    compressed = len(done.data) if done.data is not None and (reason is None or already) else size
    path = target.path if target else None
    state = WRITTEN if reason is None else KEPT
    line = FileResult(
        item.path,
        state,
        path,
        done.input_format,
        done.output_format,
        size,
        compressed,
        done.duration_ms,
        reason.value if reason else None,
        losses=done.losses,
        # A complete folder has a copy without them; only where that could not be made do they stay.
        private_data_kept=done.private_data_kept and (target is None or done.data is None),
        job_id=item.job_id,
    )
    stats, guess = None, item.prediction
    if reason is None or reason in _WEIGHED:
        stats = StatsRow(
            done.input_format,
            done.output_format,
            size,
            compressed,
            done.duration_ms,
            None if settings.lossless else settings.quality,
            settings.lossless,
            settings.effort,
            done.header.width,
            done.header.height,
            done.codec_version,
            original_disk_size=item.source.disk_bytes,
            compressed_disk_size=disk_bytes(path) if reason is None and path else item.source.disk_bytes,
            **_shown(guess),
            features=guess.to_json() if guess else None,
        )
    row = JobResult(
        item.job_id,
        state,
        line.reason,
        output_path=_encoded(path),
        source_hash=item.source.sha256,
        result_hash=result_hash,
        settings_hash=settings.digest(),
        original_size=size,
        compressed_size=compressed,
        replaces=replaced,
        stats=stats,
    )
    return line, row


def _shown(guess: Prediction | None) -> dict[str, Any]:
    """What the user saw before the run: only that can have been wrong."""
    if guess is None or not guess.shown:
        return {}
    one = guess.estimate
    return {
        "predicted_size": one.compressed_size,
        "predicted_low": one.low,
        "predicted_high": one.high,
        "predicted_time_ms": one.time_ms,
        "prediction_basis": one.basis,
    }


def _encoded(path: Path | None) -> bytes | None:
    return None if path is None else os.fsencode(path)
