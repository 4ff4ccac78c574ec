"""What the command line says: JSON lines for programs, sentences for people. Pure, but for the registry of codecs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.losses import PIXELS
from plume_app.domain.compression.verdict import Reason
from plume_app.domain.shared.errors import Facts, PlumeError
from plume_app.jobs.results import CANCELLED, FAILED, KEPT, WRITTEN, FileResult, Summary
from plume_app.sentences import reason_sentence, sentence, trait_name

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def json_line(value: dict[str, Any]) -> str:
    """One ASCII line; names that are not UTF-8 appear as surrogate escapes; NaN is refused."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False)


def file_json(result: FileResult) -> dict[str, Any]:
    """The contract's object of type "file"."""
    error = None if result.error_code is None else _error_json(result.error_code, result.facts)
    return {
        "type": "file",
        "path": str(result.path),
        "status": result.status,
        "output_path": None if result.output_path is None else str(result.output_path),
        "input_format": result.input_format,
        "output_format": result.output_format,
        "original_size": result.original_size,
        "compressed_size": result.compressed_size,
        "savings_percent": result.savings_percent,
        "compression_time_ms": result.compression_time_ms,
        "reason": result.reason,
        "error": error,
        "losses": list(result.losses),
        "private_data_kept": result.private_data_kept,
    }


def failure_json(path: Path, error: PlumeError) -> dict[str, Any]:
    """The object of type "file" for one that failed before anything was known of it."""
    return file_json(FileResult(path, FAILED, error_code=error.code, facts=error.facts))


def failure_text(name: str, error: PlumeError) -> str:
    """The line about it."""
    return f"{shown(name)}: failed. {sentence(error.code, error.facts)}"


def _error_json(code: str, facts: Facts) -> dict[str, Any]:
    return {"code": code, "message": sentence(code, facts), "facts": dict(facts)}


def summary_json(summary: Summary, *, interrupted: bool = False) -> dict[str, Any]:
    """The contract's object of type "summary"; `interrupted`: there may be files that were not begun nor counted."""
    return {
        "type": "summary",
        "files": summary.files,
        "written": summary.written,
        "kept": summary.kept,
        "failed": summary.failed,
        "cancelled": summary.cancelled,
        "ignored": summary.ignored,
        "original_size": summary.original_size,
        "compressed_size": summary.compressed_size,
        "duration_ms": summary.duration_ms,
        "batch_id": summary.batch_id,
        "interrupted": interrupted,
    }


def shown(name: str) -> str:
    """A file name as text for a terminal: control and direction characters cannot act."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), name)


def files_text(number: int, kind: str = "") -> str:
    """A number of files in words: 1 file, 2 files."""
    return f"{number:,} {kind}{'file' if number == 1 else 'files'}"


def size_text(size: int | None) -> str:
    """Bytes for people: kB and MB of 1,000 and 1,000,000, as everywhere in Plume."""
    if size is None:
        return "-"
    if abs(size) < 1_000:
        return f"{size} B"
    if abs(size) < 999_500:
        return f"{size / 1_000:.1f} kB" if abs(size) < 99_950 else f"{size / 1_000:.0f} kB"
    if abs(size) < 999_500_000:
        return f"{size / 1_000_000:.1f} MB"
    return f"{size / 1_000_000_000:.2f} GB"


def file_text(result: FileResult, name: str) -> str:
    """One line about one file; `name` is how the user knows it."""
    name = shown(name)
    if result.status == WRITTEN:
        percent = result.savings_percent or 0.0
        change = f"{percent:.1f} % smaller" if percent >= 0 else f"{-percent:.1f} % larger"
        line = f"{name}: {size_text(result.original_size)} -> {size_text(result.compressed_size)}, {change}"
        lost = f", without {trait_names(result.losses)}" if result.losses else ""
        return line + lost
    if result.status == KEPT:
        facts = {"losses": trait_names(result.losses), "what": result.losses[0] if result.losses else ""}
        line = f"{name}: kept. {reason_sentence(result.reason or '', facts)}{_option(result)}"
        return line + (" It still holds private data such as its location." if result.private_data_kept else "")
    if result.status == FAILED:
        return f"{name}: failed. {sentence(result.error_code or 'internal_error', result.facts)}"
    if result.status == CANCELLED:
        return f"{name}: cancelled."
    raise ValueError(result.status)


def _option(result: FileResult) -> str:
    """What to type to let go what a file was kept for; nothing where no option helps."""
    if result.reason != Reason.WOULD_LOSE or not result.losses or PIXELS in result.losses:
        return ""
    return f" The option: {' '.join(f'--allow-loss {trait}' for trait in result.losses)}."


def summary_text(summary: Summary, *, interrupted: bool = False) -> str:
    """The closing line: counts, and what was saved in bytes; after an interruption, what is not counted."""
    if not interrupted:
        return _counts_and_sizes(summary)
    told = f"{_counts_and_sizes(summary)} " if summary.files else ""
    return f"{told}Interrupted: files that were not begun are not counted."


def _counts_and_sizes(summary: Summary) -> str:
    counted = [
        f"{number} {word}"
        for number, word in (
            (summary.written, "written"),
            (summary.kept, "kept"),
            (summary.failed, "failed"),
            (summary.cancelled, "cancelled"),
            (summary.ignored, "ignored"),
        )
        if number
    ]
    if not summary.files:
        return nothing_text(summary.ignored)
    if not summary.original_size:
        return f"{', '.join(counted)}."
    saved = summary.original_size - summary.compressed_size
    percent = 100 * saved / summary.original_size
    word = "saved" if saved >= 0 else "grown by"
    amount = f"{size_text(summary.original_size)} -> {size_text(summary.compressed_size)}"
    return f"{', '.join(counted)}. {amount}, {word} {size_text(abs(saved))} ({abs(percent):.1f} %)."


def nothing_text(ignored: int) -> str:
    """The closing line where there was nothing to do; a folder of other pictures is told what Plume reads."""
    if not ignored:
        return "No pictures found."
    labels = sorted(codec.label for codec in all_codecs().values())
    reads = f"{', '.join(labels[:-1])} and {labels[-1]}"
    found = f"No pictures found ({files_text(ignored, 'other ')} ignored)."
    return f"{found} Plume reads {reads}, and leaves its own results alone."


def trait_names(traits: tuple[str, ...]) -> str:
    """Traits in words."""
    return ", ".join(trait_name(trait) for trait in traits)
