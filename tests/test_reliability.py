"""Every promise of the reliability list has a test, by its name or by an entry in `reliability.toml`."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
TABLE = tomllib.loads((TESTS / "reliability.toml").read_text(encoding="utf-8"))
NAMED = re.compile(r"test_((?:t\d\d_)+)")


@cache
def all_tests() -> frozenset[str]:
    """Every test function as `tests/...py::name`, found by reading, not by running."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.relative_to(TESTS.parent).as_posix()}::{node.name}")
    return frozenset(found)


@cache
def rows_in_names() -> frozenset[str]:
    """The rows that test names carry: `test_t05_...`, or several as in `test_t01_t05_...`."""
    matches = (NAMED.match(test.rpartition("::")[2]) for test in all_tests())
    return frozenset(row for match in matches if match for row in re.findall(r"\d\d", match[1]))


@pytest.mark.parametrize("row", TABLE["required"])
def test_every_promise_has_a_test(row: str) -> None:
    assert row in rows_in_names() or TABLE["covered_by"].get(row), f"no test keeps T{row}"


def test_every_entry_names_tests_that_exist() -> None:
    for row, tests in TABLE["covered_by"].items():
        assert re.fullmatch(r"\d\d", row)
        assert set(tests) <= all_tests(), f"T{row} names a test that is gone"
