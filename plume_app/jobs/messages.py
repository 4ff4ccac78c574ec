"""What crosses the process border: bytes, settings, results. Never a path."""

from __future__ import annotations

from dataclasses import dataclass, field

from plume_app.domain.compression import curves
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Verdict
from plume_app.domain.image.header import Header
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.traits import Traits
from plume_app.domain.shared.errors import Facts
from plume_app.jobs.sandbox import Protections


@dataclass(frozen=True, slots=True)
class Job:
    """One picture to compress. `decoded_bytes` are those of `budget.expected_bytes`: for memory and deadline."""

    id: int
    data: bytes
    settings: Settings
    decoded_bytes: int
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Inspect:
    """One picture to look at only: its traits, and where `trial` is given what its encoder makes of it."""

    id: int
    data: bytes
    decoded_bytes: int
    trial: Settings | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """One picture to look at, as by `Inspect`, and to make a small picture of, within a square of `edge_px`."""

    id: int
    data: bytes
    edge_px: int
    decoded_bytes: int
    trial: Settings | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Preview:
    """One picture to compare with what `settings` make of it, at `region` (x, y, width, height; None: all of it).

    `key` names the bytes, so that a worker that has them decoded need not do it again. `whole`: encode all of
    it, and show what the result shows there. `before`: the original at that place is wanted too.
    """

    id: int
    key: str
    data: bytes
    settings: Settings
    region: tuple[int, int, int, int] | None
    scale: float
    whole: bool
    before: bool
    decoded_bytes: int
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Probe:
    """No picture: the question how well a worker is protected, for `plume doctor`."""

    id: int


@dataclass(frozen=True, slots=True)
class Done:
    """A picture was dealt with. `data` is the result when the verdict is `Written`.

    When it is `Kept`, `data` is a copy of the source with the metadata policy applied, for folders that
    are to be complete, or None where that copy would be the source itself. `private_data_kept` says
    that the kept source still has what the policy would remove.
    """

    id: int
    verdict: Verdict
    data: bytes | None
    input_format: str
    output_format: str
    header: Header
    traits: Traits
    losses: tuple[str, ...]
    private_data_kept: bool
    codec_version: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a worker found by looking. `features` and `probe` are there where a trial was asked for, and succeeded."""

    id: int
    header: Header
    traits: Traits
    features: Features | None = None
    probe: curves.Probe | None = None


@dataclass(frozen=True, slots=True)
class Thumbnailed:
    """What a worker found by looking, as in `Inspected`, and the small picture, of the type `mime`."""

    id: int
    picture: bytes
    mime: str
    header: Header
    traits: Traits
    features: Features | None = None
    probe: curves.Probe | None = None


@dataclass(frozen=True, slots=True)
class Previewed:
    """Two pictures of the type `mime`, of one place; see `domain.compression.preview.Preview` for the fields."""

    id: int
    width: int
    height: int
    mime: str
    before: bytes | None
    after: bytes | None
    exact: bool
    compressed_size: int | None
    output_format: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Probed:
    """The answer of a worker to `Probe`."""

    id: int
    protections: Protections


@dataclass(frozen=True, slots=True)
class Failed:
    """An expected failure, or `internal_error`; `code` and `facts` are those of `PlumeError`."""

    id: int
    code: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The user said stop; nothing was made."""

    id: int


Task = Job | Inspect | Thumbnail | Preview | Probe
Outcome = Done | Inspected | Thumbnailed | Previewed | Probed | Failed | Cancelled
