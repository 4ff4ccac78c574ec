from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import backstage
import images
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.image.limits import Limits
from plume_app.events import FilesChanged
from plume_app.files import Files, row_of
from plume_app.jobs.looking import Looking
from plume_app.jobs.messages import Cancelled, Inspect, Outcome, Task, Thumbnail
from plume_app.jobs.pictures import Pictures
from plume_app.jobs.trials import Trials

MANY = 300


class Room:
    """A list of real files, and somebody who looks at them."""

    def __init__(
        self,
        folder: Path,
        count: int,
        picture_bytes: int = 1_000_000,
        limits: Limits | None = None,
        pool: backstage.ThreadPool | None = None,
    ) -> None:
        data = images.png_bytes(images.noise(8, 8))
        self.files, self.heard = Files(), backstage.Heard()
        self.pool, self.pictures = pool or backstage.ThreadPool(), Pictures(picture_bytes)
        for number in range(count):
            (folder / f"{number:04}.png").write_bytes(data + bytes([0]) * number)  # each its own size
        paths = sorted(folder.iterdir())
        self.ids = self.files.add(Candidate(one, None, one, one.stat().st_size, 0) for one in paths)
        self.facts = 0
        self.idle = False
        self.busy: Callable[[], bool] = lambda: not self.idle
        self.at_rest = threading.Event()
        self.looking = Looking(
            self.files,
            self.pool,
            self.pictures,
            emit=self.heard.emit,
            row=lambda entry: row_of(entry, None),
            facts_changed=self._count,
            new_task_id=iter(range(-1, -(1 << 30), -1)).__next__,
            limits=limits or Limits(),
            trials=Trials(self.files, lambda _entry: Settings()),
            busy=lambda: self.busy(),  # noqa: PLW0108 - it changes
        )

    def _count(self) -> None:
        self.facts += 1

    def until(self, true: Callable[[], bool]) -> None:
        backstage.Desktop.until(self, true)  # type: ignore[arg-type]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, MANY)
    yield made
    made.looking.close()


def test_headers_of_all_are_read_and_thumbnails_made_for_what_is_visible_only(room: Room) -> None:
    visible = room.files.all()[-5:]
    room.looking.show(visible)
    room.looking.added(room.ids)
    room.until(lambda: all(one.header for one in room.files.all()) and all(one.thumbnail for one in visible))

    assert len([one for one in room.pool.tasks if isinstance(one, Thumbnail)]) == 5
    assert {row.file_id for one in room.heard.of(FilesChanged) for row in one.rows} == {one.id for one in visible}
    assert 0 < room.facts < MANY


def test_what_was_scrolled_past_is_not_made(room: Room) -> None:
    entries = room.files.all()
    for at in range(0, 200, 10):
        room.looking.show(entries[at : at + 10])
    room.looking.show(entries[-10:])
    room.until(lambda: all(one.thumbnail for one in entries[-10:]))

    assert len(room.pool.tasks) < 100


def test_nothing_is_looked_at_while_the_list_moves(room: Room) -> None:
    entries = room.files.all()
    room.looking.scrolled()
    room.looking.added(room.ids)
    time.sleep(0.2)
    moving = [one for one in entries if one.header]
    room.looking.show(entries[:3])
    room.until(lambda: all(one.thumbnail for one in entries[:3]))

    assert moving == []
    assert len(room.pool.tasks) == 3


def test_a_scroll_that_nobody_ended_is_over_after_a_second(room: Room) -> None:
    room.looking.show(room.files.all()[:3])
    room.looking.scrolled()
    room.looking.added(room.ids)

    room.until(lambda: all(one.header for one in room.files.all()))


def test_a_thumbnail_that_had_to_make_room_is_made_again(tmp_path: Path) -> None:
    room = Room(tmp_path, 3, picture_bytes=1)
    first = room.files.get(1)
    room.looking.show([first])
    room.until(lambda: first.thumbnail is not None)
    room.pictures.put(b"another", "image/webp")
    assert first.thumbnail not in room.pictures
    room.looking.show([first])

    room.until(lambda: first.thumbnail in room.pictures)
    room.looking.close()


