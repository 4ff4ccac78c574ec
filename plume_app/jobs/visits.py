"""What a worker is asked about a row of the list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.limits import Limits
from plume_app.files import Entry
from plume_app.jobs.messages import Inspect, Thumbnail

EDGE_PX = 128  # twice the list's thumbnails, for dense screens


@dataclass(frozen=True, slots=True)
class Visit:
    """To try the encoder of `trial` on a row's picture, to make a small one of it, or both."""

    entry: Entry
    trial: Settings | None
    thumbnail: bool = False


def task_of(visit: Visit, task_id: int, limits: Limits) -> Thumbnail | Inspect:
    """The file read, and what to do with it. Raises what `read_source` raises."""
    entry = visit.entry
    read = read_source(Path(entry.real_path), check_size=limits.check_file)
    decoded_bytes = entry.header.decoded_bytes if entry.header else 0
    if visit.thumbnail:
        return Thumbnail(task_id, read.data, EDGE_PX, decoded_bytes, visit.trial, limits)
    return Inspect(task_id, read.data, decoded_bytes, visit.trial, limits)
