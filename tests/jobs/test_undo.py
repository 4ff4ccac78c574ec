from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from plume_app.database.queries.batches import batch, last_undoable_batch, record_folders
from plume_app.database.queries.journal import claim_for_undo
from plume_app.database.queries.statistics import stats
from plume_app.domain.shared.errors import InvalidRequest
from plume_app.jobs.recover import settle
from plume_app.jobs.undo import Left, undo_batch
from processes import in_another_process, killed_at_each_step
from undo_world import DEAD, NOW, World

ORIGINAL, RESULT = b"the original's bytes", b"smaller"


def picture(world: World, name: str = "a.jpg", data: bytes = ORIGINAL) -> Path:
    path = world.pictures / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def in_place(world: World, *sources: Path, converted: bool = False) -> int:
    batch_id = world.begin()
    for source in sources:
        world.write(batch_id, source, source.with_suffix(".webp") if converted else source, RESULT)
    world.end(batch_id)
    return batch_id


@pytest.mark.parametrize("converted", [False, True])
def test_undo_restores_bytes_dates_mode_and_attributes(world: World, converted: bool) -> None:
    source = picture(world)
    source.chmod(0o640)
    os.utime(source, ns=(1_111_111_111_123_456_789, 1_222_222_222_987_654_321))
    os.setxattr(source, "user.note", b"holiday \xff")
    in_place(world, source, converted=converted)
    assert world.files() == {"a.webp" if converted else "a.jpg": RESULT}

    report = undo_batch(world.db, world.store)

    assert (report.restored, report.removed, report.left) == (1, int(converted), ())
    assert world.files() == {"a.jpg": ORIGINAL}
    found = source.stat()
    assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o640, 1_222_222_222_987_654_321)
    assert os.getxattr(source, "user.note") == b"holiday \xff"
    assert world.stored() == []


@pytest.mark.parametrize("name", [b"\xff\xfe.jpg", b"-rf.jpg", b"two\nlines.jpg", "été 😀.jpg".encode()])
def test_undo_restores_files_of_any_name(world: World, name: bytes) -> None:
    source = picture(world, os.fsdecode(name))
    in_place(world, source)

    assert undo_batch(world.db, world.store).restored == 1
    assert source.read_bytes() == ORIGINAL


def test_undo_refuses_a_file_that_changed_since_and_can_be_asked_again(world: World) -> None:
    changed, other = picture(world, "a.jpg"), picture(world, "b.jpg", b"another original")
    batch_id = in_place(world, changed, other)
    changed.write_bytes(b"edited by its owner")

    report = undo_batch(world.db, world.store)

    assert (report.restored, report.left) == (1, (Left(changed, "changed_since"),))
    assert world.files() == {"a.jpg": b"edited by its owner", "b.jpg": b"another original"}
    changed.unlink()
    assert undo_batch(world.db, world.store, batch_id).restored == 1
    assert changed.read_bytes() == ORIGINAL


def test_undo_without_a_number_comes_back_to_what_it_had_to_leave_before_it_takes_an_older_batch(world: World) -> None:
    older = picture(world, "older.jpg")
    in_place(world, older)
    changed, other = picture(world, "a.jpg"), picture(world, "b.jpg")
    newer = in_place(world, changed, other)
    changed.write_bytes(b"edited by its owner")
    assert undo_batch(world.db, world.store).restored == 1

    again = undo_batch(world.db, world.store)

    assert (again.batch_id, again.restored, again.left) == (newer, 0, (Left(changed, "changed_since"),))
    assert older.read_bytes() == RESULT
    changed.write_bytes(RESULT)
    assert undo_batch(world.db, world.store).batch_id == newer
    assert undo_batch(world.db, world.store).restored == 1
    assert older.read_bytes() == ORIGINAL


def test_undo_tells_how_far_it_is(world: World) -> None:
    in_place(world, *(picture(world, f"{n}.jpg") for n in range(3)))
    told: list[tuple[int, int]] = []

    undo_batch(world.db, world.store, progress=lambda done, total: told.append((done, total)))

    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_undo_brings_back_an_original_whose_result_was_deleted(world: World) -> None:
    source = picture(world)
    in_place(world, source)
    source.unlink()

    assert undo_batch(world.db, world.store).restored == 1
    assert world.files() == {"a.jpg": ORIGINAL}


def test_undo_never_follows_a_link_that_stands_where_the_result_was(world: World, tmp_path: Path) -> None:
    source = picture(world)
    in_place(world, source)
    elsewhere = tmp_path / "elsewhere"
    source.rename(elsewhere)
    source.symlink_to(elsewhere)

    assert undo_batch(world.db, world.store).left == (Left(source, "changed_since"),)
    assert elsewhere.read_bytes() == RESULT


def test_undo_of_a_conversion_keeps_a_new_file_that_changed_and_still_restores(world: World) -> None:
    source = picture(world)
    in_place(world, source, converted=True)
    new = source.with_suffix(".webp")
    new.write_bytes(b"edited")

    report = undo_batch(world.db, world.store)

    assert (report.restored, report.removed, report.left) == (1, 0, (Left(new, "changed_since"),))
    assert world.files() == {"a.jpg": ORIGINAL, "a.webp": b"edited"}


def test_undo_of_a_conversion_overwrites_nothing_that_took_the_old_name(world: World) -> None:
    source = picture(world)
    in_place(world, source, converted=True)
    source.write_bytes(b"a new picture of that name")

    report = undo_batch(world.db, world.store)

    assert report.left == (Left(source, "changed_since"),)
    assert world.files() == {"a.jpg": b"a new picture of that name", "a.webp": RESULT}
    assert world.stored() != []


