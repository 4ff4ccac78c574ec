"""One file on its way: what the queue knows of it while its bytes are with a worker, and how it may end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plume_app.domain.file.attributes import Attributes
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.reading import FileFacts, SourceBytes
from plume_app.domain.image.header import Header
from plume_app.domain.shared.errors import Facts, PlumeError
from plume_app.jobs.messages import Done
from plume_app.jobs.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Source:
    """What was read, without the bytes: `sha256` is hex.

    `disk_bytes` is what the file takes on its disk, None where the system does not tell.
    """

    sha256: str
    facts: FileFacts
    attributes: Attributes
    header: Header
    disk_bytes: int | None = None

    @classmethod
    def of(cls, read: SourceBytes, header: Header, disk_bytes: int | None) -> Source:
        """The facts of a read file."""
        return cls(read.sha256, read.facts, read.attributes, header, disk_bytes)


@dataclass(frozen=True, slots=True)
class Item:
    """A job of the journal and its file; `path` is absolute, as the user named it."""

    job_id: int
    path: Path
    candidate: Candidate | None = None
    source: Source | None = None
    prediction: Prediction | None = None


@dataclass(frozen=True, slots=True)
class AlreadyDone:
    """Nothing to do: the input is a result itself (no `output_path`), or its result still stands there."""

    output_path: Path | None = None
    compressed_size: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An expected failure before or after the worker; the file is as it was."""

    code: str
    facts: Facts

    @classmethod
    def of(cls, error: PlumeError) -> Refused:
        """The failure as data."""
        return cls(error.code, error.facts)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The user said stop before this file was done."""


Ending = Done | AlreadyDone | Refused | Stopped
