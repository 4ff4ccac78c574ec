"""From found files to jobs: read, recognise, refuse what is too large, skip what is done, hand to the pool.

Runs in a thread of its own, so that the next file is read while others encode. It reads bytes and decodes none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Protocol

from plume_app.database.connection import Database
from plume_app.database.queries.batches import add_jobs
from plume_app.domain.compression.codecs import header_readers, writable_codecs
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.disk import disk_bytes
from plume_app.domain.file.found import Candidate, Found, Ignored, Problem
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.header import Header, read_header
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import PlumeError
from plume_app.jobs.budget import expected_bytes
from plume_app.jobs.done_before import done_before
from plume_app.jobs.items import Ending, Item, Refused, Source, Stopped
from plume_app.jobs.messages import Job, Outcome
from plume_app.jobs.names import Names
from plume_app.jobs.prediction import Prediction, from_header
from plume_app.jobs.targets import RecordedAt

_FIRST_CHUNKS = (1, 4, 16)  # the first file starts at once; later ones share their transactions
_CHUNK_FILES = 64
_PREPARED_FILES = 2000  # in one transaction: other writers wait for about 10 ms


class PoolPort(Protocol):
    """What a batch needs of the pool."""

    def submit(self, job: Job, may_begin: Callable[[], bool], /) -> Future[Outcome]:
        """Takes a job, waiting for room; the future never raises. It is not begun while `may_begin` says no."""

    def look_again(self) -> None:
        """Asks `may_begin` of those that wait."""

    def cancel_all(self) -> None:
        """Ends every job that was taken, within a second."""


class Feeder:
    """Feeds one batch. `begun` hears of each file, `end` of those without a worker, `sent` of the others, and
    `read` before it, as soon as one waits for a worker; the pool asks `may_begin` before one gets it."""

    def __init__(
        self,
        *,
        db: Database,
        pool: PoolPort,
        batch_id: int,
        settings: Settings,
        names: Names,
        limits: Limits,
        recorded_at: RecordedAt,
        go_on: Callable[[], bool],
        stopped: Callable[[], bool],
        end: Callable[[Item, Ending], None],
        sent: Callable[[Item, Future[Outcome]], None],
        settings_for: Callable[[Path], Settings] | None = None,
        predicted: Callable[[Path], Prediction | None] = lambda _path: None,
        wanted: Callable[[Path], bool] = lambda _path: True,
        begun: Callable[[int, Path], None] = lambda _job_id, _path: None,
        read: Callable[[int, Path], None] = lambda _job_id, _path: None,
        may_begin: Callable[[], bool] = lambda: True,
    ) -> None:
        self.db = db
        self.pool = pool
        self.batch_id = batch_id
        self.settings_for = settings_for or (lambda _path: settings)
        self.names = names
        self.limits = limits
        self.recorded_at = recorded_at
        self.go_on = go_on
        self.stopped = stopped
        self.predicted = predicted
        self.wanted = wanted
        self.begun = begun
        self.read = read
        self.may_begin = may_begin
        self.end = end
        self.sent = sent
        self.ignored = 0
        self.not_begun = 0  # files with a row of their own that nobody asked about after the stop

    def feed(self, found: Iterable[Found]) -> None:
        """All of `found`, in order; `go_on` is asked once before each file, `stopped` after each chunk.

        Of a sequence every file is in the journal before the first is begun, so that a later session can go on, and
        names are claimed in the order of the paths; a stream has both as it comes.
        """
        known: Iterator[int] | None = None
        if isinstance(found, Sequence):
            known = iter(self._prepare([one for one in found if not isinstance(one, Ignored)]))
        for chunk in _chunks(found):
            wanted = [one for one in chunk if not isinstance(one, Ignored)]
            self.ignored += len(chunk) - len(wanted)
            job_ids = list(islice(known, len(wanted))) if known is not None else self._add_jobs(wanted)
            for job_id, one in zip(job_ids, wanted, strict=True):
                if not self.go_on() or not self.wanted(one.path):
                    self.end(Item(job_id, one.path), Stopped())
                elif isinstance(one, Problem):
                    self.end(Item(job_id, one.path), Refused.of(one.error))
                else:
                    self._feed_one(job_id, one)
            if self.stopped():  # not `go_on`: that takes a place between disk and disk, which only a file gives back
                self.not_begun = sum(1 for _ in known or ())
                return

    def _prepare(self, wanted: Sequence[Candidate | Problem]) -> list[int]:
        if self.names.claims is not None:
            candidates = [one for one in wanted if isinstance(one, Candidate)]
            for one in sorted(candidates, key=lambda one: os.fsencode(one.path)):
                self.names.claim(one, self.settings_for(one.path).output_format)
        starts = range(0, len(wanted), _PREPARED_FILES)
        return [job_id for at in starts for job_id in self._add_jobs(wanted[at : at + _PREPARED_FILES])]

    def _add_jobs(self, wanted: Sequence[Candidate | Problem]) -> list[int]:
        return add_jobs(self.db, self.batch_id, [os.fsencode(one.path) for one in wanted]) if wanted else []

    def _feed_one(self, job_id: int, candidate: Candidate) -> None:
        self.begun(job_id, candidate.path)
        item = Item(job_id, candidate.path, candidate)
        settings = self.settings_for(candidate.path)
        self.names.claim(candidate, settings.output_format)
        try:
            read = read_source(candidate.real_path, check_size=self.limits.check_file)
            header = header_in(read.data)
            item = Item(job_id, candidate.path, candidate, Source.of(read, header, disk_bytes(candidate.real_path)))
            if settings.output_format_of(header.format) in writable_codecs():  # the others are kept, never decoded
                self.limits.check_header(header)
            done = done_before(self.db, self.names, self.recorded_at, candidate, read.sha256, header.format, settings)
        except PlumeError as error:
            self.end(item, Refused.of(error))
            return
        if done is not None:
            self.end(item, done)
            return
        guess = self.predicted(candidate.path) or from_header(read.data, header, settings)
        item = replace(item, prediction=guess)
        job = Job(job_id, read.data, settings, expected_bytes(header, len(read.data)), self.limits)
        self.read(job_id, candidate.path)  # before a worker can say that it encodes
        self.sent(item, self.pool.submit(job, self.may_begin))


def header_in(data: bytes) -> Header:
    """What a file in memory says of itself, from at most 64 KB of it: the process of the user's files looks no further.

    Raises UnsupportedFormat, CorruptImage.
    """
    return read_header(lambda offset, size: data[offset : offset + size], len(data), header_readers())


def _chunks(found: Iterable[Found]) -> Iterator[Sequence[Found]]:
    sizes = iter(_FIRST_CHUNKS)
    size = next(sizes)
    chunk: list[Found] = []
    for one in found:
        chunk.append(one)
        if len(chunk) >= size:
            yield chunk
            chunk, size = [], next(sizes, _CHUNK_FILES)
    if chunk:
        yield chunk
