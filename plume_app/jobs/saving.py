"""Intend, stage, commit, record: what the worker made becomes a file, and the journal always knows more than the disk.

Files that end together are saved together: one transaction says what is about to happen to all of them, one
says what happened. A failure costs the file it concerns.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries.batches import record_folders
from plume_app.database.queries.results import intend, record
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file import atomic
from plume_app.domain.file.folders import check_room, make_folders, remove_folders
from plume_app.domain.file.naming import IN_PLACE
from plume_app.domain.shared.errors import PlumeError, SourceChanged
from plume_app.jobs.endings import Told, told
from plume_app.jobs.in_place import InPlace
from plume_app.jobs.items import Ending, Item, Refused
from plume_app.jobs.names import Names
from plume_app.jobs.plans import Plan, Planner
from plume_app.jobs.results import FileResult
from plume_app.jobs.targets import RecordedAt, Standing
from plume_app.jobs.undo_store import UndoStore


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
        self.batch_id = batch_id
        self.settings_for = settings_for
        self.names = names
        self.in_place = InPlace(db, store) if names.output.policy == IN_PLACE else None
        self.planner = Planner(names, recorded_at, self.in_place)
        self.folders: set[Path] = set()

    def save(self, group: Sequence[tuple[Item, Ending]]) -> list[FileResult]:
        """Brings every file of `group` to its end; the answer is in the same order."""
        endings: list[tuple[Item, Ending, Plan | None]] = []
        self.planner.begin_group()
        for item, ending in group:
            try:
                plan = self.planner.plan(item, ending)
            except PlumeError as error:
                endings.append((item, Refused.of(error), None))
                continue
            endings.append((item, ending, plan))
        self._intend([plan for _, _, plan in endings if plan and plan.to_write])
        all_told = [self._end(item, ending, plan) for item, ending, plan in endings]
        record(self.db, [row for _, row in all_told], now=datetime.now(UTC))
        return [line for line, _ in all_told]

    def _end(self, item: Item, ending: Ending, plan: Plan | None) -> Told:
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

    def _intend(self, plans: Sequence[Plan]) -> None:
        if plans:
            replaces = self.in_place is not None
            intend(
                self.db,
                [plan.intent(self.settings_for(plan.item.path).digest(), replaces=replaces) for plan in plans],
            )

    def _write(self, plan: Plan) -> None:
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

    def _write_new(self, plan: Plan) -> None:
        while not self._put(plan):
            self.planner.take_next_name(plan)
            if not plan.to_write:
                return
            self._intend([plan])
        self.folders.add(plan.target.path.parent)

    def _put(self, plan: Plan) -> bool:
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
