"""The lock files: every package with its exact version and hashes, for every system and Python.

They are resolved by `uv`, fetched for this only, from `pyproject.toml`. No address of a package index is
written into them: each machine uses its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from environment import CHECKOUT, HERE, python_of

FROM_SOURCE = ("proxy-tools", "pyvips")  # no wheels on the index; both are pure Python
BUILD_TOOLS = ("setuptools", "cffi")  # what building those two needs


def write_locks() -> int:
    """Resolve again and write all files; the versions of the runtime hold in the others, too. Returns 0."""
    with tempfile.TemporaryDirectory() as folder:
        venv = Path(folder) / "venv"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([str(python_of(venv)), "-m", "pip", "install", "--quiet", "uv"], check=True)
        runtime = HERE / "requirements.lock"
        project = [str(CHECKOUT / "pyproject.toml")]
        _compile(venv, project, runtime)
        pinned = ["--constraint", str(runtime)]
        _compile(venv, [*project, "--group", "dev", *pinned], HERE / "requirements-dev.lock")
        _compile(venv, [*project, "--extra", "qt", *pinned], HERE / "requirements-qt.lock")
        _compile(venv, ["--group", f"{project[0]}:bench", *pinned], HERE / "requirements-bench.lock")
        tools = Path(folder) / "tools.in"
        tools.write_text("".join(f"{name}\n" for name in BUILD_TOOLS), encoding="utf-8")
        _compile(venv, [str(tools), *pinned], HERE / "requirements-build.lock")
    blocks = [block(runtime.read_text(encoding="utf-8"), name) for name in FROM_SOURCE]
    (HERE / "requirements-source.lock").write_text(_HEAD + "".join(blocks), encoding="utf-8")
    return 0


def block(lock: str, name: str) -> str:
    """The lines of one package in the text of a lock file. Raises ValueError when it is not there."""
    lines = lock.splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if line.startswith(f"{name}==")]
    if not starts:
        raise ValueError(f"{name} is not in the lock file")
    end = starts[0] + 1
    while end < len(lines) and lines[end].startswith("    --hash"):
        end += 1
    return "".join(lines[starts[0] : end])


_HEAD = "# Written by: python3 build/dev.py lock\n"


def _compile(venv: Path, sources: list[str], target: Path) -> None:
    uv = python_of(venv).with_name("uv")
    command = [str(uv), "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--output-file"]
    resolved = target.with_suffix(".new")
    subprocess.run([*command, str(resolved), *sources], check=True, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    target.write_text(_HEAD + resolved.read_text(encoding="utf-8"), encoding="utf-8")
    resolved.unlink()
