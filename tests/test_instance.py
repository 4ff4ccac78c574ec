from __future__ import annotations

import json
import os
import queue
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from plume_app.domain.shared.errors import InvalidRequest, TargetUnwritable
from plume_app.instance import Instance, claim

ODD = (
    Path("/a b/100%25.png"),
    Path("/na\u00efve \u6f22/\U0001f600.png"),
    Path("/new\nline.png"),
    Path("/bad\udcff.png"),
)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "data" / "instance.lock"


@pytest.fixture
def first(lock: Path) -> Iterator[Instance]:
    made = claim(lock, ())
    assert made is not None
    yield made
    made.close()


def test_the_first_start_holds_the_lock_in_a_file_for_its_owner_alone(first: Instance, lock: Path) -> None:
    first.listen(lambda _: None)

    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(lock.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("paths", [(), ODD, tuple(Path(f"/pictures/{number}.png") for number in range(5000))])
def test_a_second_start_hands_its_paths_to_the_first(first: Instance, lock: Path, paths: tuple[Path, ...]) -> None:
    came: queue.Queue[tuple[Path, ...]] = queue.Queue()
    first.listen(came.put)

    assert claim(lock, paths) is None
    assert came.get(timeout=5) == paths


def test_a_second_start_waits_until_the_first_listens(first: Instance, lock: Path) -> None:
    came: queue.Queue[tuple[Path, ...]] = queue.Queue()
    later = threading.Timer(0.3, first.listen, (came.put,))
    later.start()

    assert claim(lock, ODD) is None
    assert came.get(timeout=5) == ODD
    later.join()


def test_a_first_window_that_does_not_answer_is_told_in_a_sentence(first: Instance, lock: Path) -> None:
    del first
    with pytest.raises(InvalidRequest):
        claim(lock, (), patience_s=0.2)


def test_after_the_first_has_ended_the_next_start_is_the_first(lock: Path) -> None:
    for _ in range(3):
        made = claim(lock, ())
        assert made is not None
        made.listen(lambda _: None)
        made.close()


def test_each_data_folder_has_its_own_first(first: Instance, tmp_path: Path) -> None:
    del first
    other = claim(tmp_path / "other" / "instance.lock", ())

    assert other is not None
    other.close()


def test_a_foreign_process_on_the_port_learns_no_path(first: Instance, lock: Path) -> None:
    del first  # it holds the lock; somebody else listens where its file points
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as squatter:

        def answer() -> None:
            connection, _ = squatter.accept()
            with connection:
                heard.append(connection.recv(1000))
                connection.sendall(b"x" * 64)
                heard.append(connection.recv(1000))

        thread = threading.Thread(target=answer)
        thread.start()
        lock.write_text(json.dumps({"pid": 1, "port": squatter.getsockname()[1], "token": "00" * 32}))
        with pytest.raises(InvalidRequest):
            claim(lock, (Path("/secret/holiday.png"),), patience_s=0.1)
        thread.join()
    assert b"holiday" not in b"".join(heard)
    assert heard[1] == b""


def test_strangers_who_hold_connections_get_no_more_than_a_few_threads(first: Instance, lock: Path) -> None:
    came: queue.Queue[tuple[Path, ...]] = queue.Queue()
    first.listen(came.put)
    port = json.loads(lock.read_bytes())["port"]
    held = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(100)]
    at_work = sum(thread.name == "plume-hand-over" for thread in threading.enumerate())
    for one in held:
        one.close()

    assert at_work <= 32
    assert claim(lock, ODD) is None
    assert came.get(timeout=5) == ODD


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_moment_without_file_descriptors_does_not_end_the_listening(first: Instance, lock: Path) -> None:
    import resource

    came: queue.Queue[tuple[Path, ...]] = queue.Queue()
    first.listen(came.put)
    port = json.loads(lock.read_bytes())["port"]
    with socket.socket() as caller:
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
        try:
            caller.connect(("127.0.0.1", port))
            time.sleep(0.3)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    assert claim(lock, ODD) is None
    assert came.get(timeout=5) == ODD


@pytest.mark.parametrize("words", [b"", b"x" * 32, b"x" * 68, b"x" * 32 + b"y" * 32 + b'\0\0\0\x04["/"]'])
def test_a_foreign_caller_adds_nothing_and_breaks_nothing(first: Instance, lock: Path, words: bytes) -> None:
    came: queue.Queue[tuple[Path, ...]] = queue.Queue()
    first.listen(came.put)
    port = json.loads(lock.read_bytes())["port"]
    # The first instance may hang up at the first wrong word, at any of these calls.
    with socket.create_connection(("127.0.0.1", port), timeout=5) as caller, suppress(OSError):
        caller.sendall(words)
        caller.shutdown(socket.SHUT_WR)
        while caller.recv(1000):
            pass

    assert came.empty()
    assert claim(lock, ODD) is None
    assert came.get(timeout=5) == ODD


@pytest.mark.parametrize("left", [b"", b"nonsense", b"{}", b"[]", b'{"port": 1, "token": "zz"}'])
def test_what_a_killed_window_left_is_no_hindrance(lock: Path, left: bytes) -> None:
    lock.parent.mkdir()
    lock.write_bytes(left)
    made = claim(lock, ())

    assert made is not None
    made.close()


def test_a_data_folder_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(TargetUnwritable):
        claim(tmp_path / "file" / "instance.lock", ())


@pytest.mark.skipif(os.name != "posix", reason="no symbolic links to fear")
def test_a_link_in_place_of_the_lock_is_not_followed(lock: Path, tmp_path: Path) -> None:
    lock.parent.mkdir()
    (tmp_path / "precious").write_text("mine")
    lock.symlink_to(tmp_path / "precious")

    with pytest.raises(TargetUnwritable):
        claim(lock, ())
    assert (tmp_path / "precious").read_text() == "mine"
