"""The benchmark's own arithmetic: a wrong ruler measures nothing."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import bench_sets
import pytest
from bench import results
from bench_measure import Run, measure
from bench_report import Alone, Comparison, ratio, report

import images


def test_ratio_is_the_median_of_the_rounds_so_that_one_bad_round_does_not_count() -> None:
    assert ratio([1.0, 2.0, 30.0], [2.0, 4.0, 3.0]) == 0.5


def test_a_picture_without_a_result_counts_with_its_own_bytes(tmp_path: Path) -> None:
    written, kept = tmp_path / "a.jpg", tmp_path / "b.jpg"
    out = tmp_path / "out" / "in"
    out.mkdir(parents=True)
    (out / "a.webp").write_bytes(b"12")

    assert results([written, kept], tmp_path / "out") == {written: out / "a.webp", kept: kept}


def test_report_shows_each_ratio_beside_its_target() -> None:
    ours, theirs = Run(2.0, 3.0, 50_000_000, 20_000_000), Run(4.0, 6.0, 10_000_000)
    row = Comparison(
        "camera", True, 0.75, 1.005, 7, 2_000_000, (ours,), (theirs,), (ours, theirs), (995, 1000), (75.0, 75.5), (0, 7)
    )

    text = report([row], [Alone("start", "0.4 s", "0.7 s")], datetime.date(2026, 1, 2))

    assert (
        "| camera (7 files, 2 MB) | 0.50 | 0.75 | 0.50 | 0.9950 | 1.005 | 0.000 | 75.00, 75.50 | 50, 10 | 2.0, 4.0 |"
        in text
    )
    assert "| start | 0.4 s | 0.7 s |" in text
    assert "2026-01-02" in text


def test_measure_counts_the_cpu_of_children_and_tells_the_status() -> None:
    child = "sum(range(6_000_000))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True); sys.exit(3)"

    run = measure([sys.executable, "-c", code], watch_memory=True)

    assert run.status == 3
    assert run.cpu_s > 0.05
    if sys.platform == "linux":
        assert run.peak_bytes is not None
        assert run.root_peak_bytes is not None
        assert run.peak_bytes > run.root_peak_bytes > 1_000_000


def test_measure_tells_when_the_first_result_appeared(tmp_path: Path) -> None:
    target = tmp_path / "result"

    run = measure([sys.executable, "-c", f"open({str(target)!r}, 'w').close()"], first_result=target)

    assert run.first_result_s is not None
    assert run.first_result_s <= run.wall_s


@pytest.mark.parametrize("kind", ["camera", "png", "small"])
def test_a_set_is_the_same_each_time_and_no_two_pictures_are_alike(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(images.jpeg_bytes(images.noise(1500, 1000), quality=30))
    (folder / "b.png").write_bytes(images.png_bytes(images.gradient(520, 520)))
    (folder / "text.jpg").write_bytes(b"not a picture")
    sources = bench_sets.find_sources(folder)

    sets = [bench_sets.Pool(kind, sources, tmp_path / f"pool{n}").first(3, tmp_path / f"set{n}") for n in (1, 2)]

    first, second = ([path.read_bytes() for path in one] for one in sets)
    assert first == second
    assert len(set(first)) == 3
