"""Waiting for what the page asks of Python: it arrives a moment after the key."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 30.0  # a test that waits so long is red because something hangs, not because a machine is slow


def until(claim: Callable[[], bool]) -> None:
    """Waits until `claim` holds; fails after `PATIENCE_S`."""
    end = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)
