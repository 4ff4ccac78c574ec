"""`Header`, what a reader finds, and `Look`, how much of a file it may see while finding it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from plume_app.domain.shared.errors import CorruptImage

MAX_LOOK_BYTES = 65_536
HEAD_BYTES = 64  # every signature that a codec tests lies in here; tests/domain/image/test_header.py checks it
MAX_READS = 16_384  # a file made of tiny pieces costs calls, not bytes; this many take about 20 ms
_MAX_READS_IN_MEMORY = 2_000_000  # two seconds; four times what a 100 MB GIF of full data blocks takes
_FIRST_BYTES = 4_096  # one read that holds the whole header of most files

ReadAt = Callable[[int, int], bytes]
"""`read_at(offset, size)` gives at most `size` bytes from `offset`, fewer at the end."""

Endian = Literal["little", "big"]


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes say. `bits` is per channel (palette pictures: of the palette's colours, 8).

    `frames` is None where counting would cost more than the budget; `channels` includes alpha.
    """

    format: str
    width: int
    height: int
    channels: int = 3
    bits: int = 8
    frames: int | None = 1

    @property
    def pixels(self) -> int:
        """Pixels of one frame."""
        return self.width * self.height

    @property
    def decoded_bytes(self) -> int:
        """Bytes of the whole decoded picture, all frames: what memory limits and budgets count."""
        return self.pixels * self.channels * ((self.bits + 7) // 8) * max(1, self.frames or 1)


class BudgetSpent(Exception):
    """A reader wanted more of the file than `MAX_LOOK_BYTES` or `MAX_READS` allow."""


class Look:
    """A file seen through a budget: at most `max_bytes` bytes in at most `max_reads` reads.

    The first bytes are read once and given again for nothing. `at` and all that is built on it raise
    BudgetSpent, which `read_header` turns into CorruptImage where a reader does not; `exactly` and
    `number` raise CorruptImage where the file ends too early.
    """

    __slots__ = ("_bytes_left", "_first", "_read_at", "_reads_left", "size")

    def __init__(
        self, read_at: ReadAt, size: int, *, max_bytes: int = MAX_LOOK_BYTES, max_reads: int = MAX_READS
    ) -> None:
        first_bytes = min(size, _FIRST_BYTES, max_bytes)
        self._read_at = read_at
        self._first = read_at(0, first_bytes)[:first_bytes]
        self._bytes_left = max_bytes - first_bytes
        self._reads_left = max_reads - 1
        self.size = size

    @property
    def head(self) -> bytes:
        """The first bytes, at least `HEAD_BYTES` where the file has them."""
        return self._first

    def start(self) -> bytes:
        """The first `MAX_LOOK_BYTES` bytes, for a reader that wants plain bytes and nothing behind them."""
        return self._first + self.at(len(self._first), MAX_LOOK_BYTES - len(self._first))

    def at(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset`, fewer at the end of the file."""
        if offset < 0 or size <= 0 or offset >= self.size:
            return b""
        if offset + size <= len(self._first):
            return self._first[offset : offset + size]
        wanted = min(size, self.size - offset)
        if wanted > self._bytes_left or self._reads_left < 1:
            raise BudgetSpent
        self._bytes_left -= wanted
        self._reads_left -= 1
        return self._read_at(offset, wanted)[:wanted]

    def exactly(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`; raises CorruptImage where the file ends before."""
        found = self.at(offset, size)
        if len(found) < size:
            raise CorruptImage(problem="the file ends inside its header")
        return found

    def number(self, offset: int, size: int, endian: Endian) -> int:
        """The unsigned number of `size` bytes at `offset`; raises CorruptImage at the end of the file."""
        return int.from_bytes(self.exactly(offset, size), endian)


def sized(header: Header) -> Header:
    """The header itself; raises CorruptImage when it has no pixels."""
    if header.width < 1 or header.height < 1:
        raise CorruptImage(problem="the picture has no pixels")
    return header


def look_into(data: bytes) -> Look:
    """A look at a whole file in memory: bounded in time, not in bytes."""
    return Look(
        lambda offset, size: data[offset : offset + size],
        len(data),
        max_bytes=MAX_LOOK_BYTES + _MAX_READS_IN_MEMORY * len(data),
        max_reads=_MAX_READS_IN_MEMORY,
    )
