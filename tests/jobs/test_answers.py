from __future__ import annotations

import io
import math
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pebble.common import types as pebble_types

import fake_work
from plume_app.domain.compression import features
from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Kept, Reason, Written
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits
from plume_app.jobs import messages, sandbox
from plume_app.jobs.answers import is_sound, read_answer
from plume_app.jobs.messages import Cancelled, Done, Failed, Inspect, Inspected, Job, Probed
from plume_app.jobs.pool import Pool

HEADER = Header("png", 3, 2, frames=None)
TRAITS = Traits(frozenset({"alpha"}), private=("gps",))
FEATURES = Features("png", 3, 2, 90, 60)
PROBE = Probe("webp", False, "balanced", ((80, 3.5),))
ANSWERS = [
    Done(1, Written(7), b"x", "png", "webp", HEADER, TRAITS, ("alpha",), False, "v", 3),
    Done(1, Kept(Reason.WOULD_LOSE), None, "png", "webp", HEADER, TRAITS, (), True, "", 3),
    Inspected(2, HEADER, TRAITS),
    Inspected(2, HEADER, TRAITS, FEATURES, PROBE),
    Failed(3, "corrupt_image", {"problem": "it ends early", "at": 1.5}),
    Cancelled(4),
    Probed(5, sandbox.Protections(files=True)),
    ValueError("a bug"),
]


@dataclass(frozen=True)
class Foreign:
    """A record of nobody's list."""

    number: int = 1


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda one: type(one).__name__)
def test_every_answer_of_a_worker_arrives_as_it_was_sent(answer: object) -> None:
    arrived = read_answer(pickle.dumps(answer))
    assert type(arrived) is type(answer)
    assert repr(arrived) == repr(answer)


class Calls:
    """A pickle of it calls a function when it is read."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.made = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.made


@pytest.mark.parametrize(
    "function",
    [eval, exec, open, print, getattr, __import__, io.open, sandbox.restrict, sandbox.Limits.__init__, Path, Foreign],
    ids=lambda function: function.__qualname__,
)
def test_nothing_else_is_found_by_name(function: Callable[..., object]) -> None:
    with pytest.raises(pickle.UnpicklingError, match="a worker may not send"):
        read_answer(pickle.dumps(Calls(function, "1")))


def with_fields(record: object, **values: object) -> object:
    """The same record, as a pickle would fill it: without being asked."""
    other = replace(record)  # type: ignore[type-var]
    for name, value in values.items():
        object.__setattr__(other, name, value)
    return other


SEEN = ANSWERS[3]
NONSENSE = [
    5,
    ANSWERS[0],
    with_fields(SEEN, id=3),
    with_fields(SEEN, header=None),
    with_fields(SEEN, header=with_fields(HEADER, width="3")),
    with_fields(SEEN, header=with_fields(HEADER, width=10**30)),
    with_fields(SEEN, traits=with_fields(TRAITS, names=frozenset({1}))),
    with_fields(SEEN, features=with_fields(FEATURES, log_bpp=math.nan)),
    with_fields(SEEN, features=with_fields(FEATURES, log_bpp="3")),
    with_fields(SEEN, features=with_fields(FEATURES, log_bpp=40.0)),
    with_fields(SEEN, probe=with_fields(PROBE, points=((80, math.inf),))),
    with_fields(SEEN, probe=with_fields(PROBE, points=((80, 3.5),) * 100_000)),
    with_fields(SEEN, probe=with_fields(PROBE, kept="abc")),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=lambda one: repr(one)[:60])
def test_an_answer_with_values_that_its_record_does_not_promise_is_none(answer: object) -> None:
    task = Inspect(2, b"", 0)
    assert is_sound(SEEN, task)
    assert not is_sound(answer, task)


@pytest.mark.parametrize(
    "change",
    [
        {"output_format": "x"}, {"input_format": "../png"}, {"duration_ms": -1}, {"duration_ms": 1 << 40},
        {"header": Header("png", 0, 2, frames=None)}, {"header": Header("png", 3, 1 << 40, frames=None)},
    ],
    ids=repr,
)  # fmt: skip
def test_a_result_that_could_not_be_recorded_is_none(change: dict[str, Any]) -> None:
    done, task = ANSWERS[0], Job(1, b"", Settings(), 0)
    assert isinstance(done, Done)
    assert is_sound(done, task)
    assert not is_sound(replace(done, **change), task)


class Sets:
    """A pickle of it sets an attribute of what `found` stands for."""

    def __init__(self, found: object) -> None:
        self.found = found

    def pickled(self, name: str = "value") -> bytes:
        begin = pickle.dumps(self.found, 2)
        return begin.removesuffix(b".") + pickle.dumps((None, {name: "set"}), 2).removeprefix(b"\x80\x02")[:-1] + b"b."


@pytest.mark.parametrize(
    "found",
    [Reason, Kept, Features, features._Found, messages.Done, pebble_types.Result, pebble_types.ResultStatus],
    ids=lambda found: found.__name__,
)
def test_no_answer_changes_a_class_of_the_parent(found: type) -> None:
    before = {name: value for name, value in vars(found).items() if name != "__setstate__"}
    with pytest.raises((pickle.UnpicklingError, AttributeError, TypeError)):
        read_answer(Sets(found).pickled())
    assert {name: value for name, value in vars(found).items() if name != "__setstate__"} == before


def test_no_answer_changes_a_word_of_the_parent() -> None:
    with pytest.raises(pickle.UnpicklingError):
        read_answer(Sets(Reason.NOT_SMALLER).pickled("_value_"))
    assert Reason.NOT_SMALLER.value == "not_smaller"


def test_a_worker_that_was_taken_over_cannot_make_the_parent_act(tmp_path: Path) -> None:
    pool = Pool(1, perform=fake_work.send_booby)
    written = tmp_path / "written"
    try:
        outcome = pool.submit(Job(1, str(written).encode(), fake_work.job(1, "echo").settings, 1_000)).result(30)
    finally:
        pool.close()
    assert outcome == Failed(1, "worker_crashed", {})
    assert not written.exists()


def test_a_worker_that_answers_something_else_is_given_up() -> None:
    pool = Pool(1, perform=fake_work.send_nonsense)
    try:
        outcome = pool.submit(fake_work.job(1, "echo")).result(30)
    finally:
        pool.close()
    assert outcome == Failed(1, "worker_crashed", {})
