"""What is to be written for a file that has ended: which bytes, under which name, and over what. Writes nothing."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plume_app.database.queries.results import Intent
from plume_app.domain.compression.verdict import Kept, Reason, Written
from plume_app.domain.file.naming import FOLDER, staged_name
from plume_app.domain.file.reading import read_source
from plume_app.domain.shared.errors import SourceChanged, TargetUnwritable
from plume_app.jobs.in_place import InPlace
from plume_app.jobs.items import AlreadyDone, Ending, Item, Source
from plume_app.jobs.messages import Done
from plume_app.jobs.names import Names
from plume_app.jobs.targets import RecordedAt, Standing, Target, choose


@dataclass(slots=True)
class Plan:
    """One file to be written. `reason` is set for a kept file's copy; `target` changes when its name is lost."""

    item: Item
    source: Source
    data: bytes
    result_hash: str
    reason: str | None
    names: Iterator[Path]
    target: Target
    staged: Path

    @property
    def to_write(self) -> bool:
        """Is there something to write, or does the result stand there already?"""
        return self.target.standing is not Standing.SAME

    def intent(self, settings_hash: str, *, replaces: bool) -> Intent:
        """What the journal is to know of it first."""
        return Intent(
            self.item.job_id,
            os.fsencode(self.staged),
            os.fsencode(self.target.path),
            self.source.sha256,
            self.result_hash,
            replaces,
            settings_hash,
            self.source.facts.size,
            len(self.data),
            self.reason,
        )


class Planner:
    """Plans the files of one batch, group by group. `in_place` keeps originals, where they are to be replaced."""

    def __init__(self, names: Names, recorded_at: RecordedAt, in_place: InPlace | None) -> None:
        self.names = names
        self.recorded_at = recorded_at
        self.in_place = in_place
        self._promised: set[Path] = set()

    def begin_group(self) -> None:
        """Names that were promised so far are on the disk by now, or given up."""
        self._promised = set()

    def plan(self, item: Item, ending: Ending) -> Plan | None:
        """What to write for this ending; None where nothing is. In place the original is in the store afterwards.

        Raises SourceChanged, TargetUnwritable, and what `InPlace.keep` raises.
        """
        candidate, source = item.candidate, item.source
        what = self._copy_of(ending, source)
        if what is None or candidate is None or source is None:
            return None
        output_format, made, reason = what
        data = made if made is not None else _source_again(candidate.real_path, source)
        result_hash = hashlib.sha256(data).hexdigest()
        names = self.names.of(candidate, source.header.format, output_format)
        converts = output_format != source.header.format
        if self.in_place and converts and candidate.path.is_symlink():
            problem = "a link cannot follow a file to its new name"
            raise TargetUnwritable(folder=str(item.path.parent), problem=problem, what="source_link")
        if self.in_place and converts:  # undo removes what it names: never a file that stood there, whatever its bytes
            names = (name for name in names if not os.path.lexists(name))
        facts = self.in_place.keep(item, candidate.real_path, source) if self.in_place else None
        if facts is not None and not converts:
            target = Target(next(names), Standing.OWN, facts)
        else:
            target = self._choose(item, result_hash, names)
        return Plan(item, source, data, result_hash, reason, names, target, _staged(target.path))

    def take_next_name(self, plan: Plan) -> None:
        """The name was taken meanwhile: the next one, with a staged name beside it."""
        plan.target = self._choose(plan.item, plan.result_hash, plan.names)
        plan.staged = _staged(plan.target.path)

    def _copy_of(self, ending: Ending, source: Source | None) -> tuple[str, bytes | None, str | None] | None:
        """Format, bytes (None: the source's) and reason of what the output is to hold; None for nothing."""
        complete = self.names.output.policy == FOLDER
        match ending:
            case Done(verdict=Kept(reason=reason)) if complete:
                return ending.input_format, ending.data, reason.value
            case Done(verdict=Written()):
                return ending.output_format, ending.data, None
            case AlreadyDone(output_path=None) if complete and source is not None:
                return source.header.format, None, Reason.ALREADY_DONE.value
        return None

    def _choose(self, item: Item, result_hash: str, names: Iterator[Path]) -> Target:
        target = choose(
            names,
            source_path=item.path,
            result_hash=result_hash,
            recorded_at=self.recorded_at,
            claimed=self._promised.__contains__,
        )
        self._promised.add(target.path)
        if item.candidate is not None:
            self.names.took(item.candidate, target.path)
        return target


def _staged(target: Path) -> Path:
    return staged_name(target, secrets.token_hex(8))


def _source_again(path: Path, source: Source) -> bytes:
    """The source's bytes once more, for a complete folder; its first reading went to the worker."""
    read = read_source(path)
    if read.sha256 != source.sha256:
        raise SourceChanged()
    return read.data
