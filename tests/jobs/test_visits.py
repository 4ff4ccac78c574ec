from __future__ import annotations

from pathlib import Path

import pytest

import images
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import ImageTooLarge, SourceMissing
from plume_app.files import Entry, Files
from plume_app.jobs.messages import Cancelled, Failed, Inspect, Thumbnail
from plume_app.jobs.visits import EDGE_PX, Visit, task_of


@pytest.fixture
def entry(tmp_path: Path) -> Entry:
    path = tmp_path / "a.png"
    path.write_bytes(images.png_bytes(images.photo(9, 9)))
    files = Files()
    (found,) = files.add([Candidate(path, None, path, path.stat().st_size, 0)])
    return files.get(found)


def test_a_visit_carries_the_bytes_and_never_the_path(entry: Entry) -> None:
    small, look = (task_of(Visit(entry, Settings(), thumbnail), 7, Limits()) for thumbnail in (True, False))

    assert isinstance(small, Thumbnail)
    assert isinstance(look, Inspect)
    assert small.edge_px == EDGE_PX
    for task in (small, look):
        assert (task.id, task.data, task.trial) == (7, Path(entry.path).read_bytes(), Settings())
        assert "a.png" not in repr(task)


def test_a_file_that_is_gone_or_too_large_is_an_expected_failure(entry: Entry) -> None:
    with pytest.raises(ImageTooLarge):
        task_of(Visit(entry, None), 7, Limits(max_file_bytes=10))
    Path(entry.path).unlink()
    with pytest.raises(SourceMissing):
        task_of(Visit(entry, None), 7, Limits())


def test_what_comes_back_for_a_row_that_follows_another_file_by_then_is_nothing(entry: Entry) -> None:
    visit, outcome = Visit(entry, None), Failed(7, "corrupt_image", {})
    assert visit.of_its_row(outcome) is outcome

    entry.real_path = "/elsewhere/b.webp"

    assert visit.of_its_row(outcome) == Cancelled(7)
