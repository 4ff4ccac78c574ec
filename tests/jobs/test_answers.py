from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import fake_work
from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.verdict import Kept, Reason, Written
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits
from plume_app.jobs import sandbox
from plume_app.jobs.answers import read_answer
from plume_app.jobs.messages import Cancelled, Done, Failed, Inspected, Job, Probed
from plume_app.jobs.pool import Pool

HEADER = Header("png", 3, 2, frames=None)
TRAITS = Traits(frozenset({"alpha"}), private=("gps",))
ANSWERS = [
    Done(1, Written(7), b"x", "png", "webp", HEADER, TRAITS, ("alpha",), False, "v", 3),
    Done(1, Kept(Reason.WOULD_LOSE), None, "png", "webp", HEADER, TRAITS, (), True, "", 3),
    Inspected(2, HEADER, TRAITS),
    Inspected(2, HEADER, TRAITS, Features("png", 3, 2, 90, 60), Probe("webp", False, "balanced", ((80, 3.5),))),
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


def test_a_worker_that_was_taken_over_cannot_make_the_parent_act(tmp_path: Path) -> None:
    pool = Pool(1, perform=fake_work.send_booby)
    written = tmp_path / "written"
    try:
        outcome = pool.submit(Job(1, str(written).encode(), fake_work.job(1, "echo").settings, 1_000)).result(30)
    finally:
        pool.close()
    assert outcome == Failed(1, "worker_crashed", {})
    assert not written.exists()
