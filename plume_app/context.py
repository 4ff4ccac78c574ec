"""`AppContext`: what every command gets. Ports only, so that a test gives fakes where a window or workers would be."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from plume_app.database.connection import Database
from plume_app.database.queries.clearing import purge_cleared
from plume_app.domain.image.limits import Limits
from plume_app.events import Event
from plume_app.files import Files, row_of
from plume_app.jobs.adding import Adding
from plume_app.jobs.desk import Desk, Steps
from plume_app.jobs.exporting import Exporting
from plume_app.jobs.looking import Looking
from plume_app.jobs.pictures import MAX_PREVIEW_BYTES, MAX_THUMBNAIL_BYTES, Picture, Pictures
from plume_app.jobs.ports import TaskPool
from plume_app.jobs.predicting import Predicting
from plume_app.jobs.prediction import recall
from plume_app.jobs.preferences import PreferenceBook
from plume_app.jobs.studio import Studio
from plume_app.jobs.trials import Trials
from plume_app.jobs.undo_store import UndoStore
from plume_app.jobs.walk import scan_for


class Shell(Protocol):
    """What commands need of the window and the desktop. May be called from any thread but the toolkit's."""

    def choose_files(self, file_types: Sequence[str] = ()) -> Sequence[Path]:
        """Asks for files; none when the user thinks better of it."""

    def choose_folder(self) -> Path | None:
        """Asks for a folder."""

    def choose_target(self, name: str) -> Path | None:
        """Asks where to save, with `name` proposed; the dialog has asked about overwriting."""

    def take_drop(self) -> Sequence[Path]:
        """What was dropped last; each drop is given once."""

    def reveal(self, path: Path) -> None:
        """Shows a file in the file manager. Raises PlumeError when there is none."""

    def answer_close(self, quit: bool) -> None:  # noqa: A002 - the contract's word
        """The user's answer to the question whether to close while files are at work."""


class Emits(Protocol):
    """Where events go."""

    def emit(self, event: Event) -> None:
        """Has an event told; returns at once."""


@dataclass(frozen=True, slots=True)
class AppContext:
    """The ports of one running window."""

    db: Database
    files: Files
    adding: Adding
    looking: Looking
    predicting: Predicting
    desk: Desk
    studio: Studio
    preferences: PreferenceBook
    store: UndoStore
    exporting: Exporting
    events: Emits
    shell: Shell
    thumbnails: Pictures
    previews: Pictures
    log_folder: Path

    def picture(self, picture_id: str) -> Picture | None:
        """What the page server gives for an id: a thumbnail or a preview that a worker made, else None."""
        return self.thumbnails.get(picture_id) or self.previews.get(picture_id)

    def close(self) -> None:
        """Ends what runs in threads; the pools, the database and the emitter are their makers' to close."""
        for one in (self.adding, self.looking, self.studio, self.predicting, self.exporting, self.desk):
            one.close()


def make_context(
    *,
    db: Database,
    store: UndoStore,
    pool: TaskPool,
    fast_pool: TaskPool,
    whole_pool: TaskPool,
    limits: Limits,
    events: Emits,
    shell: Shell,
    log_folder: Path,
    workers: int,
    steps: Steps | None = None,
    system_language: str = "en",
    processors: int | None = None,
) -> AppContext:
    """The parts of the window's Python side, put together.

    `pool` runs batches and tells its steps to `steps`; `fast_pool` and `whole_pool`, of one worker each, make
    previews, the second also thumbnails. Nothing runs before something is asked.
    """
    files = Files()
    thumbnails, previews = Pictures(MAX_THUMBNAIL_BYTES), Pictures(MAX_PREVIEW_BYTES)
    book = PreferenceBook(
        db,
        processors=processors or workers,
        system_language=system_language,
        changed=lambda new: store.set_limits(max_bytes=new.undo_limit, keep_days=new.undo_days),
    )
    purge_cleared(db, datetime.now(UTC))
    predicting = Predicting(files, emit=events.emit, workers=workers, recall=lambda: recall(db))
    new_task_id: Callable[[], int] = itertools.count(-1, -1).__next__  # below zero: never that of a job
    looking = Looking(
        files,
        whole_pool,
        thumbnails,
        emit=events.emit,
        row=lambda entry: row_of(entry, predicting.of(entry)),
        facts_changed=predicting.facts_changed,
        new_task_id=new_task_id,
        limits=limits,
        trials=Trials(files, predicting.settings_of),
        busy=lambda: desk.files_left() > 0,
    )
    predicting.wish_changed = looking.wish_changed

    def batch_over() -> None:
        predicting.forget()
        looking.rested()

    desk = Desk(
        db,
        pool,
        store,
        files,
        emit=events.emit,
        limits=limits,
        steps=steps,
        added=looking.added,
        predicted=predicting.shown,
        over=batch_over,
    )
    return AppContext(
        db=db,
        files=files,
        adding=Adding(
            db,
            files,
            emit=events.emit,
            scan_for=lambda: scan_for(db, book.output_policy(book.get().output), store.folder),
            added=looking.added,
        ),
        looking=looking,
        predicting=predicting,
        desk=desk,
        studio=Studio(
            files,
            fast_pool,
            whole_pool,
            previews,
            emit=events.emit,
            estimate=predicting.of,
            new_task_id=new_task_id,
            limits=limits,
        ),
        preferences=book,
        store=store,
        exporting=Exporting(db, emit=events.emit),
        events=events,
        shell=shell,
        thumbnails=thumbnails,
        previews=previews,
        log_folder=log_folder,
    )
