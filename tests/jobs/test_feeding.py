"""From found files to jobs: what is refused unread, unsent, or not done again; and when the feeder stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import images
from plume_app.database.queries.batches import create_batch
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate, Found, Ignored, Problem
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import CorruptImage, SourceMissing, UnsupportedFormat
from plume_app.jobs.feeding import Feeder, header_in
from plume_app.jobs.items import Ending, Item, Refused, Stopped
from plume_app.jobs.names import Names
from plume_app.jobs.owner import this_process
from shop import InlinePool, Shop

PHOTO = images.jpeg_bytes(images.photo(32, 24))


class World:
    """A feeder over a real database, and what it did."""

    def __init__(self, at: Path, *, files_before_stop: int | None = None, limits: Limits | None = None) -> None:
        self.at = at
        shop = Shop(at / "data")
        self.pool = InlinePool()
        self.ended: list[tuple[str, Ending]] = []
        self.sent: list[str] = []
        self.asked = 0
        self.most = files_before_stop
        settings = Settings()
        batch_id = create_batch(
            shop.db, owner=this_process(), settings=settings.to_json(), output={}, now=datetime(2026, 3, 4, tzinfo=UTC)
        )
        self.feeder = Feeder(
            db=shop.db,
            pool=self.pool,
            batch_id=batch_id,
            settings=settings,
            names=Names(OutputPolicy(), lambda _: False),
            limits=limits or Limits(),
            recorded_at=lambda _: None,
            go_on=self.go_on,
            stopped=self.is_stopped,
            end=lambda item, ending: self.ended.append((item.path.name, ending)),
            sent=lambda item, _: self.sent.append(item.path.name),
        )

    def go_on(self) -> bool:
        self.asked += 1
        return not self.is_stopped()

    def is_stopped(self) -> bool:
        return self.most is not None and self.asked > self.most

    def file(self, name: str, data: bytes = PHOTO) -> Candidate:
        path = self.at / name
        path.write_bytes(data)
        return Candidate(path, None, path, len(data), 0)


def test_each_file_asks_for_its_turn_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    found: list[Found] = [world.file(f"{number}.jpg") for number in range(30)]
    found[3:3] = [Ignored(tmp_path / "notes.txt", "extension")] * 5
    found.append(Problem(tmp_path / "gone.jpg", SourceMissing()))

    world.feeder.feed(found)

    assert world.asked == 31
    assert world.feeder.ignored == 5
    assert world.sent == [f"{number}.jpg" for number in range(30)]
    assert world.ended == [("gone.jpg", Refused("source_missing", {}))]
    assert len(set(world.pool.jobs)) == 30


def test_after_a_stop_what_was_found_is_told_and_no_more_is_looked_for(tmp_path: Path) -> None:
    world = World(tmp_path, files_before_stop=2)
    looked_at = []

    def walk() -> Iterator[Found]:
        for number in range(1_000):
            looked_at.append(number)
            yield world.file(f"{number}.jpg")

    world.feeder.feed(walk())

    assert world.sent == ["0.jpg", "1.jpg"]
    assert [ending for _, ending in world.ended] == [Stopped()] * (len(looked_at) - 2)
    assert len(looked_at) < 30


def test_a_walk_that_finds_nothing_is_stopped_too(tmp_path: Path) -> None:
    world = World(tmp_path, files_before_stop=-1)
    looked_at = []

    def walk() -> Iterator[Found]:
        for number in range(10_000):
            looked_at.append(number)
            yield Ignored(Path("notes.txt"), "extension")

    world.feeder.feed(walk())

    assert len(looked_at) < 100


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"", Limits(), "corrupt_image"),
        (b"just text", Limits(), "unsupported_format"),
        (images.truncated(images.png_bytes(images.photo(9, 9)), 5), Limits(), "corrupt_image"),
        (PHOTO, Limits(max_file_bytes=100), "image_too_large"),
        (PHOTO, Limits(max_decoded_bytes=100), "image_too_large"),
    ],
    ids=["empty", "text", "half a header", "too many bytes", "too many pixels"],
)
def test_t43_what_its_header_refuses_never_reaches_a_worker(
    data: bytes, limits: Limits, code: str, tmp_path: Path
) -> None:
    world = World(tmp_path, limits=limits)

    world.feeder.feed([world.file("a.png", data)])

    assert (world.sent, world.pool.jobs) == ([], [])
    ((_, ending),) = world.ended
    assert isinstance(ending, Refused)
    assert ending.code == code


def test_a_picture_that_would_be_kept_undecoded_has_no_limit(tmp_path: Path) -> None:
    world = World(tmp_path, limits=Limits(max_decoded_bytes=100))

    world.feeder.feed([world.file("a.gif", images.gif_bytes(images.palette(20, 20)))])

    assert (len(world.pool.jobs), world.ended) == (1, [])


def test_a_file_that_is_gone_by_now_is_told(tmp_path: Path) -> None:
    world = World(tmp_path)
    found = world.file("a.jpg")
    found.path.unlink()

    world.feeder.feed([found])

    assert world.ended == [("a.jpg", Refused("source_missing", {}))]


def test_a_header_is_read_from_bytes_in_memory() -> None:
    assert header_in(PHOTO).format == "jpeg"
    with pytest.raises(CorruptImage):
        header_in(b"")
    with pytest.raises(UnsupportedFormat):
        header_in(b"just text")


def test_an_item_without_a_source_is_one_that_was_not_read(tmp_path: Path) -> None:
    assert Item(1, tmp_path).source is None
