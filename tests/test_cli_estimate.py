"""`plume estimate`: a guess with its interval and its basis; nothing is written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import images
from command_line import Plume, Ran, environment
from plume_app.cli_estimate import predict
from plume_app.domain.compression.codecs import all_codecs, writable_codecs
from plume_app.domain.compression.learning import NOTHING_LEARNED
from plume_app.domain.compression.settings import Settings
from plume_app.jobs import worker
from plume_app.jobs.messages import Inspect, Inspected
from shop import tree

KEYS = {
    "type", "path", "input_format", "output_format", "original_size", "compressed_size", "low", "high", "time_ms",
    "basis", "sample_count", "traits", "losses", "reason",
}  # fmt: skip
PHOTO = images.jpeg_bytes(images.photo(90, 60), quality=97)
FILES = {
    "a.jpg": PHOTO,
    "alpha.png": images.png_bytes(images.photo(40, 30, mode="RGBA")),
    "moving.png": images.apng_bytes(images.frames(3)),
    "b.gif": images.gif_bytes(images.palette(20, 20)),
    "empty.jpg": b"",
    "notes.txt": b"notes",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    at = tmp_path_factory.mktemp("estimate")
    (at / "photos").mkdir()
    for name, data in FILES.items():
        (at / "photos" / name).write_bytes(data)
    plume = Plume(at, at / "data")
    before = tree(at / "photos")
    ran = plume("estimate", "photos", "missing.jpg", "-f", "jpeg", "-q", "70", "--json")
    assert tree(at / "photos") == before
    assert {path.name for path in at.iterdir()} == {"photos", "data"}
    assert plume("history", "--json").lines == []
    told = plume("estimate", "photos/a.jpg")
    assert (told.status, told.err) == (0, "")
    assert len(told.out.splitlines()) == 2
    assert "about" in told.out
    return ran


def estimates(ran: Ran) -> dict[str, dict[str, object]]:
    return {Path(line["path"]).name: line for line in ran.lines if line["type"] == "estimate"}


def test_each_picture_has_a_line_and_the_failed_ones_theirs(ran: Ran) -> None:
    assert set(estimates(ran)) == {"a.jpg", "alpha.png", "moving.png", "b.gif"}
    assert all(set(line) == KEYS for line in estimates(ran).values())
    assert ran.failed_with() == {"missing.jpg": "source_missing", "empty.jpg": "corrupt_image"}
    assert ran.status == 1


def test_a_guess_lies_in_its_interval_and_names_its_basis(ran: Ran) -> None:
    for line in (*estimates(ran).values(), ran.summary):
        assert 0 < line["low"] <= line["compressed_size"] <= line["high"]
        assert line["time_ms"] >= 0
        assert line["basis"]
        assert line["sample_count"] == 0  # nothing was learnt yet: a guess, and labelled as one


def test_what_would_be_lost_is_told_before_the_run(ran: Ran) -> None:
    lines = estimates(ran)

    assert (lines["alpha.png"]["losses"], lines["alpha.png"]["reason"]) == (["alpha"], None)
    assert (lines["moving.png"]["losses"], lines["moving.png"]["reason"]) == (["animation"], "would_lose")
    assert lines["moving.png"]["compressed_size"] == len(FILES["moving.png"])
    assert "animation" in lines["moving.png"]["traits"]  # type: ignore[operator]


def test_the_summary_adds_up(ran: Ran) -> None:
    lines, summary = estimates(ran).values(), ran.summary

    assert set(summary) == {
        "type", "files", "failed", "ignored", "original_size", "compressed_size", "low", "high", "time_ms", "basis",
        "sample_count",
    }  # fmt: skip
    assert (summary["files"], summary["failed"], summary["ignored"]) == (6, 2, 1)
    for name in ("original_size", "compressed_size"):
        assert summary[name] == sum(line[name] for line in lines)  # type: ignore[misc]


def test_t49_ctrl_c_ends_an_estimate_with_130(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    first = tmp_path / "photos" / "0.png"
    first.write_bytes(images.png_bytes(images.photo(1200, 900), compress_level=1))
    for number in range(1, 6_000):
        os.link(first, tmp_path / "photos" / f"{number}.png")
    running = subprocess.Popen(
        [sys.executable, "-m", "plume_app", "estimate", "photos", "--json"],
        cwd=tmp_path, env=environment(tmp_path / "data"), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
        # a shell starts its background jobs deaf to Ctrl+C, and a child inherits that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - one thread here
    )  # fmt: skip
    assert running.stdout is not None
    running.stdout.readline()
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)

    assert (running.returncode, err) == (130, "")
    assert '"summary"' not in out


@pytest.mark.parametrize("target", ["keep", *writable_codecs()])
@pytest.mark.parametrize("lossless", [False, True], ids=["lossy", "lossless"])
def test_every_format_gets_a_prediction(target: str, lossless: bool) -> None:
    drawn = {
        "png": FILES["alpha.png"], "jpeg": PHOTO, "webp": images.webp_bytes(images.photo(40, 30)),
        "gif": FILES["b.gif"], "tiff": images.tiff_bytes(images.photo(9, 9)),
        "bmp": images.bmp_bytes(images.photo(9, 9)),
    }  # fmt: skip
    assert set(drawn) == set(all_codecs())
    for name, data in drawn.items():
        settings = Settings(target, lossless=lossless)
        looked = worker.run(Inspect(1, data, 10_000, settings))
        assert isinstance(looked, Inspected)
        found = predict(Path(name), len(data), looked, settings, NOTHING_LEARNED)

        assert found.output_format == (name if target == "keep" else target)
        assert (found.reason == "no_encoder") == (target == "keep" and name not in writable_codecs())
        assert found.estimate.low <= found.estimate.compressed_size <= found.estimate.high


@pytest.mark.parametrize("words", [["estimate"], ["compress", "--dry-run"]])
def test_what_is_kept_in_any_case_is_not_refused_for_its_size(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(images.gif_bytes(images.palette(90, 60)))
    plume, tight = Plume(tmp_path, tmp_path / "data"), {"PLUME_MAX_DECODED_BYTES": "1000"}

    assert plume(*words, "a.gif", "--json", more=tight).lines[0]["reason"] == "no_encoder"
    assert plume(*words, "a.gif", "--json", "-f", "webp", more=tight).failed_with() == {"a.gif": "image_too_large"}
