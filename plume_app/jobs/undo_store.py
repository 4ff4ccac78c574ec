"""The store of originals: bytes by their hash, under the data folder, so that a replacement can be undone.

Which bytes belong to which replaced file, how long and how many. Every change of the folder (`undo_entries.py`)
happens under the database's write lock, so that two Plumes agree.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries import originals
from plume_app.database.queries.originals import Original
from plume_app.domain.file.atomic import check_writable, remove_file
from plume_app.domain.file.attributes import Attributes
from plume_app.domain.file.folders import free_bytes
from plume_app.domain.file.reading import FileFacts, sha256_of
from plume_app.domain.file.refusals import unreadable
from plume_app.domain.shared.errors import SourceChanged, TargetUnwritable, UndoStoreFull
from plume_app.jobs.undo_entries import Entries
from plume_app.jobs.undo_limits import FREE_PART, KEEP_DAYS, MAX_STORE_BYTES

_RECOUNT_AFTER = 200  # counting 100,000 rows takes 30 ms; other processes' additions may wait for it


class UndoStore:
    """The folder `folder` with its limits; `free` tells the free bytes of its disk (None: unknown)."""

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int = MAX_STORE_BYTES,
        keep_days: int = KEEP_DAYS,
        free: Callable[[Path], int | None] = free_bytes,
    ) -> None:
        self.folder = folder
        self._entries = Entries(folder)
        self._max_bytes = max_bytes
        self._keep = timedelta(days=keep_days)
        self._free = free
        self._used = 0
        self._until_recount = 0

    def set_limits(self, *, max_bytes: int, keep_days: int) -> None:
        """Other limits from now on; what is kept already keeps its date."""
        self._max_bytes, self._keep = max_bytes, timedelta(days=keep_days)

    def path_of(self, stored_as: str) -> Path:
        """Where the bytes of that name are."""
        return self._entries.path_of(stored_as)

    def keep_original(
        self, db: Database, *, job_id: int, path: Path, sha256: str, attributes: Attributes, now: datetime
    ) -> FileFacts:
        """Puts the file at `path`, whose bytes have `sha256`, into the store, through to the disk.

        To be called before the intent is written, by who then replaces or removes `path` in one step. Returns
        the facts of `path` afterwards (a hard link changes them), for the re-check before the replacement.

        Raises SourceMissing, SourceUnreadable, SourceChanged (other bytes than `sha256`), UndoStoreFull,
        DiskFull, TargetUnwritable.
        """
        try:
            size = path.lstat().st_size
        except OSError as error:
            raise unreadable(error) from error
        self._make_room(db, size)
        with db.write(durable=True):
            stored_as = self._entries.add(path, sha256)
            facts = self._entries.facts_if_both_hold(sha256, path, stored_as)
            if facts is None:
                self._forget_unneeded(db, stored_as)
                raise SourceChanged()
            kept = Original(
                job_id, os.fsencode(path), stored_as, sha256, size, attributes.mode, attributes.mtime_ns,
                attributes.to_json(),
            )  # fmt: skip
            originals.add_original(db, kept, expires_at=now + self._keep)
        self._used += size
        return facts

    def retire(self, db: Database, job_id: int) -> None:
        """Removes the name of an original whose bytes the store holds whole: the last step of a conversion in place.

        An original that is gone already is as good. Raises, with nothing removed, SourceChanged (other bytes than
        those stored), SourceUnreadable, TargetUnwritable (also when the file is read-only, or the store has lost it).
        """
        lost = TargetUnwritable(folder=str(self.folder), problem="the stored original is not whole")
        kept = originals.original_of(db, job_id)
        if kept is None:
            raise lost
        is_whole = self.holds(kept)
        path = Path(os.fsdecode(kept.path))
        try:
            facts = FileFacts.of(path.lstat())
            is_changed = sha256_of(path) != kept.sha256
        except FileNotFoundError:
            if is_whole:
                return
            raise lost from None
        except OSError as error:
            raise unreadable(error) from error
        if is_changed:  # asked first: where the store has a hard link, a writer has changed that too
            raise SourceChanged()
        if not is_whole:
            raise lost
        check_writable(path)
        remove_file(path, expected=facts)

    def holds(self, kept: Original) -> bool:
        """Are the bytes there, and still the right ones?"""
        return self._entries.holds(kept.stored_as, kept.sha256)

    def read(self, kept: Original) -> bytes | None:
        """The bytes, or None when they are not there whole."""
        return self._entries.read(kept.stored_as, kept.sha256)

    def release(self, db: Database, job_ids: Collection[int]) -> None:
        """Forgets the originals of these jobs, and their bytes where no other job needs them."""
        names = originals.remove_originals(db, job_ids)
        with db.write():  # a second transaction: were the first taken back, the bytes would be missed
            for name in names:
                self._forget_unneeded(db, name)
        self._until_recount = 0

    def release_unused(self, db: Database, batch_id: int | None = None) -> None:
        """Forgets the originals of ended batches (or of that one) that were not replaced in the end."""
        found = originals.unused(db, batch_id)
        if found:
            self.release(db, found)

    def expire(self, db: Database, now: datetime) -> int:
        """Forgets what was kept long enough; returns how many originals that were."""
        found = originals.expired(db, now)
        if found:
            self.release(db, found)
        return len(found)

    def sweep(self, db: Database, now: datetime) -> int:
        """Removes bytes that no row names and that are older than anything kept; returns how many.

        They stay from a database that was deleted, or from a power cut. Until then they are left alone: a
        person could still want them.
        """
        oldest_s = (now - self._keep).timestamp()
        removed = 0
        for stored_as in self._entries.older_than(oldest_s):
            with db.write():
                if not originals.is_needed(db, stored_as):
                    self._entries.forget(stored_as)
                    removed += 1
        return removed

    def limit_bytes(self, used: int) -> int:
        """How much the store may hold when it holds `used`."""
        free = self._free(self.folder)
        return self._max_bytes if free is None else min(self._max_bytes, (free + used) // FREE_PART)

    def _make_room(self, db: Database, size: int) -> None:
        if self._until_recount <= 0:
            self._used, self._until_recount = originals.stored_bytes(db), _RECOUNT_AFTER
        self._until_recount -= 1
        limit = self.limit_bytes(self._used)
        if size > limit:
            raise UndoStoreFull(limit=limit)
        if self._used + size > limit:  # equal contents were counted twice since the last count
            self._used = originals.stored_bytes(db)
        while self._used + size > limit:
            oldest = originals.oldest(db, limit=1)
            if not oldest:
                raise UndoStoreFull(limit=limit)
            self.release(db, [oldest[0][0]])
            self._used = originals.stored_bytes(db)

    def _forget_unneeded(self, db: Database, stored_as: str) -> None:
        if not originals.is_needed(db, stored_as):
            self._entries.forget(stored_as)
