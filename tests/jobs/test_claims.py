"""Who gets the plain name under an output folder: the first by its path, whoever was named or ended first."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

import images
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.jobs import worker
from plume_app.jobs.claims import Claims
from plume_app.jobs.lane import always
from plume_app.jobs.messages import Job, Outcome
from shop import InlinePool, Shop, tree

WEBP = Settings(output_format="webp")


class LastFirst(InlinePool):
    """The pool's port: begins when `jobs` were taken, and the last of them ends first."""

    def __init__(self, jobs: int) -> None:
        super().__init__()
        self._wanted = jobs
        self._waiting: list[tuple[Job, Future[Outcome]]] = []

    def submit(self, job: Job, may_begin: Callable[[], bool] = always) -> Future[Outcome]:  # noqa: ARG002 - a port
        future: Future[Outcome] = Future()
        self._waiting.append((job, future))
        if len(self._waiting) == self._wanted:
            for held, promise in reversed(self._waiting):
                promise.set_result(worker.run(held))
        return future


def mark(source: Path) -> str:
    return hashlib.sha256(os.fsencode(source.parent)).hexdigest()[:6]


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """Three different pictures of one name, in the order of their paths."""
    found = []
    for number, folder in enumerate(("a", "b", "c")):
        path = tmp_path / folder / "x.png"
        path.parent.mkdir()
        path.write_bytes(images.png_bytes(images.photo(24, 16, seed=number)))
        found.append(path)
    return found


def run(tmp_path: Path, paths: list[Path], settings: Settings | None = None, *, last_first: bool = False) -> Shop:
    shop = Shop(tmp_path / "data", pool=LastFirst(len(paths)) if last_first else None)
    shop.run(paths, settings, OutputPolicy("folder", folder=tmp_path / "out"))
    return shop


@pytest.mark.parametrize("settings", [Settings(), WEBP], ids=["same format", "conversion"])
def test_t08_neither_the_order_given_nor_who_ends_first_decides_on_names(
    three: list[Path], tmp_path: Path, settings: Settings
) -> None:
    found = []
    for number, (paths, last_first) in enumerate(
        (paths, last_first) for paths in (three, three[::-1]) for last_first in (False, True)
    ):
        at = tmp_path / str(number)
        at.mkdir()
        run(at, paths, settings, last_first=last_first)
        found.append(tree(at / "out"))

    a, b, c = three
    expected = {a: "x.png", b: f"x-{mark(b)}.png", c: f"x-{mark(c)}.png"}
    if settings == WEBP:
        expected = {a: "x.webp", b: "x.png.webp", c: f"x.png-{mark(c)}.webp"}
    assert set(found[0]) == set(expected.values())
    assert found == [found[0]] * 4


def test_t08_rows_of_a_list_get_their_names_by_their_paths(three: list[Path], tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    rows = [Candidate(path, None, path, 0, 0) for path in reversed(three)]

    shop.batch(Settings(), OutputPolicy("folder", folder=tmp_path / "out")).run(rows)

    assert {one.path: one.output_path for one in shop.results}[three[0]] == tmp_path / "out" / "x.png"


def test_t08_two_trees_that_meet_are_no_matter_of_time_either(tmp_path: Path) -> None:
    for number, name in enumerate(("a/in/x.png", "b/in/x.jpg", "b/y.png")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(images.saved(images.photo(24, 16, seed=number), "PNG" if name.endswith("png") else "JPEG"))
    shop = Shop(tmp_path / "data", pool=LastFirst(3))

    shop.run([tmp_path / "b", tmp_path / "a"], WEBP, OutputPolicy("folder", folder=tmp_path / "out"))

    assert {one.path.name: one.output_path for one in shop.results} == {
        "x.png": tmp_path / "out" / "in" / "x.webp",
        "x.jpg": tmp_path / "out" / "in" / "x.jpg.webp",
        "y.png": tmp_path / "out" / "y.webp",
    }


def test_a_file_that_fails_keeps_its_name_for_the_next_try(three: list[Path], tmp_path: Path) -> None:
    whole = three[0].read_bytes()
    three[0].write_bytes(whole[:-20])
    run(tmp_path, three)
    marked = {f"x-{mark(path)}.png" for path in three[1:]}
    assert set(tree(tmp_path / "out")) == marked

    three[0].write_bytes(whole)
    run(tmp_path, three[:1])

    assert set(tree(tmp_path / "out")) == {"x.png", *marked}


@pytest.mark.parametrize("alike", [False, True], ids=["different", "equal bytes"])
def test_a_second_run_without_the_history_finds_every_name_again(
    three: list[Path], tmp_path: Path, alike: bool
) -> None:
    if alike:
        for path in three[1:]:
            path.write_bytes(three[0].read_bytes())
    shop = run(tmp_path, three)
    before = tree(tmp_path / "out")
    assert len(before) == 3

    shop.forget()
    results = shop.run(three[::-1], output=OutputPolicy("folder", folder=tmp_path / "out"))

    assert tree(tmp_path / "out") == before
    assert [one.reason for one in results] == ["already_done"] * 3


def test_what_an_earlier_run_wrote_stays_where_it_is_when_a_file_joins(three: list[Path], tmp_path: Path) -> None:
    shop = run(tmp_path, three[1:2])
    results = {
        one.path: (one.output_path, one.reason)
        for one in shop.run(three, output=OutputPolicy("folder", folder=tmp_path / "out"))
    }

    assert results[three[1]] == (tmp_path / "out" / "x.png", "already_done")
    assert results[three[0]] == (tmp_path / "out" / f"x-{mark(three[0])}.png", None)


def test_names_that_differ_in_case_count_as_one() -> None:
    claims = Claims(lambda _: None)

    assert claims.take(Path("/a/x.png"), Path("/out/x.png"))
    assert not claims.allows(Path("/b/X.png"), Path("/out/X.png"))
    assert claims.allows(Path("/a/x.png"), Path("/out/x.png"))
