from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from plume_app.domain.file.attributes import Attributes, apply_attributes, attributes_of
from processes import as_nobody, mounted

WANTED = Attributes(0o604, os.getuid(), os.getgid(), 1_000_000_000_000_000_001, 2_000_000_000_000_000_003)


def give(path: Path, wanted: Attributes) -> None:
    with path.open("rb") as file:
        apply_attributes(file.fileno(), wanted)


@pytest.mark.parametrize("mode", [0o400, 0o444, 0o604, 0o640, 0o777])
def test_t34_mode_and_dates_are_given_to_the_nanosecond(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a"
    path.touch(0o600)

    give(path, replace(WANTED, mode=mode))

    assert attributes_of(path) == replace(WANTED, mode=mode)


def test_t34_extended_attributes_are_given_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch(0o600)
    try:
        os.setxattr(path, "user.probe", b"")
        os.removexattr(path, "user.probe")
    except OSError:
        pytest.skip("the folder of the tests has no extended attributes")
    wanted = replace(WANTED, xattrs=(("user.a", b"\0\xff"), ("user.b", b"")))

    give(path, wanted)

    assert attributes_of(path) == wanted


def test_t34_root_gives_the_owner_as_well(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    path = tmp_path / "a"
    path.touch()

    give(path, replace(WANTED, uid=1234, gid=2345))

    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_t34_what_is_not_permitted_is_left_and_its_permissions_are_not_given(shared_path: Path) -> None:
    def work() -> None:
        path = shared_path / "a"
        path.touch(0o600)
        give(path, replace(WANTED, uid=0, gid=0, mode=0o664))
        found = path.stat()
        assert found.st_uid == os.getuid()
        assert found.st_mode & 0o777 == 0o604
        assert found.st_mtime_ns == WANTED.mtime_ns

    as_nobody(work)


def test_set_user_id_bits_are_not_carried(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    path.chmod(0o4755)

    assert attributes_of(path).mode == 0o755


def test_t38_a_file_system_without_attributes_is_no_failure(tmp_path: Path) -> None:
    with mounted("ramfs", "mode=755", tmp_path / "plain") as plain:
        path = plain / "a"
        path.touch(0o600)

        give(path, replace(WANTED, xattrs=(("user.a", b"x"),)))

        assert attributes_of(path) == WANTED


def test_attributes_come_back_from_json() -> None:
    wanted = replace(WANTED, xattrs=(("user.a", b"\0\xff"), ("user.b", b"")))

    assert Attributes.from_json(json.loads(json.dumps(wanted.to_json()))) == wanted