def test_undo_removes_unchanged_results_and_the_empty_folders_that_plume_made(world: World, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch_id = world.begin()
    folders = [out, out / "x", out / "y"]
    record_folders(world.db, batch_id, [os.fsencode(folder) for folder in folders])
    for folder in folders:
        folder.mkdir()
    for n, folder in enumerate((out / "x", out / "y", out / "y")):
        world.write(batch_id, picture(world, f"{n}.jpg"), folder / f"{n}.jpg", RESULT)
    world.end(batch_id)
    (out / "y" / "2.jpg").write_bytes(b"edited")

    report = undo_batch(world.db, world.store)

    assert (report.restored, report.removed) == (0, 2)
    assert report.left == (Left(out / "y" / "2.jpg", "changed_since"),)
    assert sorted(out.rglob("*")) == [out / "y", out / "y" / "2.jpg"]
    assert len(world.files()) == 3


def test_a_copy_of_a_kept_file_is_removed_as_well(world: World, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    batch_id = world.begin()
    world.write(batch_id, picture(world), tmp_path / "out" / "a.jpg", b"metadata gone", reason="not_smaller")
    world.end(batch_id)

    assert undo_batch(world.db, world.store).removed == 1


def test_two_runs_over_one_file_are_undone_one_by_one(world: World) -> None:
    source = picture(world)
    first = in_place(world, source)
    second = world.begin()
    world.write(second, source, source, b"tiny")
    world.end(second)

    assert undo_batch(world.db, world.store, first).left == (Left(source, "changed_since"),)
    assert undo_batch(world.db, world.store, second).restored == 1
    assert source.read_bytes() == RESULT
    assert undo_batch(world.db, world.store, first).restored == 1
    assert source.read_bytes() == ORIGINAL


def test_an_original_that_is_no_longer_stored_is_told_and_the_result_stays(world: World) -> None:
    source = picture(world)
    in_place(world, source)
    shutil.rmtree(world.store.folder)

    assert undo_batch(world.db, world.store).left == (Left(source, "source_missing", {"what": "stored"}),)
    assert source.read_bytes() == RESULT


def test_a_stored_original_with_other_bytes_is_never_restored(world: World) -> None:
    source = picture(world)
    in_place(world, source)
    world.store.path_of(world.stored()[0]).write_bytes(b"rot")

    assert undo_batch(world.db, world.store).left == (Left(source, "source_missing", {"what": "stored"}),)
    assert source.read_bytes() == RESULT


def test_a_folder_that_is_gone_is_told_and_the_original_stays_stored(world: World) -> None:
    source = picture(world, "deep/a.jpg")
    in_place(world, source)
    shutil.rmtree(source.parent)

    (left,) = undo_batch(world.db, world.store).left
    assert (left.path, left.code, left.facts["folder"]) == (source, "target_unwritable", str(source.parent))
    assert world.stored() != []


def test_a_batch_undone_is_marked_and_its_savings_are_gone(world: World) -> None:
    batch_id = in_place(world, picture(world))

    undo_batch(world.db, world.store)

    row = batch(world.db, batch_id)
    assert row is not None
    assert (row.state, row.undoable) == ("undone", 0)
    assert last_undoable_batch(world.db) is None
    assert stats(world.db).totals.files == 0
    assert undo_batch(world.db, world.store, batch_id).restored == 0


def test_undo_refuses_what_is_at_work_unknown_or_not_there(world: World) -> None:
    with pytest.raises(InvalidRequest):
        undo_batch(world.db, world.store)
    running = world.begin()
    with pytest.raises(InvalidRequest):
        undo_batch(world.db, world.store, running)
    with pytest.raises(InvalidRequest):
        undo_batch(world.db, world.store, running + 1)


@pytest.mark.parametrize("converted", [False, True])
def test_t02_an_undo_killed_at_any_step_loses_nothing_and_can_be_started_again(tmp_path: Path, converted: bool) -> None:
    folder = tmp_path / "world"

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

        def compress() -> None:
            world = World(folder)
            in_place(world, picture(world), converted=converted)

        assert in_another_process(compress) == 0

    def undo() -> None:
        world = World(folder)
        undo_batch(world.db, world.store)

    def check(_step: int) -> None:
        def settle_and_undo() -> None:
            world = World(folder)
            found = world.files()
            assert ORIGINAL in found.values() or any(
                world.store.path_of(name).read_bytes() == ORIGINAL for name in world.stored()
            )
            settle(world.db, world.store, now=NOW, alive=lambda owner: owner == DEAD)
            row = batch(world.db, 1)
            assert row is not None
            is_back = world.files() == {"a.jpg": ORIGINAL}
            assert (row.state == "undone", row.undoable == 0) == (is_back, is_back)
            assert (world.db.sql("SELECT * FROM originals") == []) == is_back
            if last_undoable_batch(world.db):
                undo_batch(world.db, world.store)
            assert world.files() == {"a.jpg": ORIGINAL}

        assert in_another_process(settle_and_undo) == 0

    assert killed_at_each_step(prepare, undo, check) > 3


def test_of_an_undo_that_died_the_next_start_knows_which_results_are_gone(world: World) -> None:
    out = world.folder / "out"
    out.mkdir()
    batch_id = world.begin()
    record_folders(world.db, batch_id, [os.fsencode(out)])
    for name in ("a.jpg", "b.jpg"):
        world.write(batch_id, picture(world, name), out / name, RESULT)
    world.end(batch_id)
    found = []

    for name in ("b.jpg", "a.jpg"):  # it died between this and saying so
        assert claim_for_undo(world.db, batch_id, DEAD)
        (out / name).unlink()
        settle(world.db, world.store, now=NOW)
        row = batch(world.db, batch_id)
        assert row is not None
        found.append((row.state, row.undoable, out.exists()))

    assert found == [("finished", 1, True), ("undone", 0, False)]
