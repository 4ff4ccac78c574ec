"""A batch from found files to its summary: what one failure costs, pause, cancel, order, memory, a bug of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import images
from plume_app.database.queries.batches import batch, history
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file import atomic
from plume_app.domain.file.found import Candidate, Found, Ignored, Problem
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.shared.errors import DiskFull, SourceMissing
from plume_app.jobs import worker
from plume_app.jobs.lane import always
from plume_app.jobs.messages import Cancelled, Failed, Job, Outcome, Probe
from plume_app.jobs.pool import Pool
from plume_app.jobs.queue import Batch
from plume_app.jobs.results import FileResult, Summary
from shop import InlinePool, Shop, tree

PICTURE = images.jpeg_bytes(images.photo(48, 32), quality=97)


class LatePool:
    """The pool's port with workers that begin when the test says so, in the order that it says."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[Job, Future[Outcome]]] = {}
        self.may_begin: dict[int, Callable[[], bool]] = {}
        self.looked_again = 0
        self.most_waiting = 0
        self.taken = 0
        self.cancelled = threading.Event()
        self._changed = threading.Condition()

    def submit(self, job: Job, may_begin: Callable[[], bool] = always) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        with self._changed:
            self.may_begin[job.id] = may_begin
            self.waiting[job.id] = (job, future)
            self.taken += 1
            self.most_waiting = max(self.most_waiting, len(self.waiting))
            self._changed.notify_all()
        return future

    def look_again(self) -> None:
        self.looked_again += 1

    def cancel_all(self) -> None:
        with self._changed:
            waiting, self.waiting = self.waiting, {}
        for job, future in waiting.values():
            future.set_result(Cancelled(job.id))
        self.cancelled.set()

    def wait_for(self, taken: int) -> None:
        """Until so many jobs were taken in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.taken >= taken, timeout=60)

    def settle(self, job_id: int) -> None:
        """Does one job."""
        with self._changed:
            job, future = self.waiting.pop(job_id)
        future.set_result(worker.run(job))


class Running:
    """A batch that runs in a thread of its own, as behind the window."""

    def __init__(self, work: Batch, found: Iterable[Found]) -> None:
        self.batch = work
        self.summary: Summary | None = None
        self._thread = threading.Thread(target=self._run, args=(found,), name="test-batch")
        self._thread.start()

    def _run(self, found: Iterable[Found]) -> None:
        self.summary = self.batch.run(found)

    def end(self) -> Summary:
        self._thread.join(timeout=60)
        assert not self._thread.is_alive(), "the batch hangs"
        assert self.summary is not None
        return self.summary


def late_shop(folder: Path) -> tuple[Shop, LatePool]:
    shop, pool = Shop(folder / "data"), LatePool()
    shop.pool = pool  # type: ignore[assignment]
    return shop, pool


def pictures(folder: Path, count: int) -> list[Candidate]:
    folder.mkdir(exist_ok=True)
    found = []
    for number in range(count):
        path = folder / f"{number:04}.jpg"
        path.write_bytes(PICTURE)
        facts = path.stat()
        found.append(Candidate(path, folder, path, facts.st_size, facts.st_mtime_ns))
    return found


def missing(count: int) -> Iterator[Found]:
    return (Problem(Path(f"/nowhere/{number}.jpg"), SourceMissing()) for number in range(count))


def hidden_files(folder: Path) -> list[str]:
    return [name for name in tree(folder) if Path(name).name.startswith(".")]


def test_t01_t35_one_bad_file_costs_only_itself(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    pictures(folder, 3)
    (folder / "0001.jpg").write_bytes(images.truncated(PICTURE, 50))
    before = tree(folder)
    shop = Shop(tmp_path / "data")

    results = shop.run([folder], output=OutputPolicy("in_place"))

    by_name = {result.path.name: result for result in results}
    assert {name: result.status for name, result in by_name.items()} == {
        "0000.jpg": "written",
        "0001.jpg": "failed",
        "0002.jpg": "written",
    }
    assert by_name["0001.jpg"].error_code == "corrupt_image"
    assert tree(folder)["0001.jpg"] == before["0001.jpg"]
    assert not hidden_files(folder)
    assert (shop.summary.files, shop.summary.written, shop.summary.failed) == (3, 2, 1)


@pytest.mark.parametrize("code", ["timed_out", "worker_crashed", "internal_error"])
def test_t01_t48_a_lost_worker_costs_one_file_and_leaves_its_original(code: str, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    pictures(folder, 3)
    before = tree(folder)
    pool = InlinePool(lambda job: Failed(job.id, code, {}) if job.id == 2 else worker.run(job))

    results = Shop(tmp_path / "data", pool=pool).run([folder], output=OutputPolicy("in_place"))

    assert [(one.status, one.error_code) for one in results] == [("written", None), ("failed", code), ("written", None)]
    assert tree(folder)["0001.jpg"] == before["0001.jpg"]


def test_results_are_told_in_the_order_in_which_they_end(tmp_path: Path) -> None:
    shop, pool = late_shop(tmp_path)
    told = threading.Semaphore(0)

    def listen(result: FileResult) -> None:
        shop.results.append(result)
        told.release()

    work = shop.batch(Settings(), OutputPolicy(), on_result=listen)
    running = Running(work, pictures(tmp_path / "photos", 3))
    pool.wait_for(3)
    for job_id in (3, 1, 2):
        pool.settle(job_id)
        assert told.acquire(timeout=60)
    running.end()

    assert [result.path.name for result in shop.results] == ["0002.jpg", "0000.jpg", "0001.jpg"]


def test_a_paused_batch_begins_no_file_until_it_is_resumed(tmp_path: Path) -> None:
    shop, pool = late_shop(tmp_path)
    found = pictures(tmp_path / "photos", 4)
    work = shop.batch(Settings(), OutputPolicy())
    halfway = threading.Event()

    def walk() -> Iterator[Found]:
        yield from found[:1]  # the first group of the feeder: one file
        pool.wait_for(1)
        work.pause()
        halfway.set()
        yield from found[1:]

    running = Running(work, walk())
    assert halfway.wait(timeout=60)
    pool.settle(1)  # what a worker had is finished while the rest waits
    assert pool.taken == 1
    work.resume()
    pool.wait_for(4)
    for job_id in (2, 3, 4):
        pool.settle(job_id)

    assert running.end().written == 4


def test_what_waits_in_the_pool_may_not_begin_while_its_batch_is_paused_or_cancelled(tmp_path: Path) -> None:
    shop, pool = late_shop(tmp_path)
    work = shop.batch(Settings(), OutputPolicy())
    running = Running(work, pictures(tmp_path / "photos", 12))
    pool.wait_for(12)
    assert pool.may_begin[12]()

    work.pause()
    assert not any(may_begin() for may_begin in pool.may_begin.values())
    work.resume()
    assert all(may_begin() for may_begin in pool.may_begin.values())
    assert pool.looked_again == 1
    work.cancel()

    assert running.end().cancelled == 12
    assert not pool.may_begin[12]()


def test_a_pause_lets_a_real_worker_begin_no_more_than_what_is_in_its_pipe(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    came_back: list[int] = []
    first, pool = threading.Event(), Pool(1)
    shop.pool = pool  # type: ignore[assignment]
    work = shop.batch(Settings(), OutputPolicy())

    def step(job_id: int, _path: Path, stage: str) -> None:
        if stage == "saving" and not came_back:
            work.pause()
        if stage == "saving":
            came_back.append(job_id)
            first.set()

    work.on_step = step
    try:
        running = Running(work, pictures(tmp_path / "photos", 12))
        for number in (-1, -2):  # a worker that takes another task has ended all that it had
            assert first.wait(60)
            pool.submit(Probe(number)).result(60)
            assert len(came_back) <= 2
        work.resume()
        assert running.end().written == 12
    finally:
        pool.close()


def test_a_file_is_read_and_then_waits_before_it_is_saved(tmp_path: Path) -> None:
    shop, told = Shop(tmp_path / "data"), []
    work = shop.batch(Settings(), OutputPolicy())
    work.on_step = lambda _job_id, _path, stage: told.append(stage)

    work.run(pictures(tmp_path / "photos", 1))

    assert told == ["reading", "read", "saving"]


def test_t49_a_paused_batch_can_be_cancelled(tmp_path: Path) -> None:
    shop, _ = late_shop(tmp_path)
    work = shop.batch(Settings(), OutputPolicy())
    work.pause()
    running = Running(work, pictures(tmp_path / "photos", 3))

    work.cancel()

    assert running.end().cancelled >= 1
    assert not [name for name in tree(tmp_path / "photos") if "_compressed" in name]


def test_t49_cancel_ends_files_with_a_worker_and_begins_no_other(tmp_path: Path) -> None:
    shop, pool = late_shop(tmp_path)
    folder = tmp_path / "photos"
    found = pictures(folder, 30)
    before = tree(folder)
    work = shop.batch(Settings(), OutputPolicy("in_place"))
    running = Running(work, found)
    pool.wait_for(10)
    pool.settle(1)

    work.cancel()
    summary = running.end()

    assert work.is_cancelled
    assert summary.written + summary.cancelled == summary.files == 30  # also those that were never told of
    assert summary.written <= 1
    after = tree(folder)
    assert {name for name in before if before[name] != after[name]} <= {"0000.jpg"}
    assert not hidden_files(folder)
    row = batch(shop.db, work.id)
    assert row is not None
    assert (row.state, row.cancelled) == ("cancelled", summary.cancelled)


def test_t42_at_most_64_files_are_between_disk_and_disk(tmp_path: Path) -> None:
    shop, pool = late_shop(tmp_path)
    running = Running(shop.batch(Settings(), OutputPolicy()), pictures(tmp_path / "photos", 150))
    for job_id in range(1, 151):
        pool.wait_for(job_id)
        pool.settle(job_id)

    assert running.end().written == 150
    assert pool.most_waiting <= 64


def test_t42_a_batch_longer_than_all_its_slots_comes_to_its_end(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    running = Running(shop.batch(Settings(), OutputPolicy()), missing(5_000))

    assert running.end().failed == 5_000


def test_ignored_files_are_counted_and_get_no_row(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    found: list[Found] = [Ignored(tmp_path / "notes.txt", "extension")] * 3
    summary = shop.batch(Settings(), OutputPolicy()).run([*found, *pictures(tmp_path / "photos", 1)])

    assert (summary.ignored, summary.files) == (3, 1)
    assert history(shop.db)[0].files == 1


def test_an_empty_batch_ends(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")

    assert shop.batch(Settings(), OutputPolicy()).run([]).files == 0
    assert history(shop.db)[0].state == "finished"


def test_a_bug_of_the_feeder_surfaces_and_the_batch_is_interrupted(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    found = pictures(tmp_path / "photos", 1)

    def walk() -> Iterator[Found]:
        yield from found
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        shop.batch(Settings(), OutputPolicy()).run(walk())

    assert history(shop.db)[0].state == "interrupted"


def fail_to_hear(_: FileResult) -> None:
    raise LookupError("a bug")


def test_a_bug_of_the_listener_surfaces_and_the_batch_is_interrupted(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    work = shop.batch(Settings(), OutputPolicy(), on_result=fail_to_hear)

    with pytest.raises(LookupError, match="a bug"):
        work.run(pictures(tmp_path / "photos", 3))

    assert history(shop.db)[0].state == "interrupted"
    assert not hidden_files(tmp_path / "photos")


def test_a_bug_of_the_listener_lets_the_feeder_end(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    work = shop.batch(Settings(), OutputPolicy(), on_result=fail_to_hear)

    with pytest.raises(LookupError, match="a bug"):
        work.run(missing(1_000))  # many more than there are slots

    assert not [thread for thread in threading.enumerate() if thread.name == "plume-feeder"]
    row = batch(shop.db, work.id)
    assert row is not None
    assert row.files < 1_000


def test_cancel_takes_no_lock_that_an_interrupted_cancel_holds(tmp_path: Path) -> None:
    """As when a second Ctrl+C comes while the handler of the first is at work."""
    shop = Shop(tmp_path / "data")
    work = shop.batch(Settings(), OutputPolicy())
    held = [work._running._cond, work._slots._cond, work._gathering._lock]
    called = threading.Event()

    def call() -> None:
        work.cancel()
        called.set()

    for lock in held:
        lock.acquire()
    try:
        threading.Thread(target=call, daemon=True).start()
        assert called.wait(timeout=10)
        assert work.is_cancelled
    finally:
        for lock in held:
            lock.release()


def test_an_original_that_was_not_replaced_leaves_the_store_with_its_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_named: object) -> None:
        raise DiskFull(folder="/")

    monkeypatch.setattr(atomic, "stage", full)
    shop = Shop(tmp_path / "data")
    found = pictures(tmp_path / "photos", 1)

    summary = shop.batch(Settings(output_format="webp"), OutputPolicy("in_place")).run(found)

    assert summary.failed == 1
    assert not list(shop.store.folder.glob("??/*"))
    assert found[0].path.read_bytes() == PICTURE


def test_a_folder_whose_name_is_not_utf_8_can_hold_the_results(tmp_path: Path) -> None:
    import os

    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    shop = Shop(tmp_path / "data")
    found = pictures(tmp_path / "photos", 1)

    summary = shop.batch(Settings(), OutputPolicy("folder", folder=folder)).run(found)

    assert summary.written == 1
    assert history(shop.db)[0].output["folder"] == str(folder)
