from __future__ import annotations

import logging
import multiprocessing
import pickle

import pytest

import images
from plume_app.domain.compression.engine import Compressed
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Written
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import CorruptImage
from plume_app.jobs import worker
from plume_app.jobs.messages import Done, Failed, Inspect, Inspected, Job, Probe, Probed
from plume_app.jobs.sandbox import Protections
from plume_app.sentences import sentence


def job(data: bytes, **settings: object) -> Job:
    return Job(3, data, Settings(**settings), 10_000)  # type: ignore[arg-type]


def test_a_job_comes_back_done_with_what_the_engine_made() -> None:
    data = images.jpeg_bytes(images.photo(80, 60))

    outcome = worker.run(job(data, output_format="webp"))

    assert isinstance(outcome, Done)
    assert isinstance(outcome.verdict, Written)
    assert (outcome.id, outcome.input_format, outcome.output_format) == (3, "jpeg", "webp")
    assert outcome.data is not None
    assert outcome.data[8:12] == b"WEBP"
    assert pickle.loads(pickle.dumps(outcome)) == outcome  # noqa: S301


def test_what_is_expected_to_fail_comes_back_as_its_code_and_facts() -> None:
    def fail(*_args: object, **_named: object) -> Compressed:
        raise CorruptImage(problem="half a picture")

    assert worker.run(job(b""), fail) == Failed(3, "corrupt_image", {"problem": "half a picture"})


def test_t42_a_picture_that_needs_too_much_memory_is_too_large_not_a_bug() -> None:
    def fail(*_args: object, **_named: object) -> Compressed:
        raise MemoryError

    assert worker.run(job(b""), fail) == Failed(3, "image_too_large", {"what": "memory", "size": 10_000})


def test_t42_the_limit_of_a_worker_that_has_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_named: object) -> Compressed:
        raise MemoryError

    monkeypatch.setattr(worker._state, "memory_bytes", 1_500_000_000)

    outcome = worker.run(job(b""), fail)

    assert isinstance(outcome, Failed)
    assert "1,500.0 MB of memory that a worker may use" in sentence(outcome.code, outcome.facts)


def test_a_bug_is_logged_with_its_traceback_and_told_as_a_code(caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_args: object, **_named: object) -> Compressed:
        raise ZeroDivisionError("the bug")

    with caplog.at_level(logging.ERROR):
        outcome = worker.run(job(b""), fail)

    assert outcome == Failed(3, "internal_error", {"problem": "ZeroDivisionError"})
    assert "the bug" in caplog.text
    assert "Traceback" in caplog.text


@pytest.mark.parametrize("data", [b"text", bytes(100)])
def test_t35_what_is_no_picture_is_an_unsupported_format(data: bytes) -> None:
    outcome = worker.run(job(data))

    assert isinstance(outcome, Failed)
    assert outcome.code == "unsupported_format"


@pytest.mark.parametrize("limits", [Limits(max_file_bytes=10), Limits(max_decoded_bytes=10)])
def test_t43_both_limits_of_a_job_are_kept(limits: Limits) -> None:
    data = images.png_bytes(images.photo(8, 8))

    outcome = worker.run(Job(1, data, Settings(), 200, limits))

    assert isinstance(outcome, Failed)
    assert outcome.code == "image_too_large"


def test_an_inspection_tells_traits_and_changes_nothing() -> None:
    outcome = worker.run(Inspect(4, images.png_bytes(images.photo(20, 10, mode="RGBA")), 800))

    assert isinstance(outcome, Inspected)
    assert (outcome.id, outcome.header.format, "alpha" in outcome.traits.names) == (4, "png", True)


def test_a_process_that_was_never_restricted_says_so() -> None:
    assert worker.run(Probe(5)) == Probed(5, Protections())


def test_stages_cross_the_pipe_in_one_small_message_each() -> None:
    reader, writer = multiprocessing.Pipe(duplex=False)
    with reader, writer:
        worker._state.stages = writer
        try:
            outcome = worker.run(job(images.png_bytes(images.photo(30, 20)), lossless=True))
        finally:
            worker._state.stages = None
        assert isinstance(outcome, Done)

        heard = [worker.STAGE_MESSAGE.unpack(reader.recv_bytes()) for _ in worker.STAGES]

    assert heard == [(3, 0), (3, 1)]
