"""The page's half of the contract is generated; this file is red when it is stale."""

from __future__ import annotations

from pathlib import Path

import contract
import pytest

ROOT = Path(__file__).resolve().parent.parent
# The names of contract.md: they mirror the commands of the original, and renaming one needs a reason.
COMMANDS = [
    "open_file",
    "open_folder",
    "take_drop",
    "add_paths",
    "get_files",
    "list_scrolled",
    "remove_files",
    "get_estimate",
    "compress_image",
    "pause_batch",
    "resume_batch",
    "cancel_batch",
    "retry_failed",
    "cancel_jobs",
    "get_preview",
    "choose_output_folder",
    "reveal_file",
    "get_stats",
    "get_history",
    "undo_batch",
    "export_history",
    "reset_stats",
    "get_settings",
    "save_settings",
    "list_presets",
    "save_preset",
    "delete_preset",
    "get_formats",
    "get_snapshot",
    "get_database_info",
    "answer_close",
]
EVENTS = [
    "files_added",
    "files_changed",
    "scan_progress",
    "estimates_changed",
    "preview_ready",
    "compression_progress",
    "job_finished",
    "batch_progress",
    "batch_finished",
    "stats_changed",
    "close_requested",
    "notice",
]


def test_the_generated_file_is_what_python_says_now() -> None:
    made = (ROOT / "web" / "js" / "contract.js").read_text(encoding="utf-8")

    assert made == contract.contract(), "run python3 build/contract.py"


def test_the_commands_are_those_of_the_contract() -> None:
    assert sorted(contract.COMMANDS) == sorted(COMMANDS)


def test_the_events_are_those_of_the_contract() -> None:
    assert sorted(one.NAME for one in contract.events.ALL_EVENTS) == sorted(EVENTS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_one_function_of_the_page_with_types(name: str) -> None:
    text = contract.contract()

    assert text.count(f"export const {name} = (") == 1
    assert "undefined" not in text
