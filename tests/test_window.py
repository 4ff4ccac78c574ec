"""The parts of the window that need no screen; the rest is in tests/e2e."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from plume_app import window_gtk, window_native, window_qt
from plume_app.window_drop import Drop, paths_of
from plume_app.window_place import DEFAULT_SIZE, MIN_SIZE, Place
from plume_app.window_signals import closing_signals

NAMES = [b"plain.png", b"a b.png", b"100%25.png", "na\u00efve \u6f22.png".encode(), "\U0001f600.png".encode(),
         b"new\nline.png", b"bad\xff\xfe.png", b"<img src=x onerror=alert(1)>.png", b"folder"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("host", [b"", b"localhost", socket.gethostname().encode()])
def test_a_dropped_name_is_exactly_that_of_the_file(name: bytes, host: bytes) -> None:
    told = b"file://" + host + b"/in/" + quote(name).encode()

    assert [os.fsencode(path) for path in paths_of(told + b"\r\n")] == [b"/in/" + name]


def test_a_thousand_names_keep_their_order() -> None:
    told = b"".join(b"file:///in/%d.png\r\n" % number for number in range(1000))

    assert paths_of(told) == [Path(f"/in/{number}.png") for number in range(1000)]


def test_comments_other_machines_and_other_schemes_are_left_out() -> None:
    told = b"# a comment\r\nhttps://example.org/a.png\r\nfile://elsewhere/b.png\r\nfile:///c.png\nfile:///d%00.png\0"

    assert paths_of(told) == [Path("/c.png")]


def test_a_drop_is_given_once_and_the_last_one_counts() -> None:
    drop = Drop()
    drop.put([Path("/hovered/a.png")])
    drop.put([Path("/dropped/a.png")])

    assert drop.take() == (Path("/dropped/a.png"),)
    assert drop.take() == ()


def test_what_only_hovered_is_forgotten() -> None:
    drop = Drop()
    drop.put([Path("/hovered/a.png")])
    drop.put([])

    assert drop.take() == ()


def test_a_drop_that_the_page_heard_of_first_is_waited_for() -> None:
    drop = Drop()
    threading.Timer(0.05, drop.put, ([Path("/a.png")],)).start()

    assert drop.take(wait_s=5) == (Path("/a.png"),)


@pytest.mark.parametrize("place", [Place(), Place(900, 600, -5, 40), Place(800, 700, 1, 2, maximized=True)])
def test_a_place_is_found_again(place: Place) -> None:
    assert Place.from_json(json.loads(json.dumps(place.to_json()))) == place


NONSENSE = [
    None,
    [],
    "x",
    {},
    {"width": "1", "height": 2},
    {"width": 1e9, "height": 700},
    {"width": 10**9, "height": 7},
]


@pytest.mark.parametrize("found", NONSENSE)
def test_nonsense_is_the_default_place(found: object) -> None:
    assert Place.from_json(found) == Place()
    assert (Place().width, Place().height) == DEFAULT_SIZE


def test_half_a_corner_is_none() -> None:
    assert Place.from_json({"width": 900, "height": 600, "x": 5, "y": None}) == Place(900, 600)
    assert Place.from_json({"width": 900, "height": 600, "x": True, "y": 10**6}) == Place(900, 600)
    assert MIN_SIZE <= DEFAULT_SIZE


@pytest.mark.parametrize(
    ("place", "stays"),
    [
        (Place(900, 600, 100, 100), True),
        (Place(900, 600, 2000, 100), True),  # on the second screen
        (Place(900, 600, -2000, 100), False),
        (Place(900, 600, 1900, 1070), False),  # nothing to take hold of
        (Place(900, 600, 5000, 100), False),
        (Place(900, 600), True),
    ],
)
def test_a_place_on_a_screen_that_is_gone_becomes_the_middle(place: Place, stays: bool) -> None:
    screens = [(0, 0, 1920, 1080), (1920, 0, 1920, 1080)]

    assert place.within(screens) == (place if stays else Place(900, 600))


@pytest.mark.skipif(os.name != "posix", reason="other systems send none")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_closes_the_window_while_the_main_thread_is_in_c(name: str) -> None:
    closed = threading.Event()
    before = signal.getsignal(getattr(signal, name))
    with closing_signals(closed.set):
        os.kill(os.getpid(), getattr(signal, name))
        assert closed.wait(5)
    assert signal.getsignal(getattr(signal, name)) == before


def test_who_waits_for_an_answer_of_the_page_is_woken() -> None:
    class Native:
        _js_results: dict[str, Any] = {"a": {"semaphore": threading.Semaphore(0)}}  # noqa: RUF012 - as pywebview has it

    window_qt.release(Native())
    window_qt.release(None)

    assert Native._js_results["a"]["semaphore"].acquire(timeout=1)


def test_the_page_finds_no_object_to_walk() -> None:
    from plume_app.window_nothing import Nothing

    nothing = Nothing()
    assert dir(nothing) == []
    for name in ("__class__", "__init__", "__dir__", "__doc__", "__reduce__", "anything"):
        assert getattr(nothing, name, None) is None


@pytest.mark.parametrize(
    "name", ["__class__.__base__.__subclasses__", "__init__", "__dir__", "__reduce_ex__", "run", "_window.destroy", ""]
)
def test_a_call_of_what_was_not_exposed_reaches_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """pywebview's own door, called as the page would."""
    import webview.util

    from plume_app.window_nothing import Nothing

    class Inside:
        _functions: dict[str, Any] = {}  # noqa: RUF012 - as pywebview has it
        _js_api = Nothing()

        def evaluate_js(self, script: str) -> None:
            raise AssertionError(f"answered: {script}")

    webview.util.js_bridge_call(Inside(), name, [], "1")

    assert "does not exist" in caplog.text


def test_a_filter_of_the_file_dialog_does_not_mind_the_case() -> None:
    from webview.util import parse_file_type

    told = window_gtk.in_both_cases("Images (*.png;*.jpg)")

    assert parse_file_type(told) == ("Images", "*.png;*.jpg;*.PNG;*.JPG")
    assert window_gtk.in_both_cases("All files (*.*)") == "All files (*.*)"


def test_a_drop_that_came_through_the_page_is_believed_where_the_size_agrees(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"1234")
    told = [
        {"name": "a.png", "size": 4, "pywebviewFullPath": str(tmp_path / "a.png")},
        {"name": "a.png", "size": 5, "pywebviewFullPath": str(tmp_path / "a.png")},
        {"name": "gone.png", "size": 0, "pywebviewFullPath": str(tmp_path / "gone.png")},
        {"name": "folder", "size": 4096, "pywebviewFullPath": str(tmp_path)},
        {"name": "text", "size": 1},
    ]
    noted = [("a.png", "/elsewhere/a.png")]

    assert window_native.dropped({"dataTransfer": {"files": told}}, noted) == [tmp_path / "a.png", tmp_path]
    assert noted == []
    assert window_native.dropped({}, noted) == []
