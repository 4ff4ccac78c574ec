"""One row of the list, and how the page gets it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import KEEP, Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits
from plume_app.wire import Estimate, Failure, FileRow, FileState

MAX_PROBES = 4  # kinds of result that a row remembers trials of
TrialKey = tuple[str, bool, str]  # output format, lossless, effort


@dataclass(eq=False, slots=True)
class Entry:
    """One file of the list. Paths are texts as `os.fsdecode` gives them; `real_path` is the file itself.

    Fields from `header` on become known later. Change them through `Files.update` only, and paths through `move`.
    """

    id: int
    path: str
    root: str | None
    real_path: str
    size: int
    mtime_ns: int
    name_key: str
    folder_key: str
    listed: bool = True
    header: Header | None = None
    traits: Traits | None = None
    features: Features | None = None
    probes: tuple[Probe, ...] = ()  # the newest last, `MAX_PROBES` at most
    tried: tuple[TrialKey, ...] = ()  # for what a worker was asked to try it, with or without success
    thumbnail: str | None = None
    looked: bool = False  # a worker has seen it, or never will
    state: FileState = "waiting"
    job_id: int | None = None
    progress: float = 0.0
    next_progress: float | None = None
    eta_ms: int | None = None
    output_path: str | None = None
    output_format: str | None = None
    compressed_size: int | None = None
    savings_percent: float | None = None
    compression_time_ms: int | None = None
    reason: str | None = None
    error: Failure | None = None
    losses: tuple[str, ...] = ()
    private_data_kept: bool = False
    came_from: tuple[tuple[int, str, str], ...] = ()  # batches that gave its file another name; path, real path before
    done_with: str | None = None  # settings and output that its state is the answer to

    @property
    def candidate(self) -> Candidate:
        """The file as the queue takes it."""
        root = None if self.root is None else Path(self.root)
        return Candidate(Path(self.path), root, Path(self.real_path), self.size, self.mtime_ns)

    def probe_for(self, settings: Settings) -> Probe | None:
        """What trying the encoder of these settings gave, if it was tried."""
        key = self.trial_key(settings)
        return next((one for one in self.probes if key is not None and one.answers(*key)), None)

    def trial_key(self, settings: Settings) -> TrialKey | None:
        """What a trial at these settings would be for; None while the file's own format is unknown."""
        target = settings.output_format
        if target == KEEP:
            if self.header is None:
                return None
            target = self.header.format
        return target, settings.lossless, settings.effort


def row_of(entry: Entry, estimate: Estimate | None) -> FileRow:
    """The row as the page gets it."""
    folder, name = os.path.split(entry.path)
    header = entry.header
    width, height = (header.width, header.height) if header else (None, None)
    if header and entry.traits and entry.traits.orientation in (5, 6, 7, 8):
        width, height = height, width  # as it is shown, not as it is stored
    return FileRow(
        file_id=entry.id,
        name=name,
        folder=folder,
        input_format=header.format if header else None,
        width=width,
        height=height,
        original_size=entry.size,
        thumbnail_url=f"t/{entry.thumbnail}" if entry.thumbnail else None,
        traits=sorted(entry.traits.names) if entry.traits else [],
        private=list(entry.traits.private) if entry.traits else [],
        state=entry.state,
        job_id=entry.job_id,
        progress=entry.progress,
        next_progress=entry.next_progress,
        eta_ms=entry.eta_ms,
        estimate=estimate,
        output_format=entry.output_format,
        compressed_size=entry.compressed_size,
        savings_percent=entry.savings_percent,
        compression_time_ms=entry.compression_time_ms,
        reason=entry.reason,
        error=entry.error,
        losses=list(entry.losses),
        private_data_kept=entry.private_data_kept,
    )
