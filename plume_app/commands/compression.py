"""Estimates, batches and previews."""

from __future__ import annotations

from dataclasses import dataclass, field

from plume_app.bridge import command
from plume_app.context import AppContext
from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import invalid
from plume_app.wire import Empty, Estimate, EstimateTotal, Output, Region

MAX_ESTIMATES = 500  # rows of one question: more than any window shows


@dataclass(frozen=True, slots=True)
class GetEstimate:
    """Which rows (None: only the total), at which settings."""

    settings: Settings
    file_ids: list[int] | None = None
    overrides: dict[int, Settings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Estimates:
    """The estimates of the rows named, and the total of the list."""

    files: list[Estimate]
    total: EstimateTotal


@dataclass(frozen=True, slots=True)
class CompressImage:
    """Which rows (None: all that are not done), how, and where results go."""

    settings: Settings
    output: Output
    file_ids: list[int] | None = None
    overrides: dict[int, Settings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfBatch:
    """One batch."""

    batch_id: int


@dataclass(frozen=True, slots=True)
class OfFiles:
    """Some rows."""

    file_ids: list[int]


@dataclass(frozen=True, slots=True)
class GetPreview:
    """A place of one picture (None: all of it) at settings; `scale` is screen pixels per picture pixel."""

    file_id: int
    settings: Settings
    scale: float
    region: Region | None = None


@dataclass(frozen=True, slots=True)
class PreviewStarted:
    """The id that `preview_ready` will carry."""

    preview_id: str


@command
def get_estimate(context: AppContext, request: GetEstimate) -> Estimates:
    """Estimates for the files named, and the total of the list; what takes longer follows as `estimates_changed`."""
    named = request.file_ids or []
    if len(named) > MAX_ESTIMATES:
        raise invalid("file_ids", f"at most {MAX_ESTIMATES} ids", len(named))
    rows = [entry for file_id in named if (entry := context.files.find(file_id))]
    return Estimates(*context.predicting.ask(request.settings, request.overrides, rows))


@command
def compress_image(context: AppContext, request: CompressImage) -> OfBatch:
    """Queue work; it is told by `compression_progress`, `job_finished`, `batch_progress` and `batch_finished`."""
    output = context.preferences.output_policy(request.output)
    if request.file_ids is None:
        rows = context.desk.left_over(request.settings, output, request.overrides)
    else:
        rows = [context.files.get(file_id) for file_id in dict.fromkeys(request.file_ids)]
    return OfBatch(context.desk.start(rows, request.settings, output, request.overrides))


@command
def pause_batch(context: AppContext, request: OfBatch) -> Empty:
    """Begin no further file of the batch."""
    context.desk.pause(request.batch_id)
    return Empty()


@command
def resume_batch(context: AppContext, request: OfBatch) -> OfBatch:
    """Go on after `pause_batch`, or with what an earlier session left of a batch: then a new batch does it."""
    return OfBatch(context.desk.resume(request.batch_id))


@command
def cancel_batch(context: AppContext, request: OfBatch) -> Empty:
    """Stop the batch; what is written stays."""
    context.desk.cancel(request.batch_id)
    return Empty()


@command
def retry_failed(context: AppContext, request: OfBatch) -> OfBatch:
    """Queue what failed or was cancelled again, as a new batch; also of an earlier session."""
    return OfBatch(context.desk.retry_failed(request.batch_id))


@command
def cancel_jobs(context: AppContext, request: OfFiles) -> Empty:
    """Drop single files from the batches at work."""
    context.desk.cancel_jobs(request.file_ids)
    return Empty()


@command
def get_preview(context: AppContext, request: GetPreview) -> PreviewStarted:
    """Ask for pixels; they come as `preview_ready`, and a newer question silences this one."""
    found = context.studio.preview(request.file_id, request.settings, request.region, request.scale)
    return PreviewStarted(found)
