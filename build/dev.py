#!/usr/bin/env python3
"""The commands of the README: `python3 build/dev.py run [ARGS]` and `python3 build/dev.py test [ARGS]`.

Each sets up what it needs in `.venv` of this checkout the first time, and then does its job:

    run [ARGS]        Plume from this checkout, in the folder where you stand
    test [ARGS]       every check and every test; with ARGS only pytest, with these arguments
    serve [PATH...]   Plume in an ordinary browser: prints the address (for work on the page)
    check             ruff, mypy and the page's checks alone
    desktop           an entry in the system's menu that starts this checkout, with icon and "open with"
    bench [ARGS]      Plume against Caesium's engine on the same files (see build/bench.py)
    bench-database    how long the history takes with a million rows (see build/bench_database.py)
    bench-window      the window against an empty one: start, memory, long lists, Compare (see build/bench_window.py)
    fit [FOLDER]      the figures behind predictions, from pictures (see build/fit_model.py)
    predictions [FOLDER]   how good predictions are, on other pictures (see build/predictions.py)
    lock              resolve the dependencies again and write the lock files

Only the standard library is used, and this file also parses on an older Python, so that it can say
what is missing instead of failing with a syntax error. To add a command: a function in `COMMANDS`.
"""

from __future__ import annotations

import os
import sys

OLDEST = (3, 11)
NEWEST_TRIED = 20  # python3.20 is the newest name looked for; a name that does not exist costs nothing
RESTARTED = "PLUME_DEV_RESTARTED"


def main(arguments: list[str]) -> int:
    """Do one command; the exit status: 0 done, 1 failed, 2 no such command."""
    if sys.version_info < OLDEST:  # an older Python may well start this file
        return restart_with_newer_python()
    os.environ.pop(RESTARTED, None)
    name, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if name in {"help", "-h", "--help"}:
        print(__doc__)
        return 0
    if name not in COMMANDS:
        print(f"There is no command {name!r}. The commands are: {', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    from environment import SetupFailed

    try:
        return COMMANDS[name](rest)
    except SetupFailed as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def restart_with_newer_python() -> int:
    """Run this file again with the newest Python found that is new enough; 1 when there is none."""
    from shutil import which
    from subprocess import DEVNULL, call

    wanted = ".".join(map(str, OLDEST))
    names = ["python3.%d" % minor for minor in range(NEWEST_TRIED, OLDEST[1] - 1, -1)]  # noqa: UP031
    test = "import sys; sys.exit(sys.version_info < " + repr(OLDEST) + ")"
    for name in [] if RESTARTED in os.environ else [*names, "python3", "python"]:
        found = which(name)
        if found and call([found, "-c", test], stdout=DEVNULL, stderr=DEVNULL) == 0:
            return call([found, *sys.argv], env=dict(os.environ, **{RESTARTED: "1"}))
    here = ".".join(map(str, sys.version_info[:3]))
    print("Plume needs Python " + wanted + " or newer; this is Python " + here + " (" + sys.executable + ").\n"
          "Install a newer Python and run the same command with it.", file=sys.stderr)  # fmt: skip
    return 1


def run(arguments: list[str]) -> int:
    """Plume itself, where the user stands; does not return where the system can replace a process."""
    from environment import prepare, prepare_window

    opens_window = not arguments or arguments[0] == "open"
    python = prepare_window() if opens_window else prepare("run")
    # -P: a json.py in the folder of the pictures must not become a part of Plume.
    command = [str(python), "-P", "-m", "plume_app", *arguments]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted
    from subprocess import call

    return call(command)


def serve(arguments: list[str]) -> int:
    """The page over HTTP; see build/devserver.py."""
    from subprocess import call

    from environment import HERE, prepare

    return call([str(prepare("run")), str(HERE / "devserver.py"), *arguments])


def test(arguments: list[str]) -> int:
    """Every check, then every test; a failing step does not hide the next one."""
    from checks import run_tests

    return run_tests(arguments)


def check(arguments: list[str]) -> int:
    """Ruff, mypy and the page's checks alone."""
    from checks import run_checks

    return takes_none("check", arguments) or (1 if run_checks() else 0)


def bench(arguments: list[str]) -> int:
    """Plume against Caesium; what only the benchmark needs lives in `.venv-bench`."""
    from subprocess import call

    from environment import HERE, prepare, prepare_bench

    python, peer = prepare("run"), prepare_bench()
    return call([str(python), str(HERE / "bench.py"), "--peer-python", str(peer), *arguments])


def bench_database(arguments: list[str]) -> int:
    """The database with a million generated rows, in a temporary folder."""
    from subprocess import call

    from environment import HERE, prepare

    return call([str(prepare("run")), str(HERE / "bench_database.py"), *arguments])


def bench_window(arguments: list[str]) -> int:
    """The window against an empty one of the same toolkit."""
    from subprocess import call

    from environment import HERE, prepare

    return call([str(prepare("test")), str(HERE / "bench_window.py"), *arguments])


def fit(arguments: list[str]) -> int:
    """The figures behind predictions, new."""
    return _with_plume("fit_model.py", arguments)


def predictions(arguments: list[str]) -> int:
    """The error table of predictions."""
    return _with_plume("predictions.py", arguments)


def _with_plume(script: str, arguments: list[str]) -> int:
    """Run a script of this folder that compresses, with as many threads for each picture as a worker has."""
    from subprocess import call

    from environment import HERE, prepare

    return call([str(prepare("run")), str(HERE / script), *arguments], env=dict(os.environ, VIPS_CONCURRENCY="1"))


def desktop(arguments: list[str]) -> int:
    """The entry in the system's menu, for this user."""
    from desktop import install_entry
    from environment import prepare

    if takes_none("desktop", arguments):
        return 2
    print(install_entry([str(prepare("run")), "-P", "-m", "plume_app"]))
    return 0


def lock(arguments: list[str]) -> int:
    """New lock files from `pyproject.toml`."""
    from lock import write_locks

    return takes_none("lock", arguments) or write_locks()


def takes_none(name: str, arguments: list[str]) -> int:
    """0, or 2 with a sentence when a command without arguments got some."""
    if arguments:
        print(f"{name} takes no arguments, got {' '.join(arguments)!r}.", file=sys.stderr)
    return 2 if arguments else 0


COMMANDS = {
    "run": run,
    "serve": serve,
    "test": test,
    "check": check,
    "desktop": desktop,
    "bench": bench,
    "bench-database": bench_database,
    "bench-window": bench_window,
    "fit": fit,
    "predictions": predictions,
    "lock": lock,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
