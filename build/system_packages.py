"""Packages of the operating system: found, installed where that is allowed, or asked for in one line."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from environment import HERE, SetupFailed

LEVELS = {
    "run": ("run",),
    "window": ("run", "window"),
    "test": ("run", "window", "test"),
    "bench": ("run",),
}


@dataclass(frozen=True)
class SystemPackage:
    """One row of `system_packages.toml`: told to be there by a program on PATH, or by a file."""

    level: str
    debian: str
    why: str
    command: str = ""
    file: str = ""

    @property
    def is_there(self) -> bool:
        """Does this system have it?"""
        return bool(shutil.which(self.command) if self.command else [*Path("/").glob(self.file.lstrip("/"))])


def table(path: Path = HERE / "system_packages.toml") -> list[SystemPackage]:
    """The rows of the table, as written."""
    with path.open("rb") as file:
        return [SystemPackage(**row) for row in tomllib.load(file).get("package", [])]


def require(level: str, *, with_venv: bool) -> None:
    """Make sure that everything of `level` is there, and Python's `venv` where one is about to be made.

    Raises SetupFailed with the line to type where a package is missing and may not be installed from here.
    """
    missing = [row for row in table() if row.level in LEVELS[level] and not row.is_there]
    names = [row.debian for row in missing]
    reasons = [f"{row.command or row.debian}: {row.why}" for row in missing]
    if with_venv and importlib.util.find_spec("ensurepip") is None:  # Debian and Ubuntu package it apart
        names.append(f"python3.{sys.version_info.minor}-venv")
        reasons.append("venv: Python's own module for virtual environments")
    if names:
        install(names, "; ".join(reasons))


def system_python() -> tuple[int, int] | None:
    """The version of the distribution's own Python, for which its packages are built; None when there is none."""
    try:
        told = subprocess.run(
            ["/usr/bin/python3", "-I", "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        return None
    return int(told[0]), int(told[1])


def install(names: list[str], why: str) -> None:
    """Install Debian packages as root or by sudo without a password. Raises SetupFailed."""
    line = f"apt-get install --yes --no-install-recommends {' '.join(names)}"
    if shutil.which("apt-get") is None:
        raise SetupFailed(f"Needed from your system: {why}.\nOn Debian and Ubuntu that is: sudo {line}")
    prefix = _rights()
    if prefix is None:
        raise SetupFailed(
            f"Needed from your system: {why}.\nType this line, then run the same command again:\n\n  sudo {line}"
        )
    print(f"Installing {', '.join(names)} ({why}) ...", file=sys.stderr, flush=True)
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
    if _apt([*quiet, *line.split()]) != 0:  # a fresh system has no list of packages yet
        _apt([*quiet, "apt-get", "update"])
        if _apt([*quiet, *line.split()]) != 0:
            raise SetupFailed(f"apt-get failed (see above). Repair the cause, or type: sudo {line}")


def _rights() -> list[str] | None:
    """The words before a command that needs root; None when this user may not."""
    if os.name == "posix" and os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def _apt(command: list[str]) -> int:
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode
