"""Everything in the folder PLUME_CORPUS through the command line: real, odd and hostile files, in a batch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from plume_app.domain.shared.errors import all_errors
from shop import tree

ROOT = Path(__file__).resolve().parent.parent
LONGEST_S = 300
# What a hostile picture may be called; anything else in this list's place is a failure of Plume's own.
CODES_OF_FILES = {"corrupt_image", "unsupported_format", "image_too_large", "dimensions_unsupported"}

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> tuple[list[dict[str, Any]], Path, int]:
    """The lines of one run over everything, the folder of its results, and its exit status."""
    at = tmp_path_factory.mktemp("corpus")
    before = tree(corpus)
    done = subprocess.run(
        [sys.executable, "-m", "plume_app", "compress", str(corpus), "-o", str(at / "out"), "--json"],
        cwd=ROOT,
        env={**os.environ, "PLUME_DATA_DIR": str(at / "data")},
        stdout=subprocess.PIPE,
        timeout=LONGEST_S,
        check=False,
    )
    assert tree(corpus) == before, "a source was touched"
    return [json.loads(line) for line in done.stdout.splitlines()], at / "out", done.returncode


def test_t35_a_hostile_folder_costs_no_more_than_its_broken_files(
    run: tuple[list[dict[str, Any]], Path, int], corpus: Path
) -> None:
    lines, _, status = run
    files, summary = lines[:-1], lines[-1]
    assert summary["type"] == "summary"
    assert {line["type"] for line in files} == {"file"}
    counted = Counter(line["status"] for line in files)
    assert {name: summary[name] for name in ("written", "kept", "failed", "cancelled")} == {
        name: counted[name] for name in ("written", "kept", "failed", "cancelled")
    }
    assert summary["files"] + summary["ignored"] >= sum(1 for path in corpus.rglob("*") if path.is_file())
    assert status == (1 if counted["failed"] else 0)
    failures = Counter(line["error"]["code"] for line in files if line["status"] == "failed")
    assert set(failures) <= CODES_OF_FILES <= set(all_errors())
    assert counted["written"] > 0


def test_t12_no_result_of_the_same_format_is_larger(run: tuple[list[dict[str, Any]], Path, int]) -> None:
    for line in run[0][:-1]:
        if line["status"] == "written":
            assert line["compressed_size"] < line["original_size"], line["path"]


def test_t10_the_folder_of_results_is_complete_and_holds_nothing_else(
    run: tuple[list[dict[str, Any]], Path, int],
) -> None:
    lines, out, _ = run
    told = {line["output_path"] for line in lines[:-1] if line["output_path"]}
    assert {line["path"] for line in lines[:-1] if line["status"] in ("written", "kept")} == {
        line["path"] for line in lines[:-1] if line["output_path"]
    }
    assert told == {str(path) for path in out.rglob("*") if path.is_file()}
    for line in lines[:-1]:
        if line["status"] == "written":
            assert Path(line["output_path"]).stat().st_size == line["compressed_size"]
