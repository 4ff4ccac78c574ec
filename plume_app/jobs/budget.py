"""How much memory and time a task may take: pure arithmetic on what is known of it before it starts.

The factors were measured with pictures of 12 megapixels (36 MB decoded), every pair of formats, efforts
fast and balanced, a new worker each time: the highest resident memory and address space over those of a
worker at rest, divided by the decoded bytes. The table in `_peak_factor` holds what was found, rounded up.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from plume_app.domain.compression.codecs import codec_for
from plume_app.domain.compression.settings import KEEP
from plume_app.domain.image.header import HEAD_BYTES, Header
from plume_app.domain.image.limits import MAX_DECODED_BYTES
from plume_app.jobs.messages import Inspect, Job, Preview, Probe, Task, Thumbnail

MAX_IN_FLIGHT_BYTES = 64_000_000  # file bytes between `submit` and outcome; a larger file travels alone
MEMORY_FLOOR = 512_000_000  # a machine that has less still compresses, one picture at a time
MEMORY_CEILING = 4_000_000_000  # more pictures at once than fit in this gain nothing
TASK_BASE = 24_000_000  # a worker's own memory beside the picture; it shares the rest with the fork server

# Address space is not memory: libraries reserve more than they touch. A worker at rest has 0.2 GB.
ADDRESS_BASE = 1_000_000_000
ADDRESS_PER_PEAK = 2  # 1.9 at most was measured

DEADLINE_BASE_S = 30.0  # a slow machine, a cold start, a suspended laptop
DEADLINE_PER_MEGABYTE_S = 4.0  # of decoded picture, at "balanced"; the slowest (PNG) took 0.2 on one quiet core
DEADLINE_EFFORT = {"fast": 0.5, "balanced": 1.0, "max": 4.0}
DEADLINE_INSPECT = 0.2

UNCOUNTED_RATIO = 32  # decoded bytes per byte of a long animation: 4 a pixel, and a GIF takes about one bit

SMALL_BYTES = 2_000_000  # decoded; a task this small may wait in a busy worker's pipe: it is never long


def expected_bytes(header: Header, file_size: int) -> int:
    """Decoded bytes to plan with: the header's, or a guess from the file's size where it left its frames uncounted."""
    if header.frames is not None:
        return header.decoded_bytes
    return max(header.decoded_bytes, min(UNCOUNTED_RATIO * file_size, MAX_DECODED_BYTES))


def _decoded_bytes(task: Task) -> int:
    return 0 if isinstance(task, Probe) else max(0, task.decoded_bytes)


def file_bytes(task: Task) -> int:
    """The bytes that travel with a task."""
    return 0 if isinstance(task, Probe) else len(task.data)


def peak_bytes(task: Task) -> int:
    """The memory a worker takes for a task, over what it takes at rest."""
    return TASK_BASE + int(_peak_factor(task) * _decoded_bytes(task)) + 2 * file_bytes(task)


def _peak_factor(task: Task) -> float:
    """The most memory taken per byte of the decoded picture."""
    if isinstance(task, Probe) or (isinstance(task, Inspect | Thumbnail) and task.trial is None):
        return 2.0  # metadata and structure only; some readers decode a frame
    source = codec_for(task.data[:HEAD_BYTES])
    whole = 3.5 if source is not None and source.name == "webp" else 0.0  # libwebp decodes all of it at once
    if isinstance(task, Inspect | Thumbnail):
        return 3.0 + whole  # held decoded; what is encoded of it is small
    target = task.settings.output_format if task.settings.output_format != KEEP else source and source.name
    remembered = 2.0 if isinstance(task, Preview) else 0.0  # the source and its result stay decoded
    match target, task.settings.lossless:
        case "jpeg", _:
            factor = 4.5
        case "png", _:
            factor = 5.5
        case "webp", False:
            factor = 4.0
        case "webp", True:
            factor = 12.0
        case _:
            factor = 8.0  # another package's codec, of which nothing is known
    return factor + remembered + whole  # the other decoders stream


def address_bytes(task: Task, *, alone: bool) -> int:
    """The address space a task may take; a second try, alone, is given all that any task may have."""
    return most_address_bytes() if alone else ADDRESS_BASE + ADDRESS_PER_PEAK * peak_bytes(task)


@cache
def most_address_bytes() -> int:
    """What no task may go beyond, whatever a picture's header says: this machine's memory, in most cases."""
    largest = ADDRESS_BASE + ADDRESS_PER_PEAK * (TASK_BASE + 6 * MAX_DECODED_BYTES)
    return max(2 * ADDRESS_BASE, min(largest, _memory_of_machine() or largest))


def deadline_s(task: Task) -> float:
    """After how many seconds of work a task is given up: generous, since it only ends what hangs."""
    effort = DEADLINE_EFFORT[task.settings.effort] if isinstance(task, Job | Preview) else DEADLINE_INSPECT
    return DEADLINE_BASE_S + DEADLINE_PER_MEGABYTE_S * effort * _decoded_bytes(task) / 1_000_000


def is_small(task: Task) -> bool:
    """Whether a task is so short that it may queue behind another in one worker."""
    if isinstance(task, Job | Preview) and task.settings.effort == "max":
        return False
    return isinstance(task, Job | Inspect | Thumbnail | Preview) and _decoded_bytes(task) <= SMALL_BYTES


@dataclass(frozen=True, slots=True)
class Budget:
    """What all workers may take together. One task always fits when nothing else runs."""

    memory_bytes: int

    def fits(self, more_bytes: int, running_bytes: int) -> bool:
        """Whether a task that takes `more_bytes` may start beside others that take `running_bytes`."""
        return running_bytes == 0 or running_bytes + more_bytes <= self.memory_bytes


def default_memory_bytes() -> int:
    """Half of the memory that is free now, within reason; also where a container has less than its machine."""
    free = min(filter(None, (_free_memory(), _limit_of_container())), default=2 * MEMORY_CEILING)
    return max(MEMORY_FLOOR, min(MEMORY_CEILING, free // 2))


def _memory_of_machine() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None


def _free_memory() -> int | None:
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    whole = _memory_of_machine()
    return whole // 2 if whole is not None else None


def _limit_of_container() -> int | None:
    limit = _read("/sys/fs/cgroup/memory.max").strip()
    return int(limit) if limit.isdigit() else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
