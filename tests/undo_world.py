"""A folder, a database and an undo store, and a writer that goes the way of the queue, step by step.

`Writer.write` may stop before any of its steps, as a process that dies there would.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import add_jobs, create_batch, finish_batch
from plume_app.database.queries.results import Intent, JobResult, intend, record
from plume_app.domain.file.atomic import commit, discard, stage
from plume_app.domain.file.naming import staged_name
from plume_app.domain.file.reading import read_source
from plume_app.jobs.undo_store import UndoStore

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SETTINGS_HASH = "5" * 64
DEAD = "1:1:another boot"
BESIDE = ("intend", "stage", "commit", "record")
IN_PLACE = ("keep", "intend", "stage", "commit", "record")
CONVERTED = ("keep", "intend", "stage", "commit", "retire", "record")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass
class World:
    """Everything lies under `folder`: pictures in `in/`, the rest in `data/`."""

    folder: Path
    db: Database = field(init=False)
    store: UndoStore = field(init=False)

    def __post_init__(self) -> None:
        self.pictures.mkdir(exist_ok=True)
        self.db = open_database(self.folder / "data" / "plume.sqlite3")
        self.store = UndoStore(self.folder / "data" / "undo")

    @property
    def pictures(self) -> Path:
        return self.folder / "in"

    def files(self) -> dict[str, bytes]:
        """Every file among the pictures, hidden ones too."""
        return {
            str(path.relative_to(self.pictures)): path.read_bytes()
            for path in sorted(self.pictures.rglob("*"))
            if path.is_file()
        }

    def stored(self) -> list[str]:
        """The names in the undo store."""
        return sorted(path.name for path in self.store.folder.glob("??/*"))

    def begin(self, *, owner: str = DEAD) -> int:
        return create_batch(self.db, owner=owner, settings={}, output={}, now=NOW)

    def end(self, batch_id: int) -> None:
        finish_batch(self.db, batch_id, now=NOW)

    def write(
        self,
        batch_id: int,
        source: Path,
        output: Path,
        result: bytes,
        *,
        before: str = "end",
        reason: str | None = None,
    ) -> int:
        """One file, the queue's way; stops before the step `before`. In place when `output` is `source` or converts."""
        db, store = self.db, self.store
        job_id = add_jobs(db, batch_id, [os.fsencode(source)])[0]
        read = read_source(source)
        in_place = output == source
        converts = not in_place and output.parent == source.parent and output.stem == source.stem
        steps = IN_PLACE if in_place else CONVERTED if converts else BESIDE
        staged = staged_name(output, f"job-{job_id}")
        facts = read.facts
        intent = Intent(
            job_id,
            os.fsencode(staged),
            os.fsencode(output),
            read.sha256,
            sha256(result),
            replaces=in_place or converts,
            settings_hash=SETTINGS_HASH,
            original_size=len(read.data),
            compressed_size=len(result),
            reason=reason,
        )
        for step in steps[: steps.index(before) if before in steps else None]:
            if step == "keep":
                facts = store.keep_original(
                    db, job_id=job_id, path=source, sha256=read.sha256, attributes=read.attributes, now=NOW
                )
            elif step == "intend":
                intend(db, [intent])
            elif step == "stage":
                stage(staged, result, durable=in_place or converts)
            elif step == "commit":
                expected = facts if in_place else None
                if not commit(staged, output, replace=in_place, like=read.attributes, expected=expected):
                    discard(staged)
                    raise FileExistsError(output)
            elif step == "retire":
                store.retire(db, job_id)
            else:
                state = "kept" if reason else "written"
                record(
                    db,
                    [JobResult(job_id, state, reason, output_path=intent.output_path, result_hash=intent.result_hash)],
                    now=NOW,
                )
        return job_id
