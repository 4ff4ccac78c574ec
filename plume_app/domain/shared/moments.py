"""Moments as text: UTC, milliseconds, 24 characters, so that they sort as they read."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """`2026-01-31T12:00:00.000Z`. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """The moment that `moment_text` wrote."""
    return datetime.fromisoformat(text)


def compact(moment: datetime) -> str:
    """`20260131T120000Z`, for file names."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
