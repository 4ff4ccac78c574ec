from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from plume_app.domain.shared.errors import MissingBackend
from plume_app.shell import ASK_AGAIN_S, Closing, Shell, system_language


class FakeWindow:
    """Answers what a test has put into it."""

    def __init__(self, *, has_file_manager: bool = True) -> None:
        self.has_file_manager = has_file_manager
        self.is_closed = False
        self.shown: list[Path] = []

    def choose_files(self, file_types: Sequence[str] = ()) -> Sequence[Path]:
        return [Path(one) for one in file_types]

    def choose_folder(self) -> Path | None:
        return Path("/chosen")

    def choose_target(self, name: str) -> Path | None:
        return Path("/saved") / name

    def take_drop(self) -> Sequence[Path]:
        return [Path("/dropped.png")]

    def reveal(self, path: Path) -> bool:
        self.shown.append(path)
        return self.has_file_manager

    def close(self) -> None:
        self.is_closed = True


class Desk:
    """Files at work, the questions asked, and a clock that a test moves."""

    def __init__(self, files_left: int) -> None:
        self.left = files_left
        self.asked: list[int] = []
        self.now = 100.0
        self.closing = Closing(lambda: self.left, self.asked.append, lambda: self.now)


def test_a_window_with_nothing_at_work_closes_without_a_question() -> None:
    desk = Desk(0)

    assert desk.closing.may_close()
    assert desk.asked == []


def test_a_window_at_work_asks_and_stays() -> None:
    desk = Desk(3)

    assert not desk.closing.may_close()
    assert desk.asked == [3]


def test_a_double_click_on_the_cross_is_one_question_more_and_no_answer() -> None:
    desk = Desk(3)
    desk.closing.may_close()
    desk.now += ASK_AGAIN_S / 2

    assert not desk.closing.may_close()


def test_who_closes_again_after_a_moment_means_it() -> None:
    desk = Desk(3)
    desk.closing.may_close()
    desk.now += ASK_AGAIN_S

    assert desk.closing.may_close()


def test_after_no_the_question_is_asked_anew() -> None:
    desk, window = Desk(3), FakeWindow()
    desk.closing.may_close()
    Shell(window, desk.closing).answer_close(False)
    desk.now += 60

    assert not desk.closing.may_close()
    assert desk.asked == [3, 3]
    assert not window.is_closed


def test_yes_closes() -> None:
    desk, window = Desk(3), FakeWindow()
    Shell(window, desk.closing).answer_close(True)

    assert window.is_closed


def test_the_window_is_asked_for_files_folders_and_drops() -> None:
    shell = Shell(FakeWindow(), Desk(0).closing)

    assert shell.choose_files(("x",)) == [Path("x")]
    assert shell.choose_folder() == Path("/chosen")
    assert shell.choose_target("a.csv") == Path("/saved/a.csv")
    assert shell.take_drop() == [Path("/dropped.png")]


def test_a_system_without_a_file_manager_is_said() -> None:
    window = FakeWindow(has_file_manager=False)

    with pytest.raises(MissingBackend):
        Shell(window, Desk(0).closing).reveal(Path("/a.png"))
    assert window.shown == [Path("/a.png")]
    Shell(FakeWindow(), Desk(0).closing).reveal(Path("/a.png"))


@pytest.mark.parametrize(
    ("environ", "fallback", "language"),
    [
        ({"LANG": "fr_CA.UTF-8"}, None, "fr"),
        ({"LANG": "en_GB.UTF-8"}, None, "en"),
        ({"LANG": "de_DE.UTF-8"}, None, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "fr_FR"}, None, "fr"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "de:fr:en"}, None, "fr"),
        ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LANG": "fry_NL"}, None, "en"),
        ({}, "French_France", "fr"),
        ({}, None, "en"),
    ],
)
def test_the_system_speaks_the_first_language_that_plume_knows(
    environ: dict[str, str], fallback: str | None, language: str
) -> None:
    assert system_language(environ, fallback) == language
