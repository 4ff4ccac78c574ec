from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plume_app.database.queries.batches import batch, paths_in
from plume_app.database.queries.originals import original_of
from plume_app.database.queries.results import recorded_result
from plume_app.jobs.owner import this_process
from plume_app.jobs.recover import Act, There, decide, settle
from plume_app.jobs.undo import undo_batch
from processes import in_another_process, killed_at_each_step
from undo_world import BESIDE, CONVERTED, DEAD, IN_PLACE, NOW, World, sha256

ORIGINAL, RESULT = b"the original's bytes", b"smaller"
OUTPUT = {"beside": "out/a.jpg", "in place": "in/a.jpg", "converted": "in/a.webp"}
STEPS = {"beside": BESIDE, "in place": IN_PLACE, "converted": CONVERTED}
DEATHS = [(mode, step) for mode, steps in STEPS.items() for step in steps]


def begun(world: World, mode: str, before: str) -> tuple[int, int, Path, Path]:
    """A batch that died before the step `before`: its id, the job's, source and output."""
    source, output = world.pictures / "a.jpg", world.folder / OUTPUT[mode]
    output.parent.mkdir(exist_ok=True)
    source.write_bytes(ORIGINAL)
    batch_id = world.begin()
    return batch_id, world.write(batch_id, source, output, RESULT, before=before), source, output


def dead(_owner: str) -> bool:
    return False


def everything(world: World) -> dict[str, bytes]:
    return world.files() | {
        f"out/{path.name}": path.read_bytes() for path in (world.folder / "out").glob("*") if path.is_file()
    }


@pytest.mark.parametrize(("mode", "before"), DEATHS)
def test_t02_a_death_before_any_step_leaves_one_whole_file_and_no_other(world: World, mode: str, before: str) -> None:
    batch_id, _, source, output = begun(world, mode, before)
    committed = STEPS[mode].index(before) > STEPS[mode].index("commit")

    report = settle(world.db, world.store, now=NOW, alive=dead)

    row = batch(world.db, batch_id)
    assert row is not None
    if committed:
        name = "out/a.jpg" if mode == "beside" else output.name
        assert everything(world) == ({"a.jpg": ORIGINAL} if mode == "beside" else {}) | {name: RESULT}
        assert (report.finished, row.state, row.written) == (1, "finished", 1)
        found = recorded_result(world.db, os.fsencode(output))
        assert found is not None
        assert (found.source_hash, found.result_hash) == (sha256(ORIGINAL), sha256(RESULT))
    else:
        assert everything(world) == {"a.jpg": ORIGINAL}
        assert row.state == "interrupted"
        assert paths_in(world.db, batch_id, ["queued"]) == [os.fsencode(source)]
        assert world.stored() == []
    assert settle(world.db, world.store, now=NOW, alive=dead).batches == 0
    if committed:
        undo_batch(world.db, world.store)
        assert everything(world) == {"a.jpg": ORIGINAL}


@pytest.mark.parametrize("mode", STEPS)
@pytest.mark.parametrize("blank", [b"", bytes(len(RESULT))])
def test_a_power_cut_that_left_a_blank_result_costs_the_result_only(world: World, mode: str, blank: bytes) -> None:
    batch_id, _, _, output = begun(world, mode, "record")
    output.write_bytes(blank)

    report = settle(world.db, world.store, now=NOW, alive=dead)

    assert everything(world) == {"a.jpg": ORIGINAL}
    assert report.restored == int(mode != "beside")
    assert len(paths_in(world.db, batch_id, ["queued"])) == 1
    assert world.stored() == []


def test_a_power_cut_that_lost_the_new_name_of_a_conversion_restores_the_original(world: World) -> None:
    _, _, _, output = begun(world, "converted", "record")
    output.unlink()

    assert settle(world.db, world.store, now=NOW, alive=dead).restored == 1
    assert everything(world) == {"a.jpg": ORIGINAL}


@pytest.mark.parametrize("mode", STEPS)
def test_what_somebody_else_put_at_the_output_meanwhile_is_left_alone(world: World, mode: str) -> None:
    _, job_id, _, output = begun(world, mode, "record")
    output.write_bytes(b"somebody else's")

    settle(world.db, world.store, now=NOW, alive=dead)

    assert output.read_bytes() == b"somebody else's"
    if mode == "in place":
        assert original_of(world.db, job_id) is not None  # the user may still want it
    else:
        assert everything(world)["a.jpg"] == ORIGINAL


def test_a_source_that_its_owner_edited_before_it_was_retired_stays_and_the_new_file_goes(world: World) -> None:
    _, _, source, _ = begun(world, "converted", "retire")
    source.unlink()
    source.write_bytes(b"edited by its owner")

    report = settle(world.db, world.store, now=NOW, alive=dead)

    assert report.left == 1
    assert everything(world) == {"a.jpg": b"edited by its owner"}


def test_a_conversion_is_taken_back_when_the_stored_original_is_damaged(world: World) -> None:
    _, job_id, source, _ = begun(world, "converted", "retire")
    kept = original_of(world.db, job_id)
    assert kept is not None
    entry = world.store.path_of(kept.stored_as)
    entry.unlink()
    entry.write_bytes(b"rot")

    settle(world.db, world.store, now=NOW, alive=dead)

    assert everything(world) == {source.name: ORIGINAL}


