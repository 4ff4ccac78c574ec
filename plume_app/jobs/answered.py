"""Which settings a row's state is the answer to, and what is known of its bytes after that. No threads, no I/O."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import IN_PLACE, OutputPolicy
from plume_app.files import Entry, Files
from plume_app.jobs.results import WRITTEN


def done_key(settings: Settings, output: OutputPolicy) -> str:
    """What a result is the answer to: the same again would be nothing new."""
    folder = None if output.folder is None else os.fspath(output.folder)
    return f"{settings.digest()} {output.policy} {output.suffix if output.policy == 'suffix' else folder}"


def is_done(entry: Entry, settings: Settings) -> bool:
    """Has the row the answer to these settings, wherever that was written to?

    Where it stands in the place of the file, it is all that is there: what is known of the old one foretells nothing.
    """
    done = entry.done_with
    return done is not None and (done.startswith(settings.digest()) or f" {IN_PLACE} " in done)


def left_over(
    entries: Sequence[Entry], settings: Settings, output: OutputPolicy, overrides: Mapping[int, Settings]
) -> list[Entry]:
    """Those whose state is not yet the answer to these settings."""
    usual = done_key(settings, output)
    if not overrides:
        return [entry for entry in entries if entry.done_with != usual]
    keys = {file_id: done_key(one, output) for file_id, one in overrides.items()}
    return [entry for entry in entries if entry.done_with != keys.get(entry.id, usual)]


def replaced(entries: Sequence[Entry]) -> list[Entry]:
    """Those in whose place a batch put other bytes than are known."""
    return [one for one in entries if one.state == WRITTEN and f" {IN_PLACE} " in (one.done_with or "")]


def forget_bytes(files: Files, stale: Sequence[Entry]) -> list[int]:
    """What is known of these rows is not true of their bytes any more; the ids, to look anew."""
    files.update_all(stale, header=None, traits=None, features=None, probes=(), tried=(), looked=False)
    return [entry.id for entry in stale]
