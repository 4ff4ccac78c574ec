"""`plume doctor` tries what it tells, and ends with 1 when something needed is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from command_line import Plume, Ran, environment
from plume_app import __version__
from plume_app.doctor import tiny_png
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.image.header import header_of
from plume_app.domain.image.pixels import Source


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    at = tmp_path_factory.mktemp("doctor")
    ran = Plume(at, at / "data")("doctor", "--json")
    (line,) = ran.lines
    checks = {check["name"]: check for check in line["checks"]}
    assert checks["database"]["told"] == str(at / "data" / "plume.sqlite3")
    assert {path.name for path in at.iterdir()} == {"data"}
    return ran


def test_a_whole_installation_is_told_to_be_whole(ran: Ran) -> None:
    (line,) = ran.lines

    assert (ran.status, ran.err) == (0, "")
    assert set(line) == {"type", "ok", "version", "python", "system", "checks"}
    assert (line["type"], line["ok"], line["version"]) == ("doctor", True, __version__)
    assert all(set(check) == {"name", "ok", "told", "needed"} for check in line["checks"])
    assert all(check["ok"] for check in line["checks"] if check["needed"])


def test_every_codec_is_tried_with_its_version(ran: Ran) -> None:
    checks = {check["name"]: check for check in ran.lines[0]["checks"]}

    for codec in all_codecs().values():
        told = checks[f"codec {codec.name}"]["told"]
        assert told == (codec.version() if codec.encode else "read only")
        assert told


def test_what_protects_the_workers_is_told(ran: Ran) -> None:
    names = {check["name"] for check in ran.lines[0]["checks"]}

    assert {"workers: landlock", "workers: memory", "window backend", "undo store"} <= names


def test_people_get_one_line_for_each_check(tmp_path: Path, ran: Ran) -> None:
    told = Plume(tmp_path, tmp_path / "data")("doctor").out.splitlines()

    assert told[0].startswith(f"Plume {__version__}, Python ")
    assert len(told) == 1 + len(ran.lines[0]["checks"])
    assert {line.split()[0] for line in told[1:]} <= {"ok", "absent"}


def test_a_missing_encoder_is_found_and_named(tmp_path: Path) -> None:
    broken = tmp_path / "packages"
    broken.mkdir()
    (broken / "oxipng.py").write_text("raise ImportError('no library for this machine')\n")
    more = {"PYTHONPATH": os.pathsep.join([str(broken), environment(tmp_path)["PYTHONPATH"]])}

    ran = Plume(tmp_path, tmp_path / "data")("doctor", more=more)

    assert ran.status == 1
    assert [line for line in ran.out.splitlines() if line.startswith("MISSING") and "codec png" in line]


def test_a_data_folder_that_cannot_be_used_is_told_and_the_rest_is_tried(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    ran = Plume(tmp_path, tmp_path / "data")("doctor")

    assert (ran.status, ran.err) == (1, "")
    missing = [line for line in ran.out.splitlines() if line.startswith("MISSING")]
    assert [line.split(":")[0].split(None, 1)[1] for line in missing] == [
        "start", "data folder", "database", "undo store", "workers' log",
    ]  # fmt: skip
    assert all("PLUME_DATA_DIR" in line for line in missing)
    assert (tmp_path / "data").read_text() == "in the way"


def test_limits_that_are_no_numbers_are_told(tmp_path: Path) -> None:
    ran = Plume(tmp_path, tmp_path / "data")("doctor", more={"PLUME_MAX_FILE_BYTES": "many"})

    assert (ran.status, ran.err) == (1, "")
    assert [line for line in ran.out.splitlines() if line.startswith("MISSING") and "PLUME_MAX_FILE_BYTES" in line]


def test_the_picture_that_is_tried_is_a_picture() -> None:
    header = header_of(tiny_png())
    source = Source.open(tiny_png())
    source.check()

    assert (header.format, header.width, header.height) == ("png", 8, 8)


def test_the_interpreter_is_the_one_that_runs(ran: Ran) -> None:
    assert ran.lines[0]["python"] == sys.version.split()[0]