@pytest.mark.parametrize(("mode", "before"), DEATHS)
def test_a_living_plume_is_never_touched(world: World, mode: str, before: str) -> None:
    batch_id, _, _, _ = begun(world, mode, before)
    files, jobs = everything(world), world.db.sql("SELECT * FROM jobs")

    report = settle(world.db, world.store, now=NOW, alive=lambda owner: owner == DEAD)

    assert report.batches == 0
    assert (everything(world), world.db.sql("SELECT * FROM jobs")) == (files, jobs)
    row = batch(world.db, batch_id)
    assert row is not None
    assert row.state == "running"


def test_a_process_that_lives_is_known_as_living_and_an_ended_one_as_dead(world: World) -> None:
    printed = subprocess.run(
        [sys.executable, "-c", "from plume_app.jobs.owner import this_process; print(this_process())"],
        capture_output=True,
        text=True,
        check=True,
    )
    mine, ended = world.begin(owner=this_process()), world.begin(owner=printed.stdout.strip())

    settle(world.db, world.store, now=NOW)

    rows = {row.id: row.state for row in (batch(world.db, mine), batch(world.db, ended)) if row}
    assert rows == {mine: "running", ended: "finished"}


def test_a_staged_looking_file_that_no_row_names_is_never_touched(world: World) -> None:
    begun(world, "in place", "commit")
    stranger = world.pictures / ".plume-job-77.tmp"
    stranger.write_bytes(b"somebody's")

    settle(world.db, world.store, now=NOW, alive=dead)

    assert world.files() == {"a.jpg": ORIGINAL, ".plume-job-77.tmp": b"somebody's"}


@pytest.mark.parametrize("mode", ["in place", "converted"])
def test_files_on_a_disk_that_is_away_wait_until_it_is_back(world: World, mode: str) -> None:
    batch_id, _, _, _ = begun(world, mode, "record")
    away = world.folder / "away"
    world.pictures.rename(away)

    assert settle(world.db, world.store, now=NOW, alive=dead).waiting == 1
    assert world.stored() != []
    away.rename(world.pictures)
    assert settle(world.db, world.store, now=NOW, alive=dead).finished == 1

    undo_batch(world.db, world.store, batch_id)
    assert everything(world) == {"a.jpg": ORIGINAL}


def test_a_recovery_that_was_itself_killed_is_done_again(tmp_path: Path) -> None:
    folder = tmp_path / "world"

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()

        def die() -> None:
            _, _, _, output = begun(World(folder), "in place", "record")
            output.write_bytes(b"")

        assert in_another_process(die) == 0

    def recover() -> None:
        world = World(folder)
        settle(world.db, world.store, now=NOW, alive=dead)

    def check(_step: int) -> None:
        def recover_again() -> None:
            recover()
            assert World(folder).files() == {"a.jpg": ORIGINAL}

        assert in_another_process(recover_again) == 0

    assert killed_at_each_step(prepare, recover, check) > 3


@pytest.mark.parametrize("mode", STEPS)
def test_t02_t04_a_run_killed_at_any_system_call_is_settled_to_whole_files(tmp_path: Path, mode: str) -> None:
    folder = tmp_path / "world"
    name = "out/a.jpg" if mode == "beside" else Path(OUTPUT[mode]).name

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "in").mkdir(parents=True)
        (folder / "out").mkdir()
        (folder / "in" / "a.jpg").write_bytes(ORIGINAL)
        World(folder).db.close()

    def run() -> None:
        world = World(folder)
        world.write(world.begin(), world.pictures / "a.jpg", folder / OUTPUT[mode], RESULT)

    def check(_step: int) -> None:
        def recover() -> None:
            world = World(folder)
            assert ORIGINAL in everything(world).values() or any(
                world.store.path_of(stored).read_bytes() == ORIGINAL for stored in world.stored()
            )
            settle(world.db, world.store, now=NOW, alive=dead)
            done = ({"a.jpg": ORIGINAL} if mode == "beside" else {}) | {name: RESULT}
            assert everything(world) in ({"a.jpg": ORIGINAL}, done)

        assert in_another_process(recover) == 0

    assert killed_at_each_step(prepare, run, check) > 5


def test_what_was_kept_long_enough_is_let_go_at_the_start(world: World) -> None:
    batch_id, _, source, _ = begun(world, "in place", "end")
    world.end(batch_id)

    settle(world.db, world.store, now=NOW.replace(month=4, day=2), alive=dead)
    assert world.stored() != []
    settle(world.db, world.store, now=NOW.replace(month=4, day=4), alive=dead)

    assert world.stored() == []
    assert source.read_bytes() == RESULT


@pytest.mark.parametrize(("replaces", "stored"), [(a, b) for a in (False, True) for b in (False, True)])
def test_no_decision_lets_an_original_go_that_is_nowhere_else(replaces: bool, stored: bool) -> None:
    olds = [None, *There] if replaces else [None]
    for new, old in itertools.product(There, olds):
        act = decide(new, old, replaces=replaces, stored=stored)
        if act in (Act.RESTORE, Act.RETIRE):
            assert stored, (new, old)
        if act in (Act.REMOVE_NEW, Act.LEAVE_OLD):
            assert new in (There.RESULT, There.BLANK), (new, old)
            assert not replaces or old not in (None, There.NOTHING), (new, old)
        if act is Act.FINISH:
            assert new is There.RESULT, old
