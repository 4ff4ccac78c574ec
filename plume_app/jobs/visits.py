"""What a worker is asked about a row of the list, and which row is next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.limits import Limits
from plume_app.files import Entry
from plume_app.jobs.messages import Cancelled, Inspect, Outcome, Thumbnail

AT_ONCE = 4  # visits under way: enough to keep a worker busy, few enough that what is visible comes first
EDGE_PX = 128  # twice the list's thumbnails, for dense screens


@dataclass(frozen=True, slots=True)
class Visit:
    """To try the encoder of `trial` on a row's picture, to make a small one of it, or both."""

    entry: Entry
    trial: Settings | None
    thumbnail: bool = False
    real_path: str = field(init=False)  # the file that is visited: the row may follow another one meanwhile

    def __post_init__(self) -> None:
        object.__setattr__(self, "real_path", self.entry.real_path)

    def of_its_row(self, outcome: Outcome) -> Outcome:
        """The outcome, or that there is none for the row as it is now."""
        return outcome if self.entry.real_path == self.real_path else Cancelled(outcome.id)


def task_of(visit: Visit, task_id: int, limits: Limits) -> Thumbnail | Inspect:
    """The file read, and what to do with it. Raises what `read_source` raises."""
    entry = visit.entry
    read = read_source(Path(visit.real_path), check_size=limits.check_file)
    decoded_bytes = entry.header.decoded_bytes if entry.header else 0
    if visit.thumbnail:
        return Thumbnail(task_id, read.data, EDGE_PX, decoded_bytes, visit.trial, limits)
    return Inspect(task_id, read.data, decoded_bytes, visit.trial, limits)


def needs_header(entry: Entry) -> bool:
    """Is nothing known of it yet?"""
    return entry.header is None and not entry.looked and entry.listed


def next_visible(
    visible: Sequence[Entry], under_way: Collection[int], wanted: Callable[[Entry], Settings | None]
) -> Entry | Visit | None:
    """Headers (an entry whose own is to be read), then pictures, then trials, each from the top of what is visible."""
    untried: Visit | None = None
    for entry in visible:
        if needs_header(entry):
            return entry
        if entry.id in under_way or len(under_way) >= AT_ONCE:
            continue
        if not entry.looked:
            return Visit(entry, wanted(entry), thumbnail=True)
        trial = wanted(entry) if untried is None else None
        untried = untried if trial is None else Visit(entry, trial)
    return untried
