from __future__ import annotations

import json
from pathlib import Path

import pytest

from plume_app.domain.file.export import export_bytes, save
from plume_app.domain.shared.errors import TargetUnwritable

ROWS = [{"path": "=cmd()", "size": 1}, {"path": 'a,"é\udcff', "size": None}]


def test_a_table_has_a_head_and_no_formula_and_keeps_every_byte_of_a_name() -> None:
    lines = export_bytes(ROWS, ["path", "size"], "csv").splitlines()

    assert lines == [b"\xef\xbb\xbfpath,size", b"'=cmd(),1", b'"a,""' + "é".encode() + b'\xff",']


def test_json_is_ascii_and_says_null_for_what_is_not_known() -> None:
    made = export_bytes(ROWS, ["path", "size"], "json")

    assert made.isascii()
    assert json.loads(made) == ROWS


def test_an_export_replaces_what_the_user_agreed_to_replace(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    save(tmp_path / "a.csv", b"new")

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.csv": b"new"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetUnwritable):
        save(tmp_path / "no" / "a.csv", b"new")
