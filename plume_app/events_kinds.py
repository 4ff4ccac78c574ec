"""What Python tells the page: one dataclass for each event.

To add one: a frozen dataclass here whose `NAME` the page listens for, in `ALL_EVENTS`, and the contract
generated anew. An event with a `key` is progress: of those that wait, only the newest of each key is told.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from plume_app.wire import Batch, Estimate, EstimateTotal, Failure, FileRow, ListSummary, Region

Status = Literal["written", "kept", "failed", "cancelled"]
Stage = Literal["queued", "reading", "encoding", "verifying", "saving", "written", "kept", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `key` is None for what must reach the page, or what a newer one of the key replaces."""

    NAME: ClassVar[str] = ""

    @property
    def key(self) -> Hashable | None:
        """What a newer event must share to replace this one while both wait."""
        return None

    @property
    def ends(self) -> Hashable | None:
        """The key of the progress that this event makes pointless."""
        return None


@dataclass(frozen=True, slots=True)
class FilesAdded(Event):
    """The list has `added` more rows (0: it changed in another way); fetch the visible ones again."""

    NAME: ClassVar[str] = "files_added"
    added: int
    list: ListSummary


@dataclass(frozen=True, slots=True)
class FilesChanged(Event):
    """Rows whose picture, size or badges became known; each replaces the row of its `file_id`."""

    NAME: ClassVar[str] = "files_changed"
    rows: list[FileRow]


@dataclass(frozen=True, slots=True)
class ScanProgress(Event):
    """Folders are being walked; the last one of a walk says `running: false`."""

    NAME: ClassVar[str] = "scan_progress"
    found: int
    ignored: int
    running: bool

    @property
    def key(self) -> Hashable | None:
        """Newest wins while it runs; its end is never lost."""
        return "scan" if self.running else None

    @property
    def ends(self) -> Hashable | None:
        """The end of a walk makes its progress pointless."""
        return None if self.running else "scan"


@dataclass(frozen=True, slots=True)
class EstimatesChanged(Event):
    """Predictions that were not known when `get_estimate` answered."""

    NAME: ClassVar[str] = "estimates_changed"
    files: list[Estimate] = field(default_factory=list)
    total: EstimateTotal | None = None

    @property
    def key(self) -> Hashable | None:
        """A newer total replaces an older one."""
        return None if self.files else "estimates"


@dataclass(frozen=True, slots=True)
class PreviewReady(Event):
    """Pixels of `get_preview`, made by a worker. `exact`: cut from the complete result, else a region alone."""

    NAME: ClassVar[str] = "preview_ready"
    preview_id: str
    file_id: int
    before_url: str | None
    after_url: str | None
    region: Region | None
    width: int
    height: int
    output_format: str | None
    original_size: int
    compressed_size: int | None
    estimate: Estimate | None
    reason: str | None
    error: Failure | None
    exact: bool


@dataclass(frozen=True, slots=True)
class CompressionProgress(Event):
    """A step of one file that begins; `next_progress` is where the following one stands."""

    NAME: ClassVar[str] = "compression_progress"
    job_id: int
    file_id: int
    stage: Stage
    progress: float
    next_progress: float | None
    eta_ms: int | None

    @property
    def key(self) -> Hashable | None:
        """The newest step of a file is the one to show."""
        return ("file", self.file_id)


@dataclass(frozen=True, slots=True)
class JobFinished(Event):
    """One file's end: the fields of the command line's JSON line, and the ids."""

    NAME: ClassVar[str] = "job_finished"
    job_id: int | None
    file_id: int
    status: Status
    output_path: str | None
    input_format: str | None
    output_format: str | None
    original_size: int
    compressed_size: int | None
    savings_percent: float | None
    compression_time_ms: int | None
    reason: str | None
    error: Failure | None
    losses: list[str]
    private_data_kept: bool

    @property
    def ends(self) -> Hashable | None:
        """No step of a finished file is told after its end."""
        return ("file", self.file_id)


@dataclass(frozen=True, slots=True)
class BatchProgress(Batch, Event):
    """How far a batch is; the fields of `Batch`."""

    NAME: ClassVar[str] = "batch_progress"

    @property
    def key(self) -> Hashable | None:
        """The newest numbers of a batch are the ones to show."""
        return ("batch", self.batch_id)


@dataclass(frozen=True, slots=True)
class BatchFinished(Event):
    """A batch's end. `undoable` counts the files that an undo would touch."""

    NAME: ClassVar[str] = "batch_finished"
    batch_id: int
    state: Literal["finished", "cancelled", "interrupted"]
    files: int
    written: int
    kept: int
    failed: int
    cancelled: int
    original_size: int
    compressed_size: int
    duration_ms: int
    undoable: int

    @property
    def ends(self) -> Hashable | None:
        """No progress is told after the end."""
        return ("batch", self.batch_id)


@dataclass(frozen=True, slots=True)
class StatsChanged(Event):
    """The statistics are not what they were."""

    NAME: ClassVar[str] = "stats_changed"

    @property
    def key(self) -> Hashable | None:
        """Once is enough."""
        return "stats"


@dataclass(frozen=True, slots=True)
class CloseRequested(Event):
    """The user closes the window while `files_left` files are not done; `answer_close` decides."""

    NAME: ClassVar[str] = "close_requested"
    files_left: int


@dataclass(frozen=True, slots=True)
class Notice(Event):
    """Something that the user should know; `code` names its sentence."""

    NAME: ClassVar[str] = "notice"
    code: str
    facts: dict[str, str | int | float]


ALL_EVENTS: tuple[type[Event], ...] = (
    FilesAdded,
    FilesChanged,
    ScanProgress,
    EstimatesChanged,
    PreviewReady,
    CompressionProgress,
    JobFinished,
    BatchProgress,
    BatchFinished,
    StatsChanged,
    CloseRequested,
    Notice,
)
