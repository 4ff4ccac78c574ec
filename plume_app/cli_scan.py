"""What the commands walk, and how they name what they found."""

from __future__ import annotations

import os
from pathlib import Path

from plume_app.database.queries.results import is_result_path
from plume_app.domain.compression.codecs import all_codecs, codec_for
from plume_app.domain.file.found import Scan
from plume_app.domain.file.naming import SUFFIX, OutputPolicy
from plume_app.runtime import Runtime


def scan_for(runtime: Runtime, output: OutputPolicy) -> Scan:
    """What a walk takes: registered extensions, known first bytes, nothing that Plume wrote itself."""
    return Scan(
        extensions=frozenset(extension for codec in all_codecs().values() for extension in codec.extensions),
        known_head=lambda head: codec_for(head) is not None,
        is_own_result=lambda path: is_result_path(runtime.db, os.fsencode(path)),
        output_folder=output.folder,
        suffix=output.suffix if output.policy == SUFFIX else None,
    )


def shown_name(path: Path) -> str:
    """The path as seen from where the user stands, when it is below that."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # OSError: that folder was removed
        return str(path)
