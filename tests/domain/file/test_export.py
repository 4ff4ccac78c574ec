from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from plume_app.domain.file.export import export_pieces, save
from plume_app.domain.shared.errors import TargetUnwritable

ROWS = [{"path": "=cmd()", "size": 1}, {"path": 'a,"é\udcff', "size": None}]


def test_a_table_has_a_head_and_no_formula_and_keeps_every_byte_of_a_name() -> None:
    lines = b"".join(export_pieces(ROWS, ["path", "size"], "csv")).splitlines()

    assert lines == [b"\xef\xbb\xbfpath,size", b"'=cmd(),1", b'"a,""' + "é".encode() + b'\xff",']


def test_json_is_ascii_and_says_null_for_what_is_not_known() -> None:
    made = b"".join(export_pieces(ROWS, ["path", "size"], "json"))

    assert made.isascii()
    assert json.loads(made) == ROWS


def test_an_export_replaces_what_the_user_agreed_to_replace(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")
    save(tmp_path / "a.csv", [b"n", b"ew"])

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.csv": b"new"}


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetUnwritable):
        save(tmp_path / "no" / "a.csv", [b"n", b"ew"])


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_rows_are_written_as_they_come_and_none_is_held(kind: str) -> None:
    given = 0

    def rows() -> Iterator[dict[str, int]]:
        nonlocal given
        for number in range(10_000):
            given += 1
            yield {"size": number}

    pieces = export_pieces(rows(), ["size"], kind)
    next(pieces)
    next(pieces)

    assert given == 500
    assert b"9999" in b"".join(pieces)


@pytest.mark.parametrize("count", [0, 1, 500, 501])
def test_json_of_any_length_is_whole(count: int) -> None:
    made = b"".join(export_pieces(({"size": number} for number in range(count)), ["size"], "json"))

    assert json.loads(made) == [{"size": number} for number in range(count)]


def test_a_giver_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save(tmp_path / "a.csv", pieces())

    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"a.csv": b"old"}
