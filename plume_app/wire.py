"""The shapes that cross to the page, in both directions: dataclasses whose fields are the JSON keys.

Their names are the typedefs of `web/js/contract.js`, which build/contract.py makes of them. Sizes are bytes,
times milliseconds, percentages 0-100, moments UTC text. Unknown is None. Nothing here does anything but
`plain`, which turns a shape into JSON values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from typing import Any, Literal

from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import Facts, PlumeError
from plume_app.domain.shared.moments import moment_text

FileState = Literal[
    "waiting", "queued", "reading", "encoding", "verifying", "saving", "written", "kept", "failed", "cancelled"
]
FilterState = Literal["all", "waiting", "written", "kept", "failed"]
BatchState = Literal["running", "paused", "finished", "cancelled", "interrupted"]


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing to say but that it worked."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expected failure as data: the page builds its sentence from `code` and `facts`."""

    code: str
    message: str
    facts: Facts

    @classmethod
    def of(cls, error: PlumeError) -> Failure:
        """The failure that was raised."""
        return cls(error.code, str(error), error.facts)


OF_BATCH = "batch:"  # and the id of a batch: as a folder id, the folder that it wrote to


@dataclass(frozen=True, slots=True)
class Output:
    """Where results go. `folder_id` names a folder that `choose_output_folder` or the history gave.

    `folder_label` is for reading.
    """

    policy: Literal["suffix", "folder", "in_place"] = "suffix"
    suffix: str = "_compressed"
    folder_id: str | None = None
    folder_label: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one file would become; sizes None where the header is not known yet. `blocking` keeps it: `would_lose`."""

    file_id: int
    compressed_size: int | None
    low: int | None
    high: int | None
    time_ms: int | None
    basis: str | None
    sample_count: int
    losses: list[str]
    blocking: list[str]


@dataclass(frozen=True, slots=True)
class EstimateTotal:
    """The list together; `time_ms` is wall time with all workers. None where not every file is known yet.

    `original_size` is that of the same files: what cannot be opened or failed is in neither sum.
    """

    compressed_size: int | None = None
    low: int | None = None
    high: int | None = None
    time_ms: int | None = None
    original_size: int | None = None


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row of the list. `private` and `traits` are None-less: empty until a worker has looked."""

    file_id: int
    name: str
    folder: str
    input_format: str | None
    width: int | None
    height: int | None
    original_size: int
    thumbnail_url: str | None
    traits: list[str]
    private: list[str]
    state: FileState
    job_id: int | None
    progress: float
    next_progress: float | None
    eta_ms: int | None
    estimate: Estimate | None
    output_format: str | None
    compressed_size: int | None
    savings_percent: float | None
    compression_time_ms: int | None
    reason: str | None
    error: Failure | None
    losses: list[str]
    private_data_kept: bool


@dataclass(frozen=True, slots=True)
class ListSummary:
    """The list in numbers; `active` is queued and at work."""

    files: int
    original_size: int
    waiting: int
    active: int
    written: int
    kept: int
    failed: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: `text` in name or folder, case ignored, and a state (`waiting` counts active ones too)."""

    text: str = ""
    state: FilterState = "all"


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle in pixels of the upright picture."""

    x: int
    y: int
    width: int
    height: int

    def within(self, width: int, height: int) -> Region:
        """The part of it that lies in a picture of that size; at least one pixel."""
        left, top = max(0, min(self.x, width - 1)), max(0, min(self.y, height - 1))
        right, bottom = min(width, self.x + self.width), min(height, self.y + self.height)
        return Region(left, top, max(1, right - left), max(1, bottom - top))


@dataclass(frozen=True, slots=True)
class Batch:
    """How far a batch is. Sizes are sums over the files that are done; `eta_ms` None until there is a pace."""

    batch_id: int
    state: BatchState
    done: int
    total: int
    original_size: int
    compressed_size: int
    total_size: int | None
    predicted_size: int | None
    eta_ms: int | None


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings with a name; built-in ones cannot be deleted."""

    preset_id: str
    name: str
    built_in: bool
    settings: Settings


@dataclass(frozen=True, slots=True)
class Format:
    """A codec of the registry. `quality_min` and `quality_max` bound the one scale, 1-100."""

    name: str
    label: str
    extensions: list[str]
    can_write: bool
    lossless: bool
    lossy: bool
    quality_min: int
    quality_max: int


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the user chose for good. `workers` None: as many as there are processors; it counts from the next start."""

    settings: Settings = field(default_factory=Settings)
    output: Output = field(default_factory=Output)
    workers: int | None = None
    processors: int = 1
    undo_days: int = 30
    undo_limit: int = 20_000_000_000
    theme: Literal["system", "light", "dark"] = "system"
    language: Literal["system", "en", "fr"] = "system"
    system_language: str = "en"
    text_percent: int = 100


@dataclass(frozen=True, slots=True)
class ScanState:
    """A walk that is under way, or the last one."""

    found: int
    ignored: int
    running: bool


def plain(value: Any) -> Any:
    """`value` as JSON values: shapes become objects, settings their own JSON, moments UTC text."""
    if isinstance(value, Settings):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, datetime):
        return moment_text(value)
    return value
