"""What the user chose for good, presets, and the folders that results may go to: rows of the settings table."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

from plume_app.database.connection import Database
from plume_app.database.queries.batches import batch
from plume_app.database.queries.preferences import get_setting, set_setting
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import FOLDER, OutputPolicy
from plume_app.domain.shared.errors import InvalidRequest, PlumeError, invalid
from plume_app.jobs.undo_limits import PREFERENCES_KEY, RANGES
from plume_app.wire import OF_BATCH, Output, Preferences, Preset, plain

BUILT_IN = (
    Preset("web", "Web", True, Settings()),
    Preset("archive", "Archive", True, Settings(lossless=True, metadata="all")),
    Preset("smallest", "Smallest", True, Settings(output_format="webp", quality=70, effort="max")),
)
MAX_PRESETS = 100
MAX_NAME = 60  # characters
MAX_WORKERS = 64
_MAX_FOLDERS = 50
_KEY, _PRESETS, _FOLDERS = PREFERENCES_KEY, "presets", "output_folders"
_READ_ONLY = ("processors", "system_language")
_RANGES = {"workers": (1, MAX_WORKERS), "text_percent": (50, 300), **RANGES}


class PreferenceBook:
    """Reads and writes them. `changed` hears of every new state."""

    def __init__(
        self,
        db: Database,
        *,
        processors: int,
        system_language: str = "en",
        changed: Callable[[Preferences], None] = lambda _: None,
    ) -> None:
        self._db = db
        self._fixed = {"processors": processors, "system_language": system_language}
        self._changed = changed
        self._lock = threading.Lock()

    def get(self) -> Preferences:
        """The preferences; a value that cannot be true any more (an older or newer Plume's) is the default."""
        stored = get_setting(self._db, _KEY, {})
        return self._read(stored if isinstance(stored, dict) else {})

    def save(self, changes: dict[str, Any]) -> Preferences:
        """Changes some, and returns all. Raises InvalidRequest for a value out of range or an unknown folder."""
        for name, (low, high) in _RANGES.items():
            value = changes.get(name)
            if value is not None and not low <= value <= high:
                raise invalid(name, f"a number from {low} to {high}", value)
        with self._lock:
            if "output" in changes:
                policy = self.output_policy(changes["output"])
                folder_id = changes["output"].folder_id
                if policy.folder is not None and (folder_id or "").startswith(OF_BATCH):  # a batch may be forgotten
                    folder_id = self._remember(policy.folder)
                changes["output"] = replace(changes["output"], folder_id=folder_id, folder_label=None)
            new = replace(self.get(), **changes)
            set_setting(self._db, _KEY, {k: v for k, v in plain(new).items() if k not in _READ_ONLY})
        self._changed(self.get())
        return self.get()

    def presets(self) -> list[Preset]:
        """The built-in ones, then the user's in the order of their names."""
        stored = get_setting(self._db, _PRESETS, {})
        own = []
        for preset_id, one in (stored if isinstance(stored, dict) else {}).items():
            try:
                own.append(Preset(preset_id, str(one["name"]), False, Settings.from_json(one["settings"])))
            except (PlumeError, KeyError, TypeError):
                continue
        return [*BUILT_IN, *sorted(own, key=lambda one: one.name.casefold())]

    def save_preset(self, name: str, settings: Settings) -> str:
        """A preset of that name, new or instead of the user's own of the same name; returns its id."""
        name = " ".join(name.split())
        if not name or len(name) > MAX_NAME:
            raise invalid("name", f"1 to {MAX_NAME} characters", name[:80])
        with self._lock:
            own = {one.preset_id: one for one in self.presets() if not one.built_in}
            if any(one.name.casefold() == name.casefold() for one in BUILT_IN):
                raise invalid("name", "a name that no built-in preset has", name)
            known = next((one.preset_id for one in own.values() if one.name.casefold() == name.casefold()), None)
            if known is None and len(own) >= MAX_PRESETS:
                raise InvalidRequest(problem=f"There are {MAX_PRESETS} presets already.")
            preset_id = known or secrets.token_hex(6)
            own[preset_id] = Preset(preset_id, name, False, settings)
            self._store(own)
        return preset_id

    def delete_preset(self, preset_id: str) -> None:
        """Raises InvalidRequest for a built-in or unknown one."""
        with self._lock:
            own = {one.preset_id: one for one in self.presets() if not one.built_in}
            if own.pop(preset_id, None) is None:
                raise invalid("preset_id", "the id of one of your own presets", preset_id)
            self._store(own)

    def remember_folder(self, folder: Path) -> Output:
        """The folder as an output: its id, which is all that the page needs to name it, and its label."""
        with self._lock:
            folder_id = self._remember(folder)
        return Output(policy="folder", folder_id=folder_id, folder_label=os.fspath(folder))

    def _remember(self, folder: Path) -> str:
        text = os.fspath(folder)
        known = self._folders()
        folder_id = next((one for one, path in known.items() if path == text), secrets.token_hex(8))
        known.pop(folder_id, None)
        known[folder_id] = text
        set_setting(self._db, _FOLDERS, dict(list(known.items())[-_MAX_FOLDERS:]))
        return folder_id

    def output_policy(self, output: Output) -> OutputPolicy:
        """Where results go, as the queue takes it. Raises InvalidRequest."""
        if output.policy != FOLDER:
            return OutputPolicy(output.policy, output.suffix)
        folder = self._folder(output.folder_id or "")
        if folder is None:
            raise invalid("folder_id", "a folder that was chosen", output.folder_id)
        return OutputPolicy(FOLDER, output.suffix, Path(folder))

    def _folder(self, folder_id: str) -> str | None:
        if not folder_id.startswith(OF_BATCH):
            return self._folders().get(folder_id)
        number = folder_id.removeprefix(OF_BATCH)
        known = batch(self._db, int(number)) if number.isascii() and number.isdecimal() and len(number) < 19 else None
        return None if known is None else known.output.get("folder")

    def _folders(self) -> dict[str, str]:
        stored = get_setting(self._db, _FOLDERS, {})
        return {str(k): str(v) for k, v in stored.items()} if isinstance(stored, dict) else {}

    def _store(self, own: dict[str, Preset]) -> None:
        stored = {one.preset_id: {"name": one.name, "settings": one.settings.to_json()} for one in own.values()}
        set_setting(self._db, _PRESETS, stored)

    def _read(self, stored: dict[str, Any]) -> Preferences:
        known: dict[str, Any] = dict(self._fixed)
        hints = get_type_hints(Preferences)
        for one in fields(Preferences):
            if one.name in stored and one.name not in _READ_ONLY:
                value = self._valid(one.name, hints[one.name], stored[one.name])
                if value is not None:
                    known[one.name] = value
        return Preferences(**known)

    def _valid(self, name: str, kind: Any, value: Any) -> Any:
        try:
            if name == "settings":
                return Settings.from_json(value)
            if name == "output":
                folder_id = value.get("folder_id")
                label = self._folders().get(folder_id or "")
                output = Output(value["policy"], value["suffix"], folder_id, label)
                self.output_policy(output)
                return output
        except (PlumeError, KeyError, TypeError, AttributeError):
            return None
        if name in _RANGES:
            low, high = _RANGES[name]
            return value if type(value) is int and low <= value <= high else None
        return value if value in get_args(kind) else None
