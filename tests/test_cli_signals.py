"""Signals in the first second of a real process, and what each of the three answers does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import images
from command_line import environment
from plume_app.cli_signals import INTERRUPTED, Interruption, unwinding
from shop import tree

NOISE = ("Traceback", "Aborted", "KeyboardInterrupt", "Exception ignored", "crashed")
# Modules whose import is told while the program starts: its own first ones, those of the database, those that the
# pool loads for its first worker, and those that a worker loads.
MOMENTS = (
    "click",
    "plume_app.domain.file.naming",
    "peewee",
    "plume_app.jobs.messages",
    "pyvips",
    "pebble.pool.process",
)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    slow = images.png_bytes(images.photo(1200, 900), compress_level=1)
    for number in range(6):
        (tmp_path / "photos" / f"{number}.png").write_bytes(slow)
    return tmp_path


def hearing() -> None:
    """In the child: what whoever runs the tests ignores (a background job Ctrl+C, nohup a closed terminal) is heard."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def begin(at: Path, *words: str, through: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Plume in a session of its own, telling on standard error what it imports."""
    return subprocess.Popen(
        [*through, sys.executable, "-X", "importtime", "-m", "plume_app", *words],
        cwd=at, env=environment(at / "data"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=None if through else hearing,  # noqa: PLW1509 - one thread here
    )  # fmt: skip


def wait_for_import(running: subprocess.Popen[str], module: str) -> None:
    assert running.stderr is not None
    for line in running.stderr:
        if line.rstrip().endswith(f" {module}"):
            return
    raise AssertionError(f"{module} was never imported")


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=["Ctrl+C", "the terminal closes"])
def test_t49_a_start_that_is_interrupted_ends_quietly_with_130(number: int, moment: str, photos: Path) -> None:
    before = tree(photos / "photos")
    running = begin(photos, "compress", "photos", "-o", "out", "--effort", "max")
    wait_for_import(running, moment)

    os.killpg(running.pid, number)  # as a terminal does: to every process of the group
    out, err = running.communicate(timeout=120)

    assert running.returncode == INTERRUPTED
    assert not [word for word in NOISE if word in out + err]
    assert tree(photos / "photos") == before
    assert not [name for name in tree(photos / "out") if Path(name).name.startswith(".")]


@pytest.mark.parametrize("words", [["estimate", "photos"], ["doctor"]], ids=lambda words: words[0])
def test_other_commands_are_unwound_with_130(words: list[str], photos: Path) -> None:
    running = begin(photos, *words)
    wait_for_import(running, "plume_app.domain.image.limits")

    os.killpg(running.pid, signal.SIGTERM)
    _out, err = running.communicate(timeout=120)

    assert running.returncode == INTERRUPTED
    assert not [word for word in NOISE if word in err]


def test_a_signal_that_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(90, 60), quality=97))
    running = begin(tmp_path, "compress", "a.jpg", "-o", "out", through=("nohup",))
    wait_for_import(running, "click")

    os.killpg(running.pid, signal.SIGHUP)
    running.communicate(timeout=120)

    assert running.returncode == 0
    assert set(tree(tmp_path / "out")) == {"a.jpg"}


@pytest.fixture
def own_handler() -> Iterator[list[int]]:
    """A handler that the tests find again afterwards; it writes down what reached it."""
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    yield heard
    signal.signal(signal.SIGTERM, before)


def test_unwinding_closes_what_is_open_and_gives_the_handler_back(own_handler: list[int]) -> None:
    with pytest.raises(SystemExit) as ended, unwinding():
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == INTERRUPTED
    signal.raise_signal(signal.SIGTERM)
    assert own_handler == [signal.SIGTERM]


def test_an_interruption_is_told_also_to_who_comes_later(own_handler: list[int]) -> None:
    stopped: list[str] = []
    with Interruption() as interruption:
        assert not interruption.came
        signal.raise_signal(signal.SIGTERM)
        interruption.stops(lambda: stopped.append("late"))
        signal.raise_signal(signal.SIGTERM)

    assert interruption.came
    assert stopped == ["late", "late"]
    assert own_handler == []


def test_a_second_signal_while_nobody_can_stop_unwinds(own_handler: list[int]) -> None:
    with pytest.raises(SystemExit), Interruption():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)

    assert own_handler == []
