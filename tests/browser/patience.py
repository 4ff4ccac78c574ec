"""Waiting for what the page asks of Python: it arrives a moment after the key."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 10.0


def until(claim: Callable[[], bool]) -> None:
    """Waits until `claim` holds; fails after `PATIENCE_S`."""
    end = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)
