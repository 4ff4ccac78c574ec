"""The bar: on a terminal only, honest from its first moment, gone when the run has ended."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path

import pytest

import images
from command_line import environment
from plume_app.cli_progress import Bar, no_bar
from plume_app.domain.file.found import Candidate, Found, Ignored, Problem
from plume_app.domain.shared.errors import SourceMissing
from plume_app.jobs.results import WRITTEN, FileResult

SIZE = 50_000


class Terminal(io.StringIO):
    """Standard error as a terminal that remembers."""

    def isatty(self) -> bool:
        return True

    def percents(self) -> list[int]:
        return [int(found) for found in re.findall(r"(\d+)%", self.getvalue())]


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


def candidate(number: int, size: int = SIZE) -> Candidate:
    path = Path(f"/photos/{number}.jpg")
    return Candidate(path, None, path, size, 0)


def ended(number: int, size: int | None = SIZE) -> FileResult:
    return FileResult(Path(f"/photos/{number}.jpg"), WRITTEN, original_size=size)


def count_thread_ends() -> None:
    for thread in threading.enumerate():
        if thread.name == "plume-count":
            thread.join(timeout=60)


def test_t54_the_bar_says_nothing_of_a_whole_that_is_not_counted_yet(terminal: Terminal) -> None:
    may_count = threading.Event()

    def find() -> Iterator[Found]:
        may_count.wait(timeout=60)
        yield from (candidate(number) for number in range(4))

    with redirect_stderr(terminal), Bar(find) as bar:
        bar.advance(ended(0))
        assert terminal.percents() == []
        may_count.set()
        count_thread_ends()
        for number in (1, 2):
            bar.advance(ended(number))

        assert set(terminal.percents()) == {50, 75}


def test_t54_the_bar_never_goes_back_and_ends_at_100(terminal: Terminal) -> None:
    found: list[Found] = [candidate(number, size) for number, size in enumerate((100, SIZE, 9 * SIZE))]
    gone = Problem(Path("/photos/gone.jpg"), SourceMissing())
    with redirect_stderr(terminal), Bar(lambda: [gone, *found, Ignored(Path("/photos/notes.txt"), "extension")]) as bar:
        count_thread_ends()
        for number, size in enumerate((None, 100, SIZE, 9 * SIZE)):
            with bar.paused():
                pass
            bar.advance(ended(number, size))

    percents = terminal.percents()
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert max(percents[:-3]) < 20  # bytes, not files


def test_the_counting_ends_with_the_run(terminal: Terminal) -> None:
    may_count, counted = threading.Event(), []

    def find() -> Iterator[Found]:
        may_count.wait(timeout=60)
        for number in range(1_000):
            counted.append(number)
            yield candidate(number)

    with redirect_stderr(terminal), Bar(find):
        pass
    may_count.set()
    count_thread_ends()

    assert counted == [0]


def test_where_nobody_watches_nothing_is_written(terminal: Terminal) -> None:
    with redirect_stderr(terminal), no_bar() as bar:
        with bar.paused():
            pass
        bar.advance(ended(0))

    assert terminal.getvalue() == ""


def on_a_terminal(at: Path, columns: int) -> tuple[int, str]:
    """The exit status of a run over `at`, and what a terminal of so many columns got."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with subprocess.Popen(
        [sys.executable, "-m", "plume_app", "compress", ".", "-o", "out"],
        cwd=at, env=environment(at / "data", {"TERM": "xterm"}),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    ) as running:  # fmt: skip
        os.close(theirs)
        said = bytearray()
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # how Linux tells that nobody holds the other end
            pass
        os.close(ours)
    return running.returncode, said.decode()


def five_photos(at: Path) -> Path:
    for number in range(5):
        (at / f"{number}.jpg").write_bytes(images.jpeg_bytes(images.photo(90, 60, seed=number), quality=97))
    return at


def test_on_a_terminal_lines_and_bar_share_the_screen(tmp_path: Path) -> None:
    status, screen = on_a_terminal(five_photos(tmp_path), 100)

    assert status == 0
    assert "Compressing" in screen
    assert "Traceback" not in screen
    assert len(re.findall(r"\d\.jpg: [^\r\n]* % smaller\r\n", screen)) == 5
    assert screen.rstrip().endswith("%).")


def test_on_a_narrow_terminal_the_bar_takes_one_line(tmp_path: Path) -> None:
    _, screen = on_a_terminal(five_photos(tmp_path), 44)

    bars = re.findall(r"Compressing[^\r\n\x1b]*", screen)
    assert any("%" in bar for bar in bars)
    assert max(map(len, bars)) <= 44
