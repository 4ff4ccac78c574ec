from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.codecs import writable_codecs
from plume_app.domain.compression.settings import EFFORTS, KEEP, Settings
from plume_app.domain.image.header import Header
from plume_app.domain.image.limits import MAX_DECODED_BYTES
from plume_app.jobs import budget
from plume_app.jobs.messages import Inspect, Job, Probe

HEADS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff\xe0", "webp": b"RIFF\0\0\0\0WEBPVP8 ", "none": b"text"}


def job(decoded_bytes: int, head: str = "jpeg", **settings: object) -> Job:
    return Job(1, HEADS[head], Settings(**settings), decoded_bytes)  # type: ignore[arg-type]


def test_t47_the_deadline_grows_with_the_picture_and_with_the_effort() -> None:
    small, large = (budget.deadline_s(job(size)) for size in (1_000_000, 300_000_000))
    fast, balanced, most = (budget.deadline_s(job(36_000_000, effort=effort)) for effort in EFFORTS)

    assert budget.DEADLINE_BASE_S < small < large
    assert fast < balanced < most


@pytest.mark.parametrize("effort", EFFORTS)
def test_t47_a_slow_png_of_forty_megapixels_has_minutes(effort: str) -> None:
    assert budget.deadline_s(job(120_000_000, head="png", effort=effort)) > 240


@pytest.mark.parametrize("target", [KEEP, *writable_codecs(), "avif"])
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("lossless", [False, True])
def test_every_pair_of_formats_is_given_room_for_the_decoded_picture_and_more(
    target: str, head: str, lossless: bool
) -> None:
    task = job(36_000_000, head=head, output_format=target, lossless=lossless)

    assert budget.peak_bytes(task) >= 4 * 36_000_000
    assert budget.address_bytes(task, alone=False) > budget.ADDRESS_BASE + budget.peak_bytes(task)


def test_lossless_webp_is_known_to_take_the_most() -> None:
    greedy = budget.peak_bytes(job(36_000_000, output_format="webp", lossless=True))

    assert all(budget.peak_bytes(job(36_000_000, output_format=name)) < greedy for name in writable_codecs())


def test_t47_an_animation_too_long_to_count_is_planned_with_by_the_size_of_its_file() -> None:
    counted, uncounted = Header("gif", 800, 600, frames=40), Header("gif", 800, 600, frames=None)

    assert budget.expected_bytes(counted, 20_000_000) == counted.decoded_bytes
    assert budget.expected_bytes(uncounted, 20_000_000) == 640_000_000
    assert budget.expected_bytes(uncounted, 1_000) == uncounted.decoded_bytes
    assert budget.expected_bytes(uncounted, 10**9) == MAX_DECODED_BYTES


@given(st.integers(-1, 10**12))
def test_a_header_that_lies_gives_no_negative_and_no_boundless_share(decoded_bytes: int) -> None:
    task = job(decoded_bytes)

    assert budget.peak_bytes(task) >= budget.TASK_BASE
    assert budget.deadline_s(task) >= budget.DEADLINE_BASE_S
    assert budget.address_bytes(task, alone=True) == budget.most_address_bytes()


@given(st.integers(1, 10**10), st.integers(0, 10**10), st.integers(0, 10**10))
def test_t42_the_budget_is_kept_unless_one_task_alone_is_larger(memory: int, more: int, running: int) -> None:
    fits = budget.Budget(memory).fits(more, running)

    assert fits == (running == 0 or running + more <= memory)


def test_only_short_tasks_may_queue_behind_another() -> None:
    assert budget.is_small(job(500_000))
    assert budget.is_small(Inspect(1, b"x", 500_000))
    assert not budget.is_small(job(500_000, effort="max"))
    assert not budget.is_small(job(50_000_000))
    assert not budget.is_small(Probe(1))


def test_the_default_budget_is_within_reason_on_this_machine() -> None:
    assert budget.MEMORY_FLOOR <= budget.default_memory_bytes() <= budget.MEMORY_CEILING
