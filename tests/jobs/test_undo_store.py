from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plume_app.database.queries.batches import add_jobs
from plume_app.database.queries.originals import original_of
from plume_app.domain.file.reading import FileFacts, read_source
from plume_app.domain.shared.errors import SourceChanged, SourceMissing, TargetUnwritable, UndoStoreFull
from plume_app.jobs.undo import undo_batch
from plume_app.jobs.undo_store import UndoStore
from undo_world import NOW, World, sha256


def keep(world: World, batch_id: int, path: Path, store: UndoStore | None = None) -> int:
    job_id = add_jobs(world.db, batch_id, [os.fsencode(path)])[0]
    read = read_source(path)
    (store or world.store).keep_original(
        world.db, job_id=job_id, path=path, sha256=read.sha256, attributes=read.attributes, now=NOW
    )
    return job_id


def picture(world: World, name: str, data: bytes) -> Path:
    path = world.pictures / name
    path.write_bytes(data)
    return path


def replaced(world: World, store: UndoStore, *names: str, size: int = 100) -> int:
    """A finished batch that replaced files of `size` bytes in place."""
    world.store = store
    batch_id = world.begin()
    for name in names:
        path = picture(world, name, name.encode() * size)
        world.write(batch_id, path, path, b"small")
    world.end(batch_id)
    return batch_id


def test_the_facts_returned_are_those_after_the_link_so_that_a_later_change_shows(world: World) -> None:
    path = picture(world, "a", b"original")
    job_id = add_jobs(world.db, world.begin(), [b"/a"])[0]
    read = read_source(path)

    facts = world.store.keep_original(
        world.db, job_id=job_id, path=path, sha256=read.sha256, attributes=read.attributes, now=NOW
    )

    assert facts == FileFacts.of(path.lstat())
    assert world.stored() == [sha256(b"original")]


def test_a_file_that_changed_after_it_was_read_is_not_kept(world: World) -> None:
    path = picture(world, "a", b"changed meanwhile")
    job_id = add_jobs(world.db, world.begin(), [b"/a"])[0]

    with pytest.raises(SourceChanged):
        world.store.keep_original(
            world.db,
            job_id=job_id,
            path=path,
            sha256=sha256(b"original"),
            attributes=read_source(path).attributes,
            now=NOW,
        )

    assert world.stored() == []
    assert original_of(world.db, job_id) is None
    assert path.read_bytes() == b"changed meanwhile"


def test_a_file_that_changed_is_not_kept_though_the_store_has_what_was_read(world: World) -> None:
    batch_id = world.begin()
    twin, path = picture(world, "a", b"the same"), picture(world, "b", b"the same")
    world.write(batch_id, twin, twin, b"small")  # its original is the store's alone now
    read = read_source(path)
    path.write_bytes(b"edited")
    job_id = add_jobs(world.db, batch_id, [b"/b"])[0]

    with pytest.raises(SourceChanged):
        world.store.keep_original(
            world.db, job_id=job_id, path=path, sha256=read.sha256, attributes=read.attributes, now=NOW
        )

    assert original_of(world.db, job_id) is None
    assert world.stored() == [sha256(b"the same")]  # the twin's


def test_a_file_that_is_gone_is_told_as_missing(world: World) -> None:
    path = picture(world, "a", b"x")
    read = read_source(path)
    path.unlink()

    with pytest.raises(SourceMissing):
        world.store.keep_original(
            world.db, job_id=1, path=path, sha256=read.sha256, attributes=read.attributes, now=NOW
        )


def test_equal_files_are_stored_once_and_each_is_restored(world: World) -> None:
    paths = [picture(world, name, b"the same") for name in ("a.jpg", "b.jpg")]
    batch_id = world.begin()
    for path in paths:
        world.write(batch_id, path, path, b"small")
    world.end(batch_id)
    assert len(world.stored()) == 1

    assert undo_batch(world.db, world.store).restored == 2
    assert world.files() == {"a.jpg": b"the same", "b.jpg": b"the same"}


def test_an_entry_that_is_still_a_users_file_is_no_ground_for_another_original(world: World) -> None:
    batch_id = world.begin()
    first, second = picture(world, "a.jpg", b"the same"), picture(world, "b.jpg", b"the same")
    world.write(batch_id, first, first, b"small", before="stage")  # kept, linked, and then not replaced
    world.write(batch_id, second, second, b"small")
    world.end(batch_id)
    with first.open("r+b") as file:
        file.write(b"EDITED!!")  # through the inode that the first entry shares

    report = undo_batch(world.db, world.store)

    assert second.read_bytes() == b"the same"
    assert first.read_bytes() == b"EDITED!!"
    assert report.restored == 1


