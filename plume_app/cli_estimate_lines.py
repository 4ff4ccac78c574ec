"""What `plume estimate` and a dry run say: JSON lines for programs, sentences for people."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plume_app.cli_lines import files_text, nothing_text, shown, size_text, trait_names
from plume_app.cli_scan import shown_name
from plume_app.domain.compression.estimate import LEARNED, MEASURED, MIXED, TYPICAL, Estimate
from plume_app.domain.compression.verdict import Reason


@dataclass(frozen=True, slots=True)
class Predicted:
    """One file's prediction; `reason` is set where it would be kept, and then its size is its own."""

    path: Path
    input_format: str
    output_format: str
    original_size: int
    estimate: Estimate
    traits: tuple[str, ...]
    losses: tuple[str, ...]
    reason: Reason | None = None


def numbers(guess: Estimate) -> dict[str, Any]:
    """What a line of one file and that of all together say alike."""
    return {
        "compressed_size": guess.compressed_size,
        "low": guess.low,
        "high": guess.high,
        "time_ms": guess.time_ms,
        "basis": guess.basis,
        "sample_count": guess.sample_count,
    }


def estimate_json(one: Predicted) -> dict[str, Any]:
    """The contract's object of type "estimate"."""
    return {
        "type": "estimate",
        "path": str(one.path),
        "input_format": one.input_format,
        "output_format": one.output_format,
        "original_size": one.original_size,
        **numbers(one.estimate),
        "traits": list(one.traits),
        "losses": list(one.losses),
        "reason": one.reason,
    }


def estimate_text(one: Predicted) -> str:
    """One line about one file."""
    name = shown(shown_name(one.path))
    if one.reason == Reason.WOULD_LOSE:
        return f"{name}: would be kept, since it would lose {trait_names(one.losses)}."
    if one.reason == Reason.ALREADY_DONE:
        return f"{name}: would be kept; it was compressed before with these settings."
    if one.reason is not None:
        return f"{name}: would be kept; Plume reads {one.input_format} but does not write it. Choose a --format."
    guess = one.estimate
    lost = f", without {trait_names(one.losses)}" if one.losses else ""
    return (
        f"{name}: {size_text(one.original_size)} -> about {size_text(guess.compressed_size)}"
        f" ({size_text(guess.low)} to {size_text(guess.high)}){lost}"
    )


def total_text(files: int, original_size: int, guess: Estimate, *, failed: int, ignored: int) -> str:
    """The closing line: counts, the sum and its interval, and what it rests on."""
    counted = [f"{number} {word}" for number, word in ((failed, "failed"), (ignored, "ignored")) if number]
    if not files:
        return f"{', '.join(counted)}." if failed else nothing_text(ignored)
    begin = f"{', '.join([files_text(files), *counted])}, {size_text(original_size)} ->"
    if guess.low == guess.high:  # nothing was judged: every file would be kept
        return f"{begin} {size_text(guess.compressed_size)}."
    return (
        f"{begin} about {size_text(guess.compressed_size)} ({size_text(guess.low)} to {size_text(guess.high)})."
        f" {_BASIS[guess.basis]}"
    )


_BASIS = {
    TYPICAL: "Judged by what such files usually give.",
    LEARNED: "Judged by your own results with such files.",
    MEASURED: "Tried on parts of each picture.",
    MIXED: "Some tried on parts of the picture, some judged by their header.",
}
