"""Plume as a person or a script runs it: a process of its own, in a folder, with a data folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def environment(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a Plume that remembers in `data`; no other setting of Plume's reaches it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUME")}
    path = os.pathsep.join(filter(None, [str(ROOT), kept.get("PYTHONPATH", "")]))
    return kept | {"PLUME_DATA_DIR": str(data), "PYTHONPATH": path} | dict(more or {})


@dataclass(frozen=True)
class Ran:
    """How a run ended and what it said."""

    status: int
    out: str
    err: str
    lines: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        found = [json.loads(line) for line in self.out.splitlines() if line.startswith("{")]
        object.__setattr__(self, "lines", found)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """The lines of type "file" by the name of the file."""
        return {Path(line["path"]).name: line for line in self.lines if line["type"] == "file"}

    @property
    def summary(self) -> dict[str, Any]:
        """The one line of type "summary", which is the last."""
        assert [line["type"] for line in self.lines].count("summary") == 1
        assert self.lines[-1]["type"] == "summary"
        return self.lines[-1]

    def failed_with(self) -> dict[str, str]:
        """The code of each file that failed, by its name; each has a sentence."""
        failed = {name: line["error"] for name, line in self.files.items() if line["status"] == "failed"}
        assert all(len(error["message"]) > 20 and error["message"] != error["code"] for error in failed.values())
        return {name: error["code"] for name, error in failed.items()}


@dataclass(frozen=True)
class Plume:
    """`plume("compress", ...)` in the folder `at`, remembering in `data`."""

    at: Path
    data: Path
    through: tuple[str, ...] = ()  # a program that starts it, with its own words

    def __call__(self, *words: str | Path, more: Mapping[str, str] | None = None) -> Ran:
        done = subprocess.run(
            [*self.through, sys.executable, "-m", "plume_app", *map(str, words)],
            cwd=self.at,
            env=environment(self.data, more),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=120,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err + ran.out, ran.err
        return ran
