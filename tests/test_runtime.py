"""What the two doors share is opened whole, settled, and closed again."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

import images
from plume_app.database.queries.batches import add_jobs, create_batch, history, set_state
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import InvalidRequest, TargetUnwritable
from plume_app.jobs.messages import Done, Job
from plume_app.jobs.preferences import PreferenceBook
from plume_app.runtime import WORKER_LOG, limits_from, open_runtime
from plume_app.sentences import notice_sentence
from undo_world import DEAD, NOW, World


def test_everything_lies_under_the_data_folder_for_its_owner_only(data_dir: Path) -> None:
    with open_runtime(workers=1) as runtime:
        assert runtime.db.path == data_dir / "plume.sqlite3"
        assert runtime.store.folder == data_dir / "undo"
        assert runtime.notices == []

    assert {path.name for path in data_dir.iterdir()} >= {"plume.sqlite3", "logs"}
    assert (data_dir / "logs").stat().st_mode & 0o077 == 0


def test_it_works_and_leaves_no_thread_and_no_process(data_dir: Path) -> None:
    before = set(threading.enumerate())
    data = images.jpeg_bytes(images.photo(32, 24))
    with open_runtime(workers=1, warm=True) as runtime:
        outcome = runtime.pool.submit(Job(1, data, Settings(), 32 * 24 * 3)).result(timeout=60)
        assert isinstance(outcome, Done)

    assert {thread.name for thread in set(threading.enumerate()) - before} == set()
    assert (data_dir / "logs" / WORKER_LOG).is_file()


def test_t02_what_a_dead_run_left_is_settled_before_anything_else(data_dir: Path) -> None:
    with open_runtime(workers=1) as runtime:
        create_batch(runtime.db, owner=DEAD, settings={}, output={}, now=NOW)
        assert history(runtime.db)[0].state == "running"

    with open_runtime(workers=1) as runtime:
        assert history(runtime.db)[0].state == "finished"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_t02_what_was_settled_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    world = World(tmp_path)
    monkeypatch.setenv("PLUME_DATA_DIR", str(tmp_path / "data"))
    source = world.pictures / "a.jpg"
    source.write_bytes(b"original")
    world.write(world.begin(), source, source, b"result", before="record")

    with open_runtime(workers=1) as runtime:
        ((code, facts),) = runtime.notices
        assert code == "recovered"
        told = notice_sentence(code, facts, language)
    with open_runtime(workers=1) as runtime:
        assert runtime.notices == []
    assert ("Finished now: 1;" if language == "en" else "Terminés à présent : 1 ;") in told
    assert "{" not in told


def test_the_undo_store_has_the_limits_that_were_chosen_in_the_window(data_dir: Path) -> None:
    with open_runtime(workers=1) as runtime:
        PreferenceBook(runtime.db, processors=1).save({"undo_limit": 1234, "undo_days": 400})

    with open_runtime(workers=1) as runtime:
        assert runtime.store.limit_bytes(0) == 1234
        path = data_dir / "a.jpg"
        path.write_bytes(b"original")
        (job_id,) = add_jobs(
            runtime.db, create_batch(runtime.db, owner=DEAD, settings={}, output={}, now=NOW), [b"/a.jpg"]
        )
        read = read_source(path)
        runtime.store.keep_original(
            runtime.db, job_id=job_id, path=path, sha256=read.sha256, attributes=read.attributes, now=NOW
        )
        set_state(runtime.db, 1, "finished")
        assert runtime.store.expire(runtime.db, NOW + timedelta(days=399)) == 0
        assert runtime.store.expire(runtime.db, NOW + timedelta(days=401)) == 1


def test_t51_a_damaged_history_is_set_aside_and_told(data_dir: Path) -> None:
    (data_dir / "plume.sqlite3").write_bytes(b"no database" * 1_000)

    with open_runtime(workers=1) as runtime:
        ((code, facts),) = runtime.notices
        assert f"kept as {data_dir}" in notice_sentence(code, facts)
        assert history(runtime.db) == []


def test_t39_a_data_folder_that_cannot_be_made_is_refused(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (data_dir / "file").write_text("in the way")
    monkeypatch.setenv("PLUME_DATA_DIR", str(data_dir / "file"))

    with pytest.raises(TargetUnwritable), open_runtime(workers=1):
        raise AssertionError("opened")


def test_t43_limits_are_those_of_the_environment() -> None:
    assert limits_from({}) == limits_from({"PLUME_MAX_FILE_BYTES": ""}) == Limits()
    both = {"PLUME_MAX_FILE_BYTES": "5", "PLUME_MAX_DECODED_BYTES": "7"}
    assert limits_from(both) == Limits(max_file_bytes=5, max_decoded_bytes=7)


@pytest.mark.parametrize("text", ["0", "-1", "lots", "1e9", "5 MB", "\u00b2"])
def test_a_limit_that_is_no_number_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InvalidRequest, match="PLUME_MAX_FILE_BYTES"):
        limits_from(os.environ | {"PLUME_MAX_FILE_BYTES": text})


def test_the_world_of_undo_is_the_one_of_the_runtime(tmp_path: Path) -> None:
    """`World` (of the tests of undo) lays its data folder out as the runtime does."""
    world = World(tmp_path)

    assert world.db.path.name == "plume.sqlite3"
    assert world.store.folder.name == "undo"