def test_a_file_over_the_limit_is_said_to_be_without_being_read(tmp_path: Path) -> None:
    room = Room(tmp_path, 1, limits=Limits(max_file_bytes=10))
    room.looking.show(room.files.all())
    room.until(lambda: room.files.get(1).error is not None)

    assert room.files.get(1).error.code == "image_too_large"  # type: ignore[union-attr]
    assert room.pool.tasks == []
    room.looking.close()


def test_what_was_read_of_a_file_is_not_told_of_a_row_that_follows_another_by_then(tmp_path: Path) -> None:
    moves: list[Callable[[], None]] = []

    class Moving(Limits):
        def check_file(self, size: int) -> None:
            if moves:
                moves.pop()()
            super().check_file(size)

    room = Room(tmp_path, 1, limits=Moving())
    (entry,) = room.files.all()
    other = tmp_path / "b.jpg"
    other.write_bytes(images.jpeg_bytes(images.noise(8, 8)))
    moves.append(lambda: room.files.move(entry, str(other), str(other), ()))

    room.looking.added(room.ids)
    room.until(lambda: not moves)
    room.looking.added(room.ids)
    room.until(lambda: entry.header is not None)
    room.looking.close()

    assert entry.header is not None
    assert entry.header.format == "jpeg"


def test_what_is_visible_is_tried_with_its_thumbnail_and_the_rest_when_nobody_works(tmp_path: Path) -> None:
    photo = images.jpeg_bytes(images.photo(120, 90), quality=95)
    room = Room(tmp_path, 0)
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(photo)
    paths = sorted(tmp_path.iterdir())
    ids = room.files.add(Candidate(one, None, one, one.stat().st_size, 0) for one in paths)
    entries = room.files.all()
    room.looking.show(entries[:1])
    room.looking.added(ids)
    room.until(lambda: entries[0].probe_for(Settings()) is not None and all(one.header for one in entries))

    assert [type(one) for one in room.pool.tasks] == [Thumbnail]
    assert entries[0].features is not None
    assert entries[0].features.source_quality == 95
    room.idle = True
    room.looking.rested()
    room.until(lambda: all(one.probe_for(Settings(quality=33)) for one in entries))
    assert [type(one) for one in room.pool.tasks[1:]] == [Inspect] * 3
    assert [one.thumbnail for one in entries[1:]] == [None] * 3
    room.looking.close()


class GonePool(backstage.ThreadPool):
    """One whose workers are no more."""

    def submit(self, job: Task) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.tasks.append(job)
        future.set_result(Cancelled(job.id))
        return future


def test_a_row_whose_worker_is_gone_is_not_asked_for_again_and_again(tmp_path: Path) -> None:
    room = Room(tmp_path, 2, pool=GonePool())
    room.looking.show(room.files.all())
    room.until(lambda: len(room.pool.tasks) == 2)
    room.looking.added(room.ids)
    room.until(lambda: not room.looking._outcomes)
    assert len(room.pool.tasks) == 2
    room.looking.show(room.files.all())
    room.until(lambda: len(room.pool.tasks) == 4)
    room.looking.close()


def test_a_batch_that_ends_while_somebody_asks_for_it_is_not_overheard(tmp_path: Path) -> None:
    room = Room(tmp_path, 0)
    (tmp_path / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(120, 90), quality=95))
    path = tmp_path / "a.jpg"
    (file_id,) = room.files.add([Candidate(path, None, path, path.stat().st_size, 0)])
    entry = room.files.get(file_id)

    def ends_now() -> bool:
        """It was at work, and is over before the answer is used."""
        if entry.header is None:
            return True
        room.busy = lambda: False
        room.looking.rested()
        return True

    room.busy = ends_now
    room.looking.added([file_id])
    room.until(lambda: entry.probe_for(Settings()) is not None)
    room.looking.close()
