"""Sizes in, a verdict out: is the result written, or the original kept, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why an original is kept; the words of the contract."""

    NOT_SMALLER = "not_smaller"
    BELOW_MIN_SAVINGS = "below_min_savings"
    ALREADY_DONE = "already_done"
    WOULD_LOSE = "would_lose"
    NO_ENCODER = "no_encoder"


@dataclass(frozen=True, slots=True)
class Written:
    """The result is worth having. `saved_bytes` is negative when a conversion grew."""

    saved_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The original stays as it is."""

    reason: Reason


Verdict = Written | Kept


def verdict(
    original_size: int, compressed_size: int, *, same_format: bool, min_savings_percent: float = 0.0
) -> Verdict:
    """Keep or write? Equal size keeps the original: a rewrite that gains nothing only risks.

    Sizes are bytes. A conversion is written even when it grew, since the format was asked for, unless
    a minimum was asked for as well.
    """
    saved_bytes = original_size - compressed_size
    if same_format and saved_bytes <= 0:
        return Kept(Reason.NOT_SMALLER)
    if min_savings_percent > 0 and saved_bytes * 100 < min_savings_percent * original_size:
        return Kept(Reason.BELOW_MIN_SAVINGS)
    return Written(saved_bytes)
