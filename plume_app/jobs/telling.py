"""How the steps and ends of a batch become rows and events."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, cast

from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import PlumeError
from plume_app.events import CompressionProgress, Event, JobFinished, Stage, StatsChanged, Status
from plume_app.files import ACTIVE, Entry, Files
from plume_app.jobs.answered import done_key
from plume_app.jobs.following import follow_result
from plume_app.jobs.prediction import Prediction
from plume_app.jobs.results import FAILED, KEPT, WRITTEN, FileResult
from plume_app.jobs.run import STANDS, Run, progress_event
from plume_app.wire import Failure

_STATS_EVERY_S = 0.5  # who looks at the statistics asks the database anew each time


class Steps:
    """What the pool is given to tell a step to, before there is a desk."""

    def __init__(self) -> None:
        self.heard: Callable[[int, str], None] = lambda _job_id, _stage: None

    def __call__(self, job_id: int, stage: str) -> None:
        """A worker begins to encode or to verify."""
        self.heard(job_id, stage)


class Teller:
    """Used from the desk's thread, the queue's and the pool's; `lock` keeps a row and its event together."""

    def __init__(
        self,
        files: Files,
        emit: Callable[[Event], None],
        predicted: Callable[[Entry, Settings], Prediction | None],
        lock: threading.RLock,
    ) -> None:
        self._files = files
        self._emit = emit
        self._predicted = predicted
        self._lock = lock
        self._at_job: dict[int, tuple[Run, Entry]] = {}
        self._stats_told_at = 0.0

    def jobs_of(self, file_ids: Collection[int]) -> list[int]:
        """The jobs that are under way for these rows."""
        return [job_id for job_id, (_, entry) in list(self._at_job.items()) if entry.id in file_ids]

    def forget(self, run: Run) -> None:
        """The run has ended."""
        self._at_job = {job: pair for job, pair in self._at_job.items() if pair[0] is not run}
        run.rest()

    def heard_stage(self, job_id: int, stage: str) -> None:
        """A worker begins to encode or to verify."""
        known = self._at_job.get(job_id)
        if known is not None:
            self._tell(*known, job_id, stage)

    def step(self, run: Run, job_id: int, path: Path, stage: str) -> None:
        """The queue begins to read a file, has read it, or begins to save its result."""
        entry = run.at(path)
        if entry is not None:
            self._at_job[job_id] = (run, entry)
            self._tell(run, entry, job_id, stage)

    def _tell(self, run: Run, entry: Entry, job_id: int, stage: str) -> None:
        with self._lock:
            if entry.id in run.ended or entry.state not in ACTIVE:
                return  # a late word about a finished file is no news
            found = self._predicted(entry, run.settings_of(entry)) if stage == "encoding" else None
            eta_ms = found.estimate.time_ms if found else None
            event = progress_of(entry.id, job_id, stage, eta_ms, before=entry)
            self._files.update(
                entry,
                state=event.stage,
                job_id=job_id,
                progress=event.progress,
                next_progress=event.next_progress,
                eta_ms=eta_ms,
            )
            self._emit(event)

    def ended(self, run: Run, result: FileResult) -> None:
        """A file has come to its end."""
        entry = run.at(result.path)
        if entry is None:
            return
        with self._lock:
            run.add(entry, result)
            self._at_job.pop(result.job_id or 0, None)
            is_done = result.status in (WRITTEN, KEPT)
            key = done_key(run.settings_for(result.path), run.output) if is_done else None
            self._files.update(entry, done_with=key, **result_fields(result))
            follow_result(self._files, run, entry, result)
            self._emit(result_event(entry, result))
            self._emit(progress_event(run))
            if time.monotonic() - self._stats_told_at >= _STATS_EVERY_S:  # the end of the batch tells it in any case
                self._stats_told_at = time.monotonic()
                self._emit(StatsChanged())


def progress_of(file_id: int, job_id: int, stage: str, eta_ms: int | None, *, before: Entry) -> CompressionProgress:
    """The event for a step that begins; where a worker was lost and another begins anew, it stands where it stood."""
    progress, following = STANDS[stage]
    told = cast("Stage", "queued" if stage == "read" else stage)
    stands = max(progress, before.progress)
    return CompressionProgress(job_id, file_id, told, stands, max(following, before.next_progress or 0.0), eta_ms)


def result_fields(result: FileResult) -> dict[str, Any]:
    """What a row says of its end."""
    return {
        "state": result.status,
        "progress": 100.0 if result.status in (WRITTEN, KEPT) else 0.0,
        "next_progress": None,
        "eta_ms": None,
        "job_id": result.job_id,
        "output_path": None if result.output_path is None else os.fspath(result.output_path),
        "output_format": result.output_format,
        "compressed_size": result.compressed_size,
        "savings_percent": result.savings_percent,
        "compression_time_ms": result.compression_time_ms,
        "reason": result.reason,
        "error": _failure(result),
        "losses": result.losses,
        "private_data_kept": result.private_data_kept,
    }


def result_event(entry: Entry, result: FileResult) -> JobFinished:
    """The event for the end of a file."""
    return JobFinished(
        job_id=result.job_id,
        file_id=entry.id,
        status=cast("Status", result.status),
        output_path=None if result.output_path is None else os.fspath(result.output_path),
        input_format=result.input_format,
        output_format=result.output_format,
        original_size=entry.size if result.original_size is None else result.original_size,
        compressed_size=result.compressed_size,
        savings_percent=result.savings_percent,
        compression_time_ms=result.compression_time_ms,
        reason=result.reason,
        error=_failure(result),
        losses=list(result.losses),
        private_data_kept=result.private_data_kept,
    )


def _failure(result: FileResult) -> Failure | None:
    if result.status != FAILED or result.error_code is None:
        return None
    return Failure.of(PlumeError.of(result.error_code, result.facts))
