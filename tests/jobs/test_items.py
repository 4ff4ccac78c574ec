"""What the queue remembers of a file while its bytes are with a worker."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import images
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.header import header_of
from plume_app.domain.shared.errors import UndoStoreFull
from plume_app.jobs.items import Refused, Source


def test_t42_the_bytes_of_a_file_are_not_among_what_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    data = images.jpeg_bytes(images.photo(300, 200))
    path.write_bytes(data)

    source = Source.of(read_source(path), header_of(data), 4_096)

    assert source.facts.size == len(data)
    assert not any(getattr(source, field.name) == data for field in fields(source))
    assert "data" not in {field.name for field in fields(source)}


def test_a_refusal_is_the_failure_as_data() -> None:
    assert Refused.of(UndoStoreFull(limit=5)) == Refused("undo_store_full", {"limit": 5})
