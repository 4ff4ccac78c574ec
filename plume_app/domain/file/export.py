"""Rows to a file that other programs read: as a table (CSV) or as JSON."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from plume_app.domain.file.atomic import commit, discard, stage
from plume_app.domain.file.naming import staged_name

Row = Mapping[str, str | int | float | None]
_PIECE_ROWS = 500


def export_pieces(rows: Iterable[Row], columns: Sequence[str], kind: str) -> Iterator[bytes]:
    """`rows` as "csv" (UTF-8 with the mark that spreadsheets need, and a head) or "json" (ASCII, a list of objects).

    Piece by piece, so that any number of rows takes the memory of a few.
    """
    whole = iter(rows)
    begin, told = (b"[", _json) if kind == "json" else (b"\xef\xbb\xbf" + _csv([columns]), _table)
    yield begin
    first = True
    while some := list(islice(whole, _PIECE_ROWS)):
        yield told(some, columns, first)
        first = False
    if kind == "json":
        yield b"\n]\n"


def save(target: Path, pieces: Iterable[bytes]) -> None:
    """Writes `pieces` to `target` in one step, over what is there: the dialog that gave the name has asked.

    Raises TargetUnwritable, DiskFull, and what `pieces` raises; then `target` is as it was.
    """
    staged = staged_name(target, secrets.token_hex(8))
    stage(staged, pieces)
    try:
        commit(staged, target, replace=True)
    except BaseException:
        discard(staged)
        raise


def _json(rows: Sequence[Row], columns: Sequence[str], first: bool) -> bytes:
    lines = [json.dumps({name: row[name] for name in columns}, allow_nan=False) for row in rows]
    return (("\n " if first else ",\n ") + ",\n ".join(lines)).encode("ascii")


def _table(rows: Sequence[Row], columns: Sequence[str], _first: bool) -> bytes:
    return _csv([_cell(row[name]) for name in columns] for row in rows)


def _csv(lines: Iterable[Sequence[str | float]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode("utf-8", "surrogateescape")


def _cell(value: str | float | None) -> str | float:
    """A cell's text; one that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
