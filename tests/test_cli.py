"""The command line's words: help, version, completion, and bad usage, refused before anything is written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import images
from command_line import ROOT, Plume, environment
from plume_app import __version__
from plume_app.cli import main
from plume_app.domain.compression.codecs import writable_codecs
from plume_app.domain.image.traits import ALL_TRAITS
from shop import tree

COMMANDS = ("open", "compress", "estimate", "stats", "history", "undo", "doctor", "completion")
PATH_COMMANDS = ("compress", "estimate")
OPTIONS = {
    "compress": {
        "-o", "--output", "--suffix", "--in-place", "-f", "--format", "-q", "--quality", "--lossless", "--effort",
        "--metadata", "--allow-loss", "-j", "--jobs", "--min-savings", "--dry-run", "--json", "-h", "--help",
    },
    "estimate": {"-f", "--format", "-q", "--quality", "--lossless", "--effort", "--json", "-h", "--help"},
    "stats": {"--json", "-h", "--help"},
    "history": {"--json", "-h", "--help"},
    "undo": {"--json", "-h", "--help"},
    "doctor": {"--json", "-h", "--help"},
}  # fmt: skip


@pytest.fixture
def photo(tmp_path: Path, data_dir: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    path = folder / "a.jpg"
    path.write_bytes(images.jpeg_bytes(images.photo(32, 24)))
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_commands_are_those_of_the_contract() -> None:
    assert set(main.commands) == set(COMMANDS)


@pytest.mark.parametrize("command", OPTIONS)
def test_the_options_are_those_of_the_contract_and_all_are_explained(command: str) -> None:
    context = main.make_context("plume", ["stats"], resilient_parsing=True)
    found = [one for one in main.commands[command].get_params(context) if one.param_type_name == "option"]

    assert {name for one in found for name in one.opts} == OPTIONS[command]
    assert all(getattr(one, "help", None) for one in found)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_that_fits_a_terminal(command: str) -> None:
    shown = run(command, "--help")

    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: main {command}")
    assert max(map(len, shown.output.splitlines())) <= 100
    assert run(command, "-h").output == shown.output


def test_the_list_of_commands_says_whole_sentences() -> None:
    commands = run("--help").output.partition("Commands:")[2]

    assert "..." not in commands
    assert all(line.endswith(".") for line in commands.split("\n") if line)


def test_help_names_every_format_that_can_be_written() -> None:
    assert re.search(re.escape("|".join(["keep", *writable_codecs()])), run("compress", "--help").output)


def test_the_version_is_the_packages() -> None:
    assert run("--version").output == f"plume {__version__}\n"


BAD = {
    "no path": ["compress"],
    "an empty path": ["compress", ""],
    "an empty path among others": ["compress", "PHOTO", "", "--in-place"],
    "an empty path of an estimate": ["estimate", ""],
    "an empty folder of results": ["compress", "PHOTO", "-o", ""],
    "-o with --in-place": ["compress", "PHOTO", "-o", "out", "--in-place"],
    "-o with --suffix": ["compress", "PHOTO", "-o", "out", "--suffix", "_x"],
    "--suffix with --in-place": ["compress", "PHOTO", "--suffix", "_x", "--in-place"],
    "quality 0": ["compress", "PHOTO", "-q", "0"],
    "quality 101": ["compress", "PHOTO", "-q", "101"],
    "quality in words": ["compress", "PHOTO", "-q", "high"],
    "unknown format": ["compress", "PHOTO", "-f", "docx"],
    "a format that cannot be written": ["compress", "PHOTO", "-f", "gif"],
    "unknown effort": ["compress", "PHOTO", "--effort", "most"],
    "unknown metadata policy": ["compress", "PHOTO", "--metadata", "some"],
    "no worker": ["compress", "PHOTO", "-j", "0"],
    "savings over 100": ["compress", "PHOTO", "--min-savings", "101"],
    "savings that are no number": ["compress", "PHOTO", "--min-savings", "nan"],
    "a trait that cannot be one": ["compress", "PHOTO", "--allow-loss", "No such"],
    "a trait that is misspelt": ["compress", "PHOTO", "--allow-loss", "animaton"],
    "a file as the folder of results": ["compress", "FOLDER", "-o", "PHOTO"],
    "a folder of results below a file": ["compress", "FOLDER", "-o", "PHOTO/deeper"],
    "an empty suffix": ["compress", "PHOTO", "--suffix", ""],
    "a suffix with a slash": ["compress", "PHOTO", "--suffix", "/x"],
    "the results into their own folder": ["compress", "FOLDER", "-o", "FOLDER"],
    "unknown option": ["compress", "PHOTO", "--fast"],
    "unknown command": ["shrink", "PHOTO"],
    "estimate without a path": ["estimate"],
    "estimate in an unknown format": ["estimate", "PHOTO", "-f", "docx"],
    "undo of a word": ["undo", "last"],
    "undo of batch 0": ["undo", "0"],
    "completion for an unknown shell": ["completion", "tcsh"],
}


@pytest.mark.parametrize("words", BAD.values(), ids=list(BAD))
def test_bad_usage_ends_with_2_before_anything_is_written(
    words: list[str], photo: Path, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = tree(tmp_path)
    known = {"PHOTO": str(photo), "FOLDER": str(photo.parent)}

    refused = run(*(word.replace("PHOTO", known["PHOTO"]).replace("FOLDER", known["FOLDER"]) for word in words))

    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert "Error: " in refused.stderr
    assert tree(tmp_path) == before
    assert not list(data_dir.iterdir())
    assert not (tmp_path / "out").exists()


def test_a_path_that_cannot_be_looked_at_is_no_bug(
    photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = Plume(tmp_path, tmp_path / "data")("compress", "x" * 300, photo, "-o", "out", "--json")

    assert ran.status == 1
    assert ran.failed_with() == {"x" * 300: "source_unreadable"}
    assert ran.files["a.jpg"]["status"] == "written"


def test_a_folder_of_results_whose_name_is_too_long_is_told(photo: Path, tmp_path: Path) -> None:
    ran = Plume(tmp_path, tmp_path / "data")("compress", photo, "-o", "x" * 300, "--json")

    assert (ran.status, ran.failed_with()) == (1, {"a.jpg": "target_unwritable"})


@pytest.mark.parametrize("variable", ["PLUME_MAX_FILE_BYTES", "PLUME_MAX_DECODED_BYTES"])
def test_t43_limits_are_set_by_the_environment(variable: str, photo: Path, tmp_path: Path) -> None:
    plume = Plume(tmp_path, tmp_path / "data")

    assert plume("compress", photo, "--json", more={variable: "100"}).failed_with() == {"a.jpg": "image_too_large"}
    refused = plume("compress", photo, "--json", more={variable: "lots"})
    assert refused.status != 0
    assert variable in refused.err


def test_a_misspelt_trait_is_answered_with_all_that_there_are(photo: Path) -> None:
    refused = run("compress", photo, "--allow-loss", "animaton")

    assert all(trait in refused.stderr for trait in ALL_TRAITS)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_calls_plume(shell: str) -> None:
    script = run("completion", shell)

    assert script.exit_code == 0
    assert f"_PLUME_COMPLETE={shell}_complete" in script.output
    assert "plume" in script.output


def test_completion_knows_commands_options_and_formats(tmp_path: Path) -> None:
    def words(line: str) -> set[str]:
        asked = {"_PLUME_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(line.split()) - 1)}
        ran = Plume(tmp_path, tmp_path / "data")(more=asked)
        return {answer.partition(",")[2] for answer in ran.out.split()}

    assert words("plume e") == {"estimate"}
    assert "--in-place" in words("plume compress --i")
    assert words("plume compress -f w") == {"webp"}
    assert words("plume compress --allow-loss a") == {"animation", "alpha"}
    assert not (tmp_path / "data").exists()


def test_help_loads_no_encoder_no_database_and_no_pool(tmp_path: Path) -> None:
    script = (
        "import sys; from plume_app.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print({'peewee', 'pebble', 'PIL', 'pyvips', 'multiprocessing'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path), cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stderr == "set()\n"
