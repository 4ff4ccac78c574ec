"""Intend, stage, commit, record: what the worker made becomes a file, and the journal always knows more than the disk.

Files that end together are saved together: one transaction says what is about to happen to all of them, one
says what happened. A failure costs the file it concerns.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries.batches import record_folders
from plume_app.database.queries.results import Intent, intend, record
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Kept, Reason, Written
from plume_app.domain.file import atomic
from plume_app.domain.file.folders import check_room, make_folders, remove_folders
from plume_app.domain.file.naming import FOLDER, IN_PLACE, staged_name
from plume_app.domain.file.reading import read_source
from plume_app.domain.shared.errors import PlumeError, SourceChanged, TargetUnwritable
from plume_app.jobs.endings import Told, told
from plume_app.jobs.in_place import InPlace
from plume_app.jobs.items import AlreadyDone, Ending, Item, Refused, Source
from plume_app.jobs.messages import Done
from plume_app.jobs.names import Names
from plume_app.jobs.results import FileResult
from plume_app.jobs.targets import RecordedAt, Standing, Target, choose
from plume_app.jobs.undo_store import UndoStore


@dataclass(slots=True)
class _Plan:
    """One file to be written: which bytes, where, and over what. `reason` is set for a kept file's copy."""

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
        return self.target.standing is not Standing.SAME


class Saver:
    """Saves the results of one batch; used by one thread. `folders` are those that were written to."""

    def __init__(
        self,
        db: Database,
        store: UndoStore,
        batch_id: int,
        settings_for: Callable[[Path], Settings],
        names: Names,
        recorded_at: RecordedAt,
    ) -> None:
        self.db = db
        self.recorded_at = recorded_at
        self.batch_id = batch_id
        self.settings_for = settings_for
        self.names = names
        self.in_place = InPlace(db, store) if names.output.policy == IN_PLACE else None
        self.folders: set[Path] = set()
        self._promised: set[Path] = set()  # names of the group that is being saved

    def save(self, group: Sequence[tuple[Item, Ending]]) -> list[FileResult]:
        """Brings every file of `group` to its end; the answer is in the same order."""
        endings: list[tuple[Item, Ending, _Plan | None]] = []
        self._promised = set()
        for item, ending in group:
            try:
                plan = self._plan(item, ending)
            except PlumeError as error:
                endings.append((item, Refused.of(error), None))
                continue
            endings.append((item, ending, plan))
        self._intend([plan for _, _, plan in endings if plan and plan.to_write])
        all_told = [self._end(item, ending, plan) for item, ending, plan in endings]
        record(self.db, [row for _, row in all_told], now=datetime.now(UTC))
        return [line for line, _ in all_told]

    def _end(self, item: Item, ending: Ending, plan: _Plan | None) -> Told:
        try:
            if plan is not None and plan.to_write:
                self._write(plan)
        except PlumeError as error:
            ending, plan = Refused.of(error), None
        return told(
            item,
            ending,
            self.settings_for(item.path),
            target=plan.target if plan else None,
            result_hash=plan.result_hash if plan else None,
            replaced=self.in_place is not None and plan is not None,
        )

    def _plan(self, item: Item, ending: Ending) -> _Plan | None:
        """What to write for this ending; None where nothing is."""
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
        return _Plan(item, source, data, result_hash, reason, names, target, _staged(target.path))

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

    def _intend(self, plans: Sequence[_Plan]) -> None:
        if plans:
            intend(
                self.db,
                [
                    Intent(
                        plan.item.job_id,
                        os.fsencode(plan.staged),
                        os.fsencode(plan.target.path),
                        plan.source.sha256,
                        plan.result_hash,
                        self.in_place is not None,
                        self.settings_for(plan.item.path).digest(),
                        plan.source.facts.size,
                        len(plan.data),
                        plan.reason,
                    )
                    for plan in plans
                ],
            )

    def _write(self, plan: _Plan) -> None:
        """Stage and commit one plan; when its name was taken meanwhile, the next name."""
        if self.in_place and plan.target.standing is Standing.OWN and plan.target.facts:
            self.in_place.replace(
                plan.item,
                plan.target.path,
                staged=plan.staged,
                data=plan.data,
                source=plan.source,
                facts=plan.target.facts,
            )
            return
        made = self._make_folder(plan.target.path.parent, len(plan.data))
        try:
            self._write_new(plan)
        except PlumeError:
            remove_folders(made)  # those that stayed empty
            raise
        if self.in_place and plan.to_write:
            self.in_place.give_way(plan.item, plan.target.path, plan.result_hash)

    def _write_new(self, plan: _Plan) -> None:
        while not self._put(plan):
            plan.target = self._choose(plan.item, plan.result_hash, plan.names)
            plan.staged = _staged(plan.target.path)
            if not plan.to_write:
                return
            self._intend([plan])
        self.folders.add(plan.target.path.parent)

    def _put(self, plan: _Plan) -> bool:
        """Write a new name, or over this input's own earlier result; False when the name is somebody else's now."""
        check_room(plan.staged.parent, len(plan.data))
        atomic.stage(plan.staged, plan.data, durable=self.in_place is not None)
        try:
            done = atomic.commit(
                plan.staged,
                plan.target.path,
                like=plan.source.attributes,
                replace=plan.target.standing is Standing.OWN,
                expected=plan.target.facts,
                durable=self.in_place is not None,
            )
        except SourceChanged:
            done = False
        if not done:
            atomic.discard(plan.staged)
        return done

    def _make_folder(self, folder: Path, needed_bytes: int) -> list[Path]:
        """Makes the folder of a result, where the disk has room for that; returns what was missing."""
        base = self.names.output.folder
        if base is None or folder in self.folders:
            return []
        check_room(folder, needed_bytes)
        missing = [at for at in (folder, *folder.parents) if not os.path.lexists(at)]
        if missing:
            record_folders(self.db, self.batch_id, [os.fsencode(path) for path in missing])
        try:
            make_folders(folder, base)
        except PlumeError:
            remove_folders(missing)
            raise
        return missing


def _staged(target: Path) -> Path:
    return staged_name(target, secrets.token_hex(8))


def _source_again(path: Path, source: Source) -> bytes:
    """The source's bytes once more, for a complete folder; its first reading went to the worker."""
    read = read_source(path)
    if read.sha256 != source.sha256:
        raise SourceChanged()
    return read.data
