"""The window comes up, is one, remembers its place, and goes without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import images
import windows
from windows import END_S, Plume

Open = Callable[..., Plume]


@pytest.mark.representative
def test_it_opens_and_shows_something(plume: Plume, display: str, shots: Callable[[str], Path]) -> None:
    plume.wait("document.querySelectorAll('button').length > 1")
    time.sleep(0.5)  # a frame on the screen cannot be waited for by a script

    assert windows.screenshot(display, shots("empty")) > 50
    assert plume.close() < END_S
    assert plume.is_clean()


@pytest.mark.representative
def test_its_page_keeps_the_policy_and_reaches_commands_only(plume: Plume) -> None:
    reachable = plume.js("Object.keys(pywebview.api).sort()")

    assert "get_snapshot" in reachable
    assert not [name for name in reachable if name.startswith("_")]
    plume.js(
        "window.broken = []; addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective)); 1"
    )
    plume.js("new Image().src = 'https://example.org/x.png'; 1")
    assert plume.wait("broken.length ? broken : 0")[0] == "img-src"  # the policy is at work
    assert plume.js("location.origin").startswith("http://127.0.0.1:")


def test_the_page_cannot_leave(plume: Plume) -> None:
    before = plume.js("location.href")
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        address = f"http://127.0.0.1:{foreign.getsockname()[1]}/"
        plume.js(f"location.href = '{address}'; 1")
        plume.js(f"window.open('{address}'); 1")
        plume.js("const a = document.createElement('a'); a.href = 'mailto:x@example.org'; a.click(); 1")
        time.sleep(0.5)
        foreign.settimeout(0.1)
        with pytest.raises(TimeoutError):
            foreign.accept()
    assert plume.js("location.href") == before
    assert plume.close() < END_S


@pytest.mark.parametrize("delay_s", [0.0, 0.3, 0.8])
def test_it_ends_also_when_closed_while_it_starts(open_plume: Open, delay_s: float) -> None:
    plume = open_plume()
    time.sleep(delay_s)
    plume.close()

    assert plume.is_clean()


@pytest.mark.parametrize("delay_s", [0.2, 0.4, 0.6, 1.0])
def test_the_end_of_the_session_ends_it_also_while_it_starts(open_plume: Open, delay_s: float) -> None:
    plume = open_plume()
    time.sleep(delay_s)
    plume.process.send_signal(signal.SIGTERM)

    assert plume.process.wait(windows.MOST_S) in (0, -signal.SIGTERM)  # before Plume's own first line it is Python's
    assert plume.error_path.read_text() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_end_of_the_session_ends_it_whole(plume: Plume, number: signal.Signals) -> None:
    plume.process.send_signal(number)

    assert plume.end() < END_S
    assert plume.is_clean()


@pytest.mark.representative
def test_a_window_that_is_taken_away_ends_the_program(plume: Plume) -> None:
    windows.take_away(plume)

    assert plume.end() < END_S
    assert plume.is_gone()  # GDK may say that this was unexpected


@pytest.mark.parametrize("end", ["cross", "signal"])
def test_it_ends_while_a_dialog_asks_for_files(plume: Plume, end: str) -> None:
    plume.js("pywebview.api.open_file(); 1")
    time.sleep(1.0)  # until it is there; before that it would not be asked at all
    if end == "cross":
        plume.order(close=True)
    else:
        plume.process.send_signal(signal.SIGTERM)

    assert plume.end() < END_S
    assert plume.is_clean()
    assert plume.is_gone()


def test_it_ends_while_the_page_is_busy_for_ever(plume: Plume) -> None:
    plume.js("setTimeout(() => { while (true); }, 0); 1")
    time.sleep(0.2)

    assert plume.close() < END_S
    assert plume.is_clean()


@pytest.mark.representative
def test_it_ends_while_calls_and_answers_are_on_their_way(plume: Plume) -> None:
    plume.js("setInterval(() => { for (let i = 0; i < 10; i++) pywebview.api.get_snapshot({}) }, 20); 1")
    time.sleep(0.5)

    assert plume.close() < END_S
    assert plume.error_path.read_text() == ""


@pytest.mark.representative
def test_a_second_start_hands_its_files_over_and_raises_the_first(open_plume: Open, tmp_path: Path) -> None:
    first = open_plume().ready()
    picture = tmp_path / "\u00e9t\u00e9 100%25 \U0001f600.png"
    picture.write_bytes(images.png_bytes(images.photo(40, 30)))
    done = subprocess.run(
        [windows.python_of(first.backend), "-m", "plume_app", "open", os.path.relpath(picture, tmp_path)],
        env=first.env,
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    names = [row["name"] for row in rows(first, 1)]
    assert names == [picture.name]
    assert first.close() < END_S
    assert first.is_clean()


def test_after_a_kill_the_next_start_is_the_first(open_plume: Open) -> None:
    first = open_plume().ready()
    first.kill()
    second = open_plume().ready()

    assert second.close() < END_S


@pytest.mark.representative
def test_whoever_sits_on_a_well_known_port_is_not_shown(open_plume: Open) -> None:
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", 42001))  # pywebview's own choice
        squatter.listen()
        plume = open_plume().ready()
        assert plume.js("location.port") != "42001"
        squatter.settimeout(0.1)
        with pytest.raises(TimeoutError):
            squatter.accept()
    assert plume.close() < END_S


@pytest.mark.representative
def test_size_and_place_are_remembered(open_plume: Open, backend: str) -> None:
    first = open_plume().ready()
    memory = first.data / "window.json"
    first.close()
    kept = json.loads(memory.read_text())
    memory.write_text(json.dumps({**kept, "width": 900, "height": 600, "x": 60, "y": 40}))
    second = open_plume().ready()
    assert second.js("innerWidth") == 900
    second.close()

    again = json.loads(memory.read_text())
    assert (again["width"], again["height"], again["x"], again["y"]) == (900, 600, 60, 40)


def test_a_place_off_the_screen_is_not_gone_to(open_plume: Open) -> None:
    first = open_plume()
    first.ready().close()
    memory = first.data / "window.json"
    memory.write_text(json.dumps({"width": 900, "height": 600, "x": 5000, "y": 5000, "maximized": False}))
    second = open_plume().ready()
    second.close()

    again = json.loads(memory.read_text())
    assert 0 <= again["x"] < windows.SCREEN[0]
    assert 0 <= again["y"] < windows.SCREEN[1]


def test_a_page_whose_process_was_killed_comes_back(plume: Plume) -> None:
    names = ("WebKitWebProcess", "--type=renderer")
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            mine = os.fsencode(plume.data) in (folder / "environ").read_bytes()
        except OSError:
            continue
        if mine and any(name in command for name in names):
            os.kill(int(folder.name), signal.SIGKILL)
    time.sleep(1)

    plume.ready()
    assert plume.close() < END_S


def rows(plume: Plume, least: int) -> list[dict[str, object]]:
    """The rows of the list, once there are so many."""
    until = time.monotonic() + windows.MOST_S
    while True:
        found = plume.call("get_files", offset=0, limit=1000)["rows"]
        if len(found) >= least:
            return list(found)
        assert time.monotonic() < until, plume.errors()
        time.sleep(0.1)
