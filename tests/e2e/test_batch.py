"""Files in and results out, in the true window: command line, drops, a batch, its end, its interruption."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_open_and_close import rows

import images
import windows
from windows import END_S, Plume

Open = Callable[..., Plume]
SETTINGS = {"output_format": "keep", "quality": 70, "lossless": False, "effort": "balanced", "metadata": "safe",
            "min_savings_percent": 0, "allow_losses": []}  # fmt: skip
NAMES = ["plain.jpg",
         "a b.jpg", "100%25.jpg", "\u00e9t\u00e9 \u6f22.jpg", "\U0001f600.jpg", "<img src=x onerror=alert(1)>.jpg",
         "new\nline.jpg", os.fsdecode(b"bad\xff\xfe.jpg")]  # fmt: skip
MIDDLE = (700, 500)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of odd names, all good pictures; the first takes longer than steps wait to be told."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        width, height = (1600, 1200) if number == 0 else (160, 120)
        (folder / name).write_bytes(images.jpeg_bytes(images.photo(width, height, seed=number)))
    return folder


def compress(plume: Plume) -> int:
    """The id of a batch over everything."""
    plume.hear()
    found: int = plume.call("compress_image", settings=SETTINGS, output={"policy": "suffix", "suffix": "_small"})[
        "batch_id"
    ]
    return found


def finished(plume: Plume) -> dict[str, object]:
    """The end of the batch."""
    plume.wait("window.heard_by_test.some(e => e.event == 'batch_finished')", "the batch ends")
    (found,) = plume.events("batch_finished")
    return dict(found)


@pytest.mark.representative
def test_files_of_any_name_are_rows_and_become_smaller(
    open_plume: Open, pictures: Path, display: str, shots: Callable[[str], Path]
) -> None:
    plume = open_plume(pictures).ready()
    found = rows(plume, len(NAMES))
    assert len(found) == len(NAMES)
    assert plume.js("document.images.length >= 0 && !document.querySelector('img[src=x]')")
    compress(plume)
    done = finished(plume)
    time.sleep(0.5)

    assert (done["files"], done["written"], done["failed"]) == (len(NAMES), len(NAMES), 0)
    for name in NAMES:
        small = pictures / f"{name.removesuffix('.jpg')}_small.jpg"
        assert small.stat().st_size < (pictures / name).stat().st_size
    assert {event["stage"] for event in plume.events("compression_progress")} & {"reading", "encoding"}
    assert windows.screenshot(display, shots("done")) > 200
    assert plume.close() < END_S
    assert plume.is_clean()


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Enough work for a batch to be caught in."""
    folder = tmp_path / "many"
    folder.mkdir()
    data = images.png_bytes(images.noise(900, 700))
    for number in range(60):
        (folder / f"{number}.png").write_bytes(data + bytes([0] * number))
    return folder


@pytest.mark.representative
def test_a_batch_can_be_cancelled(open_plume: Open, many: Path) -> None:
    plume = open_plume(many).ready()
    rows(plume, 60)
    batch = compress(plume)
    plume.wait("window.heard_by_test.some(e => e.event == 'compression_progress')", "it begins")
    plume.call("cancel_batch", batch_id=batch)

    assert finished(plume)["state"] == "cancelled"
    assert plume.close() < END_S
    assert plume.is_clean()
    assert not [path for path in many.iterdir() if path.name.startswith(".")]


@pytest.mark.representative
def test_closing_during_a_batch_asks_and_then_ends(
    open_plume: Open, many: Path, display: str, shots: Callable[[str], Path]
) -> None:
    plume = open_plume(many).ready()
    rows(plume, 60)
    compress(plume)
    plume.wait("window.heard_by_test.some(e => e.event == 'compression_progress')", "it begins")
    plume.order(close=True)
    plume.wait("window.heard_by_test.some(e => e.event == 'close_requested')", "it asks")
    time.sleep(0.5)
    windows.screenshot(display, shots("closing"))
    plume.call("answer_close", quit=False)
    assert plume.process.poll() is None
    plume.order(close=True)
    plume.wait("window.heard_by_test.filter(e => e.event == 'close_requested').length == 2", "it asks again")
    plume.js("pywebview.api.answer_close({quit: true}); 1")

    assert plume.end() < END_S
    assert plume.is_clean()
    assert not [path for path in many.iterdir() if path.name.startswith(".")]


@pytest.mark.representative
def test_files_dropped_on_the_window_are_rows(open_plume: Open, pictures: Path, display: str, tmp_path: Path) -> None:
    plume = open_plume().ready()
    many = tmp_path / "a folder"
    many.mkdir()
    for number in range(1000):
        (many / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    offer = tmp_path / "offer"
    offer.write_bytes(windows.uri_list(*(os.fsencode(pictures / name) for name in NAMES), os.fsencode(many)))
    windows.drag(display, offer, [MIDDLE])

    plume.wait("document.querySelectorAll('[role=row], [role=option], li').length > 3", "rows appear")
    until = time.monotonic() + windows.MOST_S
    while plume.call("get_snapshot")["list"]["files"] < 1000 + len(NAMES):
        assert time.monotonic() < until
    found = {row["name"] for row in rows(plume, 1000)}
    assert {name for name in NAMES if name.isascii() and "\n" not in name} <= found
    assert plume.close() < END_S
    assert plume.is_clean()


def test_what_only_hovered_is_not_what_was_dropped(open_plume: Open, display: str, tmp_path: Path) -> None:
    plume = open_plume().ready()
    for name in ("hovered", "dropped"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.jpg").write_bytes(images.jpeg_bytes(images.photo(40, 30)))
    offer = tmp_path / "offer"
    offer.write_bytes(windows.uri_list(os.fsencode(tmp_path / "hovered" / "x.jpg")))
    windows.drag(display, offer, [MIDDLE], drop=False)
    offer.write_bytes(windows.uri_list(os.fsencode(tmp_path / "dropped" / "x.jpg")))
    windows.drag(display, offer, [MIDDLE])

    (row,) = rows(plume, 1)
    assert str(row["folder"]).endswith("dropped")
    plume.close()
