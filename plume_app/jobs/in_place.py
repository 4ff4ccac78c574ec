"""In place: the original is in the undo store before its name is given to anything else."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.domain.file import atomic
from plume_app.domain.file.folders import check_room
from plume_app.domain.file.reading import FileFacts
from plume_app.domain.shared.errors import PlumeError
from plume_app.jobs.items import Item, Source
from plume_app.jobs.undo import remove_result
from plume_app.jobs.undo_store import UndoStore


class InPlace:
    """Replaces originals of one batch; every failure leaves the original where it was."""

    def __init__(self, db: Database, store: UndoStore) -> None:
        self.db = db
        self.store = store

    def keep(self, item: Item, path: Path, source: Source) -> FileFacts:
        """Stores the bytes of `path`, which must still be those of `source`; before the intent is written.

        Returns the facts that a replacement must find unchanged. Raises TargetUnwritable (read-only), SourceChanged,
        UndoStoreFull, ...
        """
        atomic.check_writable(path)
        return self.store.keep_original(
            self.db,
            job_id=item.job_id,
            path=path,
            sha256=source.sha256,
            attributes=source.attributes,
            now=datetime.now(UTC),
        )

    def replace(self, item: Item, path: Path, *, staged: Path, data: bytes, source: Source, facts: FileFacts) -> None:
        """Same name: one rename over the original."""
        try:
            check_room(staged.parent, len(data))
            atomic.stage(staged, data, durable=True)
            atomic.commit(staged, path, like=source.attributes, replace=True, expected=facts, sha256=source.sha256)
        except PlumeError:
            self.forget(item)
            raise

    def give_way(self, item: Item, result: Path, result_hash: str) -> None:
        """New name: `result` stands already, the original leaves; if it cannot, the result does, unless it was changed.

        Raises why it cannot: SourceChanged, TargetUnwritable, ...
        """
        try:
            self.store.retire(self.db, item.job_id)
        except PlumeError:
            with suppress(PlumeError):  # what stands there then is not ours any more, or the disk lets nothing go
                remove_result(result, result_hash)
            self.forget(item)
            raise

    def forget(self, item: Item) -> None:
        """Nothing was replaced: the store need not keep these bytes."""
        self.store.release(self.db, [item.job_id])
