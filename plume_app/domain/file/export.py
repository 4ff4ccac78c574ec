"""Rows to a file that other programs read: as a table (CSV) or as JSON."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from plume_app.domain.file.atomic import commit, discard, stage
from plume_app.domain.file.naming import staged_name

Row = Mapping[str, str | int | float | None]


def export_bytes(rows: Iterable[Row], columns: Sequence[str], kind: str) -> bytes:
    """`rows` as "csv" (UTF-8 with the mark that spreadsheets need, and a head) or "json" (ASCII, a list of objects)."""
    if kind == "json":
        told = [{name: row[name] for name in columns} for row in rows]
        return (json.dumps(told, indent=1, allow_nan=False) + "\n").encode("ascii")
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([_cell(row[name]) for name in columns] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "surrogateescape")


def save(target: Path, data: bytes) -> None:
    """Writes `data` to `target` in one step, over what is there: the dialog that gave the name has asked.

    Raises TargetUnwritable, DiskFull.
    """
    staged = staged_name(target, secrets.token_hex(8))
    stage(staged, data)
    try:
        commit(staged, target, replace=True)
    except BaseException:
        discard(staged)
        raise


def _cell(value: str | float | None) -> str | float:
    """A cell's text; one that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
