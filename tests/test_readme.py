"""What the README shows is there, and works as shown."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import images
from plume_app.cli import main
from plume_app.cli_estimate_lines import Predicted, estimate_json
from plume_app.cli_lines import file_json, summary_json
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.estimate import Estimate
from plume_app.jobs.results import WRITTEN, FileResult, Summary

CHECKOUT = Path(__file__).resolve().parents[1]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMPRESS = main.commands["compress"]


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name.startswith("-")}


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"\bplume ([a-z]+)", SHELL + "".join(re.findall("`.*?`", README)))))
)
def test_every_command_shown_exists(name: str) -> None:
    assert name in main.commands


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_shown(name: str) -> None:
    assert f"plume {name}" in README


@pytest.mark.parametrize(
    "line", [line for line in SHELL.splitlines() if "plume compress" in line or "run compress" in line]
)
def test_every_example_of_compress_is_understood(line: str) -> None:
    words = line.partition("#")[0].partition("compress ")[2].split()

    COMPRESS.make_context("compress", words, **main.context_settings)  # click remembers the help option


def test_the_table_names_every_option_of_compress_and_no_other() -> None:
    shown = set(re.findall(r"`(--?[a-z-]+)`", "\n".join(re.findall(r"^\| `-.*$", README, re.MULTILINE))))

    assert shown == options_of(COMPRESS) - {"--help", "-h"}


@pytest.mark.parametrize("codec", all_codecs().values(), ids=lambda codec: codec.name)
def test_every_codec_is_named(codec: object) -> None:
    assert codec.label in README


@pytest.mark.parametrize("command", sorted(set(re.findall(r"build/dev\.py ([a-z]+)", README))))
def test_every_development_command_shown_exists(command: str) -> None:
    import dev

    assert command in dev.COMMANDS


def test_the_python_example_runs_and_makes_the_file(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120, seed=3), quality=95))

    (code,) = PYTHON
    there = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=there, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.endswith("bytes saved\n")
    assert (tmp_path / "holiday.webp").read_bytes()[8:12] == b"WEBP"


def test_the_json_lines_shown_have_every_field_and_no_other() -> None:
    shown = [
        json.loads(line) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL) for line in block.splitlines()
    ]
    here, nothing = Path("a"), Estimate(0, 0, 0, time_ms=0)
    told = (
        file_json(FileResult(here, WRITTEN)),
        summary_json(Summary()),
        estimate_json(Predicted(here, "jpeg", "jpeg", 0, nothing, (), ())),
    )

    assert [(one["type"], [*one]) for one in shown] == [(one["type"], [*one]) for one in told]


def test_the_continuous_test_run_uses_nothing_that_the_readme_does_not_show() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text(encoding="utf-8")

    (called,) = re.findall(r"python3 .*", script)
    assert called in README
