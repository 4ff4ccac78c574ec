"""What the command line says, word for word where programs read it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from plume_app.cli_lines import (
    failure_json,
    failure_text,
    file_json,
    file_text,
    json_line,
    shown,
    size_text,
    summary_json,
    summary_text,
)
from plume_app.domain.compression.verdict import Reason
from plume_app.domain.shared.errors import CorruptImage, all_errors
from plume_app.jobs.results import CANCELLED, FAILED, KEPT, WRITTEN, FileResult, Summary

RESULT = FileResult(Path("/in/a.jpg"), WRITTEN, Path("/out/a.jpg"), "jpeg", "jpeg", 812_345, 301_222, 184)


def test_the_line_of_a_file_is_that_of_the_contract() -> None:
    assert file_json(RESULT) == {
        "type": "file", "path": "/in/a.jpg", "status": "written", "output_path": "/out/a.jpg", "input_format": "jpeg",
        "output_format": "jpeg", "original_size": 812345, "compressed_size": 301222, "savings_percent": 62.9,
        "compression_time_ms": 184, "reason": None, "error": None, "losses": [], "private_data_kept": False,
    }  # fmt: skip


def test_the_line_of_a_summary_is_that_of_the_contract() -> None:
    summary = Summary(17, 12, 10, 1, 1, 0, 3, 9_811_223, 4_011_223, 2_100)

    assert summary_json(summary) == {
        "type": "summary", "files": 12, "written": 10, "kept": 1, "failed": 1, "cancelled": 0, "ignored": 3,
        "original_size": 9811223, "compressed_size": 4011223, "duration_ms": 2100, "batch_id": 17,
        "interrupted": False,
    }  # fmt: skip


def test_t37_a_line_is_ascii_and_gives_every_name_back() -> None:
    for name in (b"caf\xe9", "\N{CAT FACE}\u202e".encode(), b"line\nbreak", b'"'):
        line = json_line(file_json(replace(RESULT, path=Path(os.fsdecode(b"/in/" + name)))))

        assert line.isascii()
        assert "\n" not in line
        assert os.fsencode(json.loads(line)["path"]) == b"/in/" + name


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        json_line({"ratio": float("nan")})


@pytest.mark.parametrize("code", all_errors())
def test_every_failure_is_told_in_a_sentence(code: str) -> None:
    failed = FileResult(Path("/in/a.jpg"), FAILED, error_code=code)

    assert file_text(failed, "a.jpg").startswith("a.jpg: failed. ")
    assert code not in file_text(failed, "a.jpg")
    error = file_json(failed)["error"]
    assert error["code"] == code
    assert file_text(failed, "a.jpg").endswith(error["message"])


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_told_in_a_sentence(reason: Reason) -> None:
    kept = FileResult(Path("/in/a.jpg"), KEPT, reason=reason.value, losses=("animation",))

    assert file_text(kept, "a.jpg").startswith("a.jpg: kept. ")
    assert reason.value not in file_text(kept, "a.jpg")


def test_a_kept_file_says_that_private_data_stayed() -> None:
    kept = FileResult(Path("/in/a.jpg"), KEPT, reason="not_smaller")

    assert "private" in file_text(replace(kept, private_data_kept=True), "a.jpg")
    assert "private" not in file_text(kept, "a.jpg")


def test_a_conversion_that_grew_is_said_to_be_larger_and_what_went_is_named() -> None:
    grown = replace(RESULT, original_size=1_000, compressed_size=1_500, losses=("alpha", "bit_depth"))

    assert file_text(grown, "a") == "a: 1.0 kB -> 1.5 kB, 50.0 % larger, without transparency, 16-bit depth"
    assert file_text(replace(RESULT, status=CANCELLED), "a") == "a: cancelled."


def test_same_pixels_that_a_format_cannot_give_are_told_as_such() -> None:
    line = file_text(FileResult(Path("a"), KEPT, reason="would_lose", losses=("pixels",)), "a.png")

    assert "allow" not in line, "there is no --allow-loss that helps"


def test_a_file_that_was_kept_for_what_it_has_tells_the_option_that_lets_it_go() -> None:
    line = file_text(FileResult(Path("a"), KEPT, reason="would_lose", losses=("animation", "hdr")), "a.png")

    assert line.endswith("; allow it to go on. The option: --allow-loss animation --allow-loss hdr.")


def test_a_name_cannot_act_on_the_terminal() -> None:
    name = "a\x1b[2J\r\n\u202e\x9bgpj.\u2028"

    assert shown(name) == r"a\x1b[2J\r\n\u202e\x9bgpj.\u2028"
    assert shown("caf\u00e9 \N{CAT FACE}.jpg") == "caf\u00e9 \N{CAT FACE}.jpg"
    assert "\x1b" not in failure_text(name, CorruptImage())
    assert failure_json(Path("/in/a"), CorruptImage(problem="x"))["error"]["facts"] == {"problem": "x"}


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "-"), (0, "0 B"), (999, "999 B"), (1_000, "1.0 kB"), (99_949, "99.9 kB"), (99_950, "100 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (12_345_678, "12.3 MB"), (999_499_999, "999.5 MB"),
        (999_500_000, "1.00 GB"), (-1_500, "-1.5 kB"),
    ],
)  # fmt: skip
def test_sizes_are_of_1000_bytes(size: int | None, text: str) -> None:
    assert size_text(size) == text


READS = " Plume reads BMP, GIF, JPEG, PNG, TIFF and WebP, and leaves its own results alone."


@pytest.mark.parametrize(
    ("summary", "text"),
    [
        (Summary(), "No pictures found."),
        (
            Summary(ignored=1),
            "No pictures found (1 other file ignored)." + READS,
        ),
        (
            Summary(ignored=2),
            "No pictures found (2 other files ignored)." + READS,
        ),
        (Summary(files=1, failed=1), "1 failed."),
        (
            Summary(files=3, written=2, kept=1, ignored=4, original_size=2_000, compressed_size=500),
            "2 written, 1 kept, 4 ignored. 2.0 kB -> 500 B, saved 1.5 kB (75.0 %).",
        ),
        (
            Summary(files=1, written=1, original_size=1_000, compressed_size=1_250),
            "1 written. 1.0 kB -> 1.2 kB, grown by 250 B (25.0 %).",
        ),
    ],
)
def test_t13_the_closing_line_is_honest(summary: Summary, text: str) -> None:
    assert summary_text(summary) == text


def test_an_interrupted_run_does_not_pretend_to_have_counted_everything() -> None:
    cut = "Interrupted: files that were not begun are not counted."

    assert summary_text(Summary(), interrupted=True) == cut
    assert summary_text(Summary(files=2, cancelled=2), interrupted=True) == f"2 cancelled. {cut}"
    assert summary_json(Summary(), interrupted=True)["interrupted"] is True
