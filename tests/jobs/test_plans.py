"""What is to be written, before it is; that it is written so is tried in test_saving.py."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

import images
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.reading import read_source
from plume_app.domain.shared.errors import SourceChanged
from plume_app.jobs.feeding import header_in
from plume_app.jobs.items import AlreadyDone, Item, Refused, Source, Stopped
from plume_app.jobs.names import Names
from plume_app.jobs.plans import Plan, Planner


@pytest.fixture
def planner(tmp_path: Path) -> Planner:
    return Planner(Names(OutputPolicy("folder", folder=tmp_path / "out"), lambda _: False), lambda _: None, None)


def item(path: Path) -> Item:
    """One that was read; its bytes differ from those of every other name."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(images.png_bytes(images.photo(8, 8)) + os.fsencode(path))
    read = read_source(path)
    return Item(1, path, Candidate(path, path.parent, path, 0, 0), Source.of(read, header_in(read.data), None))


def planned(planner: Planner, one: Item) -> Plan:
    found = planner.plan(one, AlreadyDone())
    assert found is not None
    return found


def test_t08_a_lost_name_is_not_replaced_by_one_that_is_promised_to_another(planner: Planner, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:6]
    first, other = (planned(planner, item(folder / name)) for name in ("x.png", f"x-{mark}.png"))
    assert (first.target.path.name, other.target.path.name) == ("x.png", f"x-{mark}.png")
    staged = first.staged

    planner.take_next_name(first)

    assert first.target.path.name == f"x-{mark}-2.png"
    assert first.staged != staged
    assert first.staged.parent == first.target.path.parent


def test_promises_end_with_their_group(planner: Planner, tmp_path: Path) -> None:
    one = item(tmp_path / "in" / "x.png")
    planned(planner, one)

    planner.begin_group()

    assert planned(planner, one).target.path.name == "x.png"


def test_what_failed_or_was_stopped_has_nothing_to_be_written(planner: Planner, tmp_path: Path) -> None:
    one = item(tmp_path / "in" / "x.png")

    assert planner.plan(one, Refused("corrupt_image", {})) is None
    assert planner.plan(one, Stopped()) is None


def test_t52_a_copy_is_planned_of_the_bytes_that_were_read_or_not_at_all(planner: Planner, tmp_path: Path) -> None:
    one = item(tmp_path / "in" / "x.png")
    one.path.write_bytes(b"another")

    with pytest.raises(SourceChanged):
        planner.plan(one, AlreadyDone())