def test_a_damaged_entry_is_no_ground_for_another_original(world: World) -> None:
    store = world.store
    replaced(world, store, "a.jpg")
    entry = store.path_of(world.stored()[0])
    entry.chmod(0o600)
    entry.write_bytes(b"rot")

    batch_id = replaced(world, store, "a.jpg")

    assert undo_batch(world.db, store, batch_id).restored == 1
    assert world.files()["a.jpg"] == b"a.jpg" * 100


def test_the_oldest_originals_make_room_for_new_ones(world: World) -> None:
    store = UndoStore(world.folder / "data" / "undo", max_bytes=1100)
    first = replaced(world, store, "1.jpg")  # 500 bytes each
    second = replaced(world, store, "2.jpg")

    third = replaced(world, store, "3.jpg")

    assert undo_batch(world.db, store, first).restored == 0
    assert undo_batch(world.db, store, second).restored == 1
    assert undo_batch(world.db, store, third).restored == 1


def test_t06_a_batch_at_work_is_never_evicted_and_nothing_is_replaced_without_its_original(world: World) -> None:
    store = world.store = UndoStore(world.folder / "data" / "undo", max_bytes=1100)
    batch_id = world.begin()
    for name in ("1.jpg", "2.jpg"):
        path = picture(world, name, name.encode() * 100)
        world.write(batch_id, path, path, b"small")
    third = picture(world, "3.jpg", b"3.jpg" * 100)

    with pytest.raises(UndoStoreFull) as refused:
        world.write(batch_id, third, third, b"small")

    assert refused.value.facts == {"limit": 1100}
    assert third.read_bytes() == b"3.jpg" * 100
    world.end(batch_id)
    assert undo_batch(world.db, store, batch_id).restored == 2


def test_a_file_larger_than_the_store_evicts_nothing(world: World) -> None:
    store = UndoStore(world.folder / "data" / "undo", max_bytes=1100)
    first = replaced(world, store, "1.jpg")

    with pytest.raises(UndoStoreFull):
        replaced(world, store, "2.jpg", size=1000)

    assert undo_batch(world.db, store, first).restored == 1


@pytest.mark.parametrize(
    ("free", "used", "limit"),
    [(1_000, 0, 100), (900, 100, 100), (10**12, 0, 20_000_000_000), (None, 0, 20_000_000_000), (0, 0, 0)],
)
def test_the_limit_is_a_tenth_of_the_free_disk_and_does_not_shrink_as_the_store_fills(
    world: World, free: int | None, used: int, limit: int
) -> None:
    assert UndoStore(world.folder, free=lambda _: free).limit_bytes(used) == limit


def test_retire_removes_only_the_very_bytes_that_are_stored(world: World) -> None:
    path = picture(world, "a.jpg", b"original")
    job_id = keep(world, world.begin(), path)
    path.unlink()
    path.write_bytes(b"another")

    with pytest.raises(SourceChanged):
        world.store.retire(world.db, job_id)
    path.write_bytes(b"original")
    world.store.retire(world.db, job_id)
    assert not path.exists()
    world.store.retire(world.db, job_id)  # again after a crash


def test_retire_removes_nothing_that_the_store_has_lost(world: World) -> None:
    path = picture(world, "a.jpg", b"original")
    job_id = keep(world, world.begin(), path)
    world.store.path_of(world.stored()[0]).unlink()

    with pytest.raises(TargetUnwritable):
        world.store.retire(world.db, job_id)
    assert path.read_bytes() == b"original"


def test_bytes_without_a_row_are_left_alone_until_they_are_old(world: World) -> None:
    keep(world, world.begin(), picture(world, "a.jpg", b"original"))
    for file in (world.folder / "data").glob("plume.sqlite3*"):
        file.unlink()
    world = World(world.folder)

    made_at = datetime.fromtimestamp(world.store.path_of(world.stored()[0]).stat().st_ctime, UTC)

    assert world.store.sweep(world.db, made_at + timedelta(days=29)) == 0
    assert world.store.sweep(world.db, made_at + timedelta(days=31)) == 1
    assert world.stored() == []


def test_release_unused_lets_go_what_was_not_replaced_in_the_end(world: World) -> None:
    batch_id = world.begin()
    keep(world, batch_id, picture(world, "a.jpg", b"original"))

    world.store.release_unused(world.db)
    assert world.stored() != []  # still at work
    world.end(batch_id)
    world.store.release_unused(world.db)

    assert world.stored() == []
    assert (world.pictures / "a.jpg").read_bytes() == b"original"
