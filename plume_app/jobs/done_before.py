"""Is there nothing to do for a file that was read? A run asks before it begins one, a dry run to foretell it."""

from __future__ import annotations

from plume_app.database.connection import Database
from plume_app.database.queries.results import is_own_result
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import IN_PLACE
from plume_app.jobs.items import AlreadyDone
from plume_app.jobs.names import Names
from plume_app.jobs.targets import RecordedAt, finished


def done_before(
    db: Database,
    names: Names,
    recorded_at: RecordedAt,
    candidate: Candidate,
    source_hash: str,
    input_format: str,
    settings: Settings,
) -> AlreadyDone | None:
    """What a run at these settings would find done: the file is a result itself, or its own still stands."""
    settings_hash = settings.digest()
    own = AlreadyDone() if is_own_result(db, source_hash, settings_hash) else None
    output_format = settings.output_format_of(input_format)
    if names.output.policy == IN_PLACE and output_format == input_format:
        return own
    # First what stands there: a source may hold the bytes of another one's result, and its own be smaller still.
    standing = finished(
        names.of(candidate, input_format, output_format),
        source_path=candidate.path,
        source_hash=source_hash,
        settings_hash=settings_hash,
        recorded_at=recorded_at,
    )
    return AlreadyDone(*standing) if standing else own
