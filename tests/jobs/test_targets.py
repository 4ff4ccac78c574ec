"""Which name a result takes: free, the very same bytes, its own to replace; never anybody else's."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plume_app.jobs.targets import Recorded, Standing, choose, finished

SOURCE = Path("/photos/a.jpg")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def recorded(result: bytes, *, source: Path = SOURCE, source_bytes: bytes = b"source", settings: str = "s") -> Recorded:
    return Recorded(os.fsencode(source), sha256(source_bytes), settings, sha256(result))


# what stands at the first name, what the history says of it, and what becomes of the result "new"
CASES: dict[str, tuple[bytes | None, Recorded | None, Standing | None]] = {
    "nothing stands there": (None, None, Standing.FREE),
    "nothing stands there any more": (None, recorded(b"old"), Standing.FREE),
    "somebody's file": (b"mine", None, None),
    "the same bytes, history deleted": (b"new", None, Standing.SAME),
    "the same bytes, its own": (b"new", recorded(b"new"), Standing.SAME),
    "the same bytes, made of another source": (b"new", recorded(b"new", source=Path("/b.jpg")), None),
    "its own earlier result": (b"old", recorded(b"old"), Standing.OWN),
    "its own earlier result, edited": (b"edited", recorded(b"old"), None),
    "the result of another source": (b"old", recorded(b"old", source=Path("/photos/b.jpg")), None),
}


@pytest.mark.parametrize(("there", "history", "standing"), CASES.values(), ids=list(CASES))
def test_t09_a_name_is_taken_only_where_nobody_loses_a_file(
    there: bytes | None, history: Recorded | None, standing: Standing | None, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    if there is not None:
        first.write_bytes(there)

    target = choose(
        iter([first, second]),
        source_path=SOURCE,
        result_hash=sha256(b"new"),
        recorded_at={first: history}.get,
        claimed=lambda _: False,
    )

    assert (target.path, target.standing) == ((second, Standing.FREE) if standing is None else (first, standing))
    assert (target.facts is None) == (target.standing is Standing.FREE)


def test_t08_a_name_promised_to_another_result_of_the_run_is_not_taken(tmp_path: Path) -> None:
    names = [tmp_path / "first", tmp_path / "second"]

    target = choose(names, source_path=SOURCE, result_hash="", recorded_at=lambda _: None, claimed=names[0].__eq__)

    assert target.path == names[1]


@pytest.mark.parametrize("kind", ["folder", "link to the same bytes", "dangling link", "pipe"])
def test_what_is_no_plain_file_is_never_ours(kind: str, tmp_path: Path) -> None:
    first, second, same = tmp_path / "first", tmp_path / "second", tmp_path / "same"
    same.write_bytes(b"new")
    ways: dict[str, Callable[[], object]] = {
        "folder": first.mkdir,
        "link to the same bytes": lambda: first.symlink_to(same),
        "dangling link": lambda: first.symlink_to(tmp_path / "nowhere"),
        "pipe": lambda: os.mkfifo(first),
    }
    ways[kind]()
    history = {first: recorded(b"new")}.get

    target = choose(
        [first, second], source_path=SOURCE, result_hash=sha256(b"new"), recorded_at=history, claimed=lambda _: False
    )
    standing = finished(
        [first, second], source_path=SOURCE, source_hash=sha256(b"source"), settings_hash="s", recorded_at=history
    )

    assert (target.path, target.standing) == (second, Standing.FREE)
    assert standing is None


# what stands at the first name and what the history says of it: is there nothing left to do?
DONE: dict[str, tuple[bytes | None, Recorded | None, bool]] = {
    "the recorded result": (b"result", recorded(b"result"), True),
    "deleted": (None, recorded(b"result"), False),
    "edited": (b"edited", recorded(b"result"), False),
    "of other bytes of the source": (b"result", recorded(b"result", source_bytes=b"other"), False),
    "at other settings": (b"result", recorded(b"result", settings="other"), False),
    "of another source": (b"result", recorded(b"result", source=Path("/photos/b.jpg")), False),
    "not in the history": (b"result", None, False),
}


@pytest.mark.parametrize(("there", "history", "is_done"), DONE.values(), ids=list(DONE))
def test_t11_done_is_what_the_history_and_the_disk_both_say(
    there: bytes | None, history: Recorded | None, is_done: bool, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    if there is not None:
        first.write_bytes(there)

    standing = finished(
        [first, second],
        source_path=SOURCE,
        source_hash=sha256(b"source"),
        settings_hash="s",
        recorded_at={first: history}.get,
    )

    assert standing == ((first, len(b"result")) if is_done else None)
