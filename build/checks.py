"""Every check and every test, in one go: what `python3 build/dev.py test` does once the set-up is there."""

from __future__ import annotations

import os
import subprocess
import sys

from environment import CHECKOUT, prepare
from page import page_checks, prepare_page

CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
}

BROWSER = "tests/browser"  # after the others, not beside them: a browser wants the machine for itself
WINDOW = "tests/e2e"  # the true window on a virtual screen; all of it: dev.py test tests/e2e


def run_checks() -> list[str]:
    """Run ruff, mypy and the page's checks over the checkout; the names of those that found something."""
    python = str(prepare("test"))
    prepare_page()
    commands = {name: [python, "-m", *words] for name, words in CHECKS.items()} | page_checks()
    return [name for name, command in commands.items() if not _passes(name, command)]


def run_tests(arguments: list[str]) -> int:
    """The exit status of everything: 0 only when each step passed. pytest's summary comes last."""
    python = str(prepare("test"))
    failed = [] if arguments else run_checks()
    if failed:
        print(f"\nNot clean: {', '.join(failed)}. The tests follow.", flush=True)
    if arguments:
        runs = {"pytest": arguments}
    else:
        runs = {
            "pytest: the page": [BROWSER],
            "pytest: the window": [WINDOW, "-m", "representative"],
            "pytest": [*_parallel(), f"--ignore={BROWSER}", f"--ignore={WINDOW}"],
        }
    failed += [name for name, words in runs.items() if not _passes(name, [python, "-P", "-m", "pytest", *words])]
    if failed:
        print(f"Failed: {', '.join(failed)} (see above).", file=sys.stderr)
    return 1 if failed else 0


def _parallel() -> list[str]:
    """As many test processes as this process may use processors, at most four."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ["-n", str(min(usable, 4)), "--dist", "worksteal"] if usable > 1 else []


def _passes(name: str, command: list[str]) -> bool:
    print(f"== {name}", flush=True)
    # The tools were just provided, so a test that needs one may not skip.
    environment = {**os.environ, "PLUME_REQUIRE_TOOLS": "1"}
    return subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode == 0
