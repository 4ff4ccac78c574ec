"""What a walk takes, for the window and the command line alike."""

from __future__ import annotations

import os
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.queries.results import is_result_path
from plume_app.domain.compression.codecs import all_codecs, codec_for
from plume_app.domain.file.found import Scan
from plume_app.domain.file.naming import SUFFIX, OutputPolicy


def scan_for(db: Database, output: OutputPolicy, undo_store: Path) -> Scan:
    """Registered extensions, known first bytes, nothing that Plume wrote itself or keeps for undo."""
    return Scan(
        extensions=frozenset(extension for codec in all_codecs().values() for extension in codec.extensions),
        known_head=lambda head: codec_for(head) is not None,
        is_own_result=lambda path: is_result_path(db, os.fsencode(path)),
        output_folder=output.folder,
        undo_store=undo_store,
        suffix=output.suffix if output.policy == SUFFIX else None,
    )
