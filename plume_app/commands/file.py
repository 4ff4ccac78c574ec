"""Files in, the list, folders out."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from plume_app.bridge import command
from plume_app.context import AppContext
from plume_app.database.queries.overview import batch_place, job_place
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.file.pasted import pasted_paths
from plume_app.domain.shared.errors import InvalidRequest, SourceMissing, invalid
from plume_app.files import row_of
from plume_app.wire import Empty, FileRow, Filter, Format, ListSummary

MAX_ROWS = 1000  # of one window of the list
MAX_TEXT = 1_000_000  # characters of pasted paths
Rows = list[FileRow]  # named, because a field of some answers is called `list`
Ids = list[int]


@dataclass(frozen=True, slots=True)
class AddPaths:
    """Pasted text: absolute paths or file URLs, one a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Added:
    """How many files and folders will be looked at."""

    added: int


@dataclass(frozen=True, slots=True)
class GetFiles:
    """A window of the list; `sort` is a column, with `-` before it when descending.

    `look`: these rows are seen, or are about to be, the first ones first; the last such window is looked at.
    """

    offset: int = 0
    limit: int = 100
    sort: str = "added"
    filter: Filter = field(default_factory=Filter)
    ids_only: bool = False
    look: bool = True


@dataclass(frozen=True, slots=True)
class FilesWindow:
    """The rows (or with `ids_only` the ids), how many the filter lets through, and the whole list in numbers."""

    total: int
    rows: Rows
    file_ids: Ids
    list: ListSummary


@dataclass(frozen=True, slots=True)
class SomeFiles:
    """Some rows; None: all."""

    file_ids: list[int] | None = None


@dataclass(frozen=True, slots=True)
class ListChanged:
    """The list in numbers."""

    list: ListSummary


@dataclass(frozen=True, slots=True)
class RevealFile:
    """One of the three: a row, a job of the history, a batch's first result."""

    file_id: int | None = None
    job_id: int | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChosenFolder:
    """The folder by its id; both None when the user thought better of it."""

    folder_id: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Formats:
    """The codec registry."""

    formats: list[Format]


@command
def open_file(context: AppContext) -> Empty:
    """Open the native picker; chosen files arrive as `files_added`."""
    known = " ".join(f"*.{one}" for codec in all_codecs().values() for one in codec.extensions)
    context.adding.add_from(lambda: context.shell.choose_files((f"Images ({known.replace(' ', ';')})",)))
    return Empty()


@command
def open_folder(context: AppContext) -> Empty:
    """Open the native folder picker; its files arrive as `files_added`."""
    context.adding.add_from(lambda: [folder] if (folder := context.shell.choose_folder()) else [])
    return Empty()


@command
def take_drop(context: AppContext) -> Added:
    """Add the files and folders of the last drop; their paths never pass through the page."""
    paths = context.shell.take_drop()
    context.adding.add(paths)
    return Added(len(paths))


@command
def add_paths(context: AppContext, request: AddPaths) -> Added:
    """Add pasted absolute paths or file URLs, one a line; other text is passed over."""
    if len(request.text) > MAX_TEXT:
        raise invalid("text", f"at most {MAX_TEXT} characters", len(request.text))
    paths = pasted_paths(request.text)
    context.adding.add(paths)
    return Added(len(paths))


@command
def get_files(context: AppContext, request: GetFiles) -> FilesWindow:
    """A window of rows; with `look` they are looked at first, and come better known as `files_changed`."""
    most = context.files.max_files if request.ids_only else MAX_ROWS
    if request.offset < 0 or not 0 <= request.limit <= most:
        raise invalid("limit", f"an offset from 0 and a limit from 0 to {most}", (request.offset, request.limit))
    entries, total = context.files.window(request.offset, request.limit, request.sort, request.filter)
    summary = context.files.summary()
    if request.ids_only:
        return FilesWindow(total, [], [entry.id for entry in entries], summary)
    if request.look:
        context.looking.show(entries)
    return FilesWindow(total, [row_of(entry, context.predicting.of(entry)) for entry in entries], [], summary)


@command
def list_scrolled(context: AppContext) -> Empty:
    """The list moves: nothing is looked at until `get_files` says where it came to rest, or for a second."""
    context.looking.scrolled()
    return Empty()


@command
def remove_files(context: AppContext, request: SomeFiles) -> ListChanged:
    """Take rows off the list; those at work stay, and no file is touched."""
    context.files.remove(request.file_ids)
    context.predicting.facts_changed()
    return ListChanged(context.files.summary())


@command
def choose_output_folder(context: AppContext) -> ChosenFolder:
    """Ask for a folder for results; answers when the user has."""
    folder = context.shell.choose_folder()
    if folder is None:
        return ChosenFolder(None, None)
    output = context.preferences.remember_folder(folder)
    return ChosenFolder(output.folder_id, output.folder_label)


@command
def reveal_file(context: AppContext, request: RevealFile) -> Empty:
    """Show a result, or its source where there is none, in the file manager."""
    match request:
        case RevealFile(file_id=int(file_id), job_id=None, batch_id=None):
            entry = context.files.get(file_id)
            place: bytes | None = os.fsencode(entry.output_path or entry.path)
        case RevealFile(file_id=None, job_id=int(job_id), batch_id=None):
            place = job_place(context.db, job_id)
        case RevealFile(file_id=None, job_id=None, batch_id=int(batch_id)):
            place = batch_place(context.db, batch_id)
        case _:
            raise InvalidRequest(problem="Expected one of file_id, job_id and batch_id.")
    if place is None:
        raise SourceMissing()
    context.shell.reveal(Path(os.fsdecode(place)))
    return Empty()


@command
def get_formats(context: AppContext) -> Formats:  # noqa: ARG001 - every command gets the context
    """The codec registry."""
    return Formats(known_formats())


def known_formats() -> list[Format]:
    """Every codec as the page shows it."""
    return [
        Format(one.name, one.label, list(one.extensions), one.encode is not None, one.lossless, one.lossy, 1, 100)
        for one in all_codecs().values()
    ]
