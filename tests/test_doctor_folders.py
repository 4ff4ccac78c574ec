from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from command_line import Plume
from plume_app.doctor_folders import check_folders, remedy
from plume_app.paths import Paths


def test_folders_that_can_be_written_are_named_and_left_as_they_were(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "not" / "there")

    checks = check_folders(paths)

    assert [(check.name, check.ok) for check in checks] == [
        ("data folder", True), ("database", True), ("undo store", True), ("workers' log", True),
    ]  # fmt: skip
    assert checks[1].told == str(paths.database)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "undo").write_text("in the way")

    failed = [check for check in check_folders(Paths(tmp_path)) if not check.ok]

    assert [check.name for check in failed] == ["undo store"]
    assert "PLUME_DATA_DIR" in failed[0].told


def test_the_line_to_type_can_be_pasted(tmp_path: Path) -> None:
    folder = tmp_path / "it's mine"
    folder.mkdir()

    told = remedy(folder, folder)

    assert told.startswith(f"Type: chmod u+rwX {shlex.quote(str(folder))}  ")
    assert "chmod" not in remedy(folder, folder, permission=False), "of no use on a full or a read-only disk"


@pytest.mark.parametrize("closed", ["", "logs", "undo"], ids=["all of it", "logs", "undo store"])
def test_a_closed_folder_ends_doctor_with_1_and_the_line_to_type(closed: str, tmp_path: Path) -> None:
    through: tuple[str, ...] = ()
    if os.geteuid() == 0:  # root without the right to go around permissions
        if shutil.which("setpriv") is None:
            pytest.skip("permissions do not bind root, and setpriv (util-linux) is not there to change that")
        through = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    folder = tmp_path / "data" / closed
    folder.mkdir(parents=True)
    folder.chmod(0o555)

    ran = Plume(tmp_path, tmp_path / "data", through)("doctor")

    folder.chmod(0o700)
    assert (ran.status, ran.err) == (1, "")
    missing = [line for line in ran.out.splitlines() if line.startswith("MISSING")]
    assert any(f"Type: chmod u+rwX {shlex.quote(str(folder))}" in line for line in missing)
