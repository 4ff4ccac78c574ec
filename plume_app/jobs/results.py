"""What became of one file, and of a batch: the fields of the contract's lines and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from plume_app.domain.compression.verdict import Reason
from plume_app.domain.shared.errors import Facts

WRITTEN, KEPT, FAILED, CANCELLED = "written", "kept", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file's end. Sizes in bytes, None where unknown; `path` is absolute, as the user named it.

    `reason` is set for "kept", `error_code` and `facts` for "failed". A kept file's `compressed_size`
    is its own size, or for `already_done` that of the result at `output_path`.
    """

    path: Path
    status: str
    output_path: Path | None = None
    input_format: str | None = None
    output_format: str | None = None
    original_size: int | None = None
    compressed_size: int | None = None
    compression_time_ms: int = 0
    reason: str | None = None
    error_code: str | None = None
    facts: Facts = field(default_factory=dict)
    losses: tuple[str, ...] = ()
    private_data_kept: bool = False
    job_id: int | None = None

    @property
    def weighed(self) -> tuple[int, int]:
        """What it adds to the sums of its batch, before and after: nothing is saved where it was done already."""
        if self.status not in (WRITTEN, KEPT):
            return 0, 0
        after = self.compressed_size or 0
        return after if self.reason == Reason.ALREADY_DONE.value else self.original_size or 0, after

    @property
    def savings_percent(self) -> float | None:
        """0-100, one decimal; negative when a conversion grew; None where nothing was weighed."""
        if not self.original_size or self.compressed_size is None:
            return None
        return round(100 * (1 - self.compressed_size / self.original_size), 1)


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch's end. Sizes are sums over written and kept files, in bytes, as `FileResult.weighed` has them."""

    batch_id: int | None = None
    files: int = 0
    written: int = 0
    kept: int = 0
    failed: int = 0
    cancelled: int = 0
    ignored: int = 0
    original_size: int = 0
    compressed_size: int = 0
    duration_ms: int = 0


class Tally:
    """Adds up file results; one per batch."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys((WRITTEN, KEPT, FAILED, CANCELLED), 0)
        self.original_size = 0
        self.compressed_size = 0

    def add(self, result: FileResult) -> None:
        """Count one file; only written and kept files weigh. What was done already saved its bytes in another run."""
        self.counts[result.status] += 1
        before, after = result.weighed
        self.original_size += before
        self.compressed_size += after

    def summary(self, batch_id: int | None, *, ignored: int, duration_ms: int) -> Summary:
        """The sums so far."""
        counts = self.counts
        return Summary(
            batch_id,
            sum(counts.values()),
            counts[WRITTEN],
            counts[KEPT],
            counts[FAILED],
            counts[CANCELLED],
            ignored,
            self.original_size,
            self.compressed_size,
            duration_ms,
        )
