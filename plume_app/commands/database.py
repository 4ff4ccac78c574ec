"""What is remembered: preferences, presets, the database itself, and what a freshly loaded page needs."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import Literal

from plume_app import __version__
from plume_app.bridge import command
from plume_app.commands.file import known_formats
from plume_app.context import AppContext
from plume_app.database.queries.overview import database_facts
from plume_app.domain.compression.settings import Settings
from plume_app.wire import Batch, Empty, Format, ListSummary, Output, Preferences, Preset, ScanState

AllFormats = list[Format]  # named, because a field of the snapshot is called `list`
AllPresets = list[Preset]
AS_IT_IS = -1


@dataclass(frozen=True, slots=True)
class SaveSettings:
    """The preferences that change; those left out stay. `workers` None: as many as there are processors."""

    settings: Settings | None = None
    output: Output | None = None
    workers: int | None = AS_IT_IS
    undo_days: int | None = None
    undo_limit: int | None = None
    theme: Literal["system", "light", "dark"] | None = None
    language: Literal["system", "en", "fr"] | None = None
    text_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Presets:
    """The built-in ones first."""

    presets: list[Preset]


@dataclass(frozen=True, slots=True)
class SavePreset:
    """A name and settings; an own preset of that name is replaced."""

    name: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class OfPreset:
    """One preset."""

    preset_id: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a freshly loaded page needs, without the rows; `overrides` are the settings of single rows."""

    version: str
    preferences: Preferences
    formats: AllFormats
    presets: AllPresets
    list: ListSummary
    batch: Batch | None
    scan: ScanState | None
    overrides: dict[int, Settings]


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """What is stored, and where. Sizes are bytes."""

    path: str
    schema_version: int
    rows: int
    size: int
    undo_path: str
    undo_files: int
    undo_size: int
    log_path: str


@dataclass(frozen=True, slots=True)
class AnswerClose:
    """Close, or stay."""

    quit: bool


@command
def get_settings(context: AppContext) -> Preferences:
    """The preferences."""
    return context.preferences.get()


@command
def save_settings(context: AppContext, request: SaveSettings) -> Preferences:
    """Change some preferences; answers with all of them."""
    given = {one.name: getattr(request, one.name) for one in fields(request)}
    changes = {name: value for name, value in given.items() if value is not None or name == "workers"}
    if request.workers == AS_IT_IS:
        del changes["workers"]
    return context.preferences.save(changes)


@command
def list_presets(context: AppContext) -> Presets:
    """Every preset."""
    return Presets(context.preferences.presets())


@command
def save_preset(context: AppContext, request: SavePreset) -> OfPreset:
    """Keep settings under a name."""
    return OfPreset(context.preferences.save_preset(request.name, request.settings))


@command
def delete_preset(context: AppContext, request: OfPreset) -> Empty:
    """Forget one of the user's own presets."""
    context.preferences.delete_preset(request.preset_id)
    return Empty()


@command
def get_snapshot(context: AppContext) -> Snapshot:
    """What a freshly loaded page needs, without the rows; events are changes to it."""
    return Snapshot(
        __version__,
        context.preferences.get(),
        known_formats(),
        context.preferences.presets(),
        context.files.summary(),
        context.desk.current(),
        context.adding.state,
        context.predicting.overrides,
    )


@command
def get_database_info(context: AppContext) -> DatabaseInfo:
    """Where the database, the undo store and the logs are, and how much they take."""
    facts = database_facts(context.db)
    return DatabaseInfo(
        os.fspath(context.db.path),
        facts.schema_version,
        facts.rows,
        facts.size,
        os.fspath(context.store.folder),
        facts.undo_files,
        facts.undo_size,
        os.fspath(context.log_folder),
    )


@command
def answer_close(context: AppContext, request: AnswerClose) -> Empty:
    """The answer to `close_requested`."""
    context.shell.answer_close(request.quit)
    return Empty()
