"""The virtual environments of a checkout: made once, complete or made again, cheap to ask for.

`.venv` serves `run` and `test`; `.venv-bench` holds the programs that the benchmark compares with.
Everything comes from lock files with hashes. What must be built from source (two pure-Python packages)
is built with locked tools, never with whatever is newest that day.

A set-up that was interrupted leaves its marker behind and is done again from the start; a second one
in the same checkout waits for the first. Messages go to standard error: standard output is Plume's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
SETUP_VERSION = "1"  # raise it when the steps below change, so that old environments are made again
LOCKS = {  # in the order of installation; a later level holds all of an earlier one
    "run": ("requirements-build.lock", "requirements-source.lock", "requirements.lock"),
    "test": ("requirements-build.lock", "requirements-source.lock", "requirements-dev.lock"),
    "qt": ("requirements-build.lock", "requirements-source.lock", "requirements-qt.lock"),
    "bench": ("requirements-bench.lock",),
}
_BUSY = "plume-set-up-unfinished"
_FROM_SOURCE = "requirements-source.lock"


class SetupFailed(Exception):
    """The set-up cannot go on; the text tells the user what to type or to repair."""


def prepare(level: str) -> Path:
    """The Python of `.venv`, holding at least what `level` ("run" or "test") needs.

    Raises SetupFailed.
    """
    venv = CHECKOUT / ".venv"
    if level == "run" and any(is_ready(venv, name) for name in ("run", "test", "qt")):
        return python_of(venv)  # the way of every start: nothing more is imported or asked
    from system_packages import require

    require(level, with_venv=not is_ready(venv, level))
    return _prepare(venv, level, also=("test", "qt") if level == "run" else ())


def prepare_window() -> Path:
    """The Python of `.venv`, with an engine for the window: the system's GTK where its Python is ours, else Qt.

    Without a screen there can be no window, and nothing is installed for one. Raises SetupFailed.
    """
    venv = CHECKOUT / ".venv"
    if not sys.platform.startswith("linux") or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return prepare("run")
    if is_ready(venv, "qt"):
        return python_of(venv)
    from system_packages import require, system_python

    if system_python() == sys.version_info[:2]:  # only then was its PyGObject built for this Python
        require("window", with_venv=not is_ready(venv, "run"))
        return prepare("run")
    require("run", with_venv=not is_ready(venv, "run"))
    return _prepare(venv, "qt", also=())


def prepare_bench() -> Path:
    """The Python of `.venv-bench`. Raises SetupFailed."""
    from system_packages import require

    require("bench", with_venv=not is_ready(CHECKOUT / ".venv-bench", "bench"))
    return _prepare(CHECKOUT / ".venv-bench", "bench", also=())


def is_ready(venv: Path, level: str) -> bool:
    """Is this environment complete for the lock files and the Python of today?"""
    try:
        stamp = (venv / f"plume-{level}.stamp").read_text(encoding="ascii")
    except (OSError, ValueError):
        return False
    return not (venv / _BUSY).exists() and stamp == wanted_stamp(venv, level)


def wanted_stamp(venv: Path, level: str) -> str:
    """What the stamp of a complete environment says: a digest of everything that it was made from."""
    digest = hashlib.sha256(SETUP_VERSION.encode())
    for name in (*LOCKS[level], "system_packages.toml"):
        digest.update((HERE / name).read_bytes())
    # A system upgrade may put another Python behind the same link; its packages are then in the wrong folder.
    digest.update(os.fsencode(os.path.realpath(python_of(venv))))
    return digest.hexdigest()


def python_of(venv: Path) -> Path:
    """Where a virtual environment has its Python on this system."""
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def _prepare(venv: Path, level: str, *, also: tuple[str, ...]) -> Path:
    python = python_of(venv)
    if any(is_ready(venv, name) for name in (level, *also)):
        return python
    with _only_one(venv.with_name(venv.name + ".lock")):
        if not any(is_ready(venv, name) for name in (level, *also)):  # the one we waited for may have made it
            _make(venv, level, keep=level != "bench" and is_ready(venv, "run"))
    return python


def _make(venv: Path, level: str, *, keep: bool) -> None:
    busy = venv / _BUSY
    if venv.exists() and not busy.exists() and not list(venv.glob("plume-*.stamp")):
        raise SetupFailed(f"{venv} was not made by this command. Move it away, then try again.")
    _say(f"Setting up {venv.name} (once; later starts are immediate) ...")
    if not keep:
        _remove(venv)
    venv.mkdir(exist_ok=True)
    busy.touch()  # first: whatever interrupts the rest, the next start sees it
    if not keep:
        _call([sys.executable, "-I", "-m", "venv", str(venv)], "The virtual environment could not be made")
    for name in LOCKS[level]:
        _install(venv, name)
    if level != "bench":
        _join_checkout(venv)
    (venv / f"plume-{level}.stamp").write_text(wanted_stamp(venv, level), encoding="ascii")
    busy.unlink()
    _say(f"{venv.name} is ready.")


def _remove(venv: Path) -> None:
    if venv.is_symlink():
        raise SetupFailed(f"{venv} is a link to somewhere else. Remove the link, then try again.")
    if not venv.exists():
        return
    (venv / _BUSY).touch()
    for path in venv.iterdir():
        if path.name == _BUSY:
            continue  # stays to the end: a removal, too, can be interrupted
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _install(venv: Path, lock: str) -> None:
    _say(f"  {lock}: {_count(HERE / lock)} packages")
    command = [
        str(python_of(venv)),
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
    ]
    command += ["--require-hashes", "--no-deps", "-r", str(HERE / lock)]
    if lock == _FROM_SOURCE:
        # pyvips looks for a libvips of the system while it is built, and would then use that one. Without
        # `pkgconfig` at hand, and without a copy built elsewhere, it takes the one of pyvips-binary.
        command += ["--no-build-isolation", "--no-cache-dir", "--use-pep517"]
    else:
        command += ["--only-binary", ":all:"]
    _call(command, f"The packages of build/{lock} could not be installed")


def _count(lock: Path) -> int:
    return sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if "==" in line and not line.startswith("#"))


def _join_checkout(venv: Path) -> None:
    """Let the environment import the checkout, by a path that survives when both are moved together."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    found = subprocess.run([str(python_of(venv)), "-I", "-c", code], check=True, capture_output=True, text=True)
    folder = Path(found.stdout.strip())
    (folder / "plume_checkout.pth").write_text(os.path.relpath(CHECKOUT, folder) + "\n", encoding="utf-8")


def _call(command: list[str], problem: str) -> None:
    environment = {**os.environ, "PIP_USER": "0"}  # a user-wide pip setting has no meaning in an environment
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupFailed(f"{problem} (see above). Repair the cause, then run the same command again.") from error


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; the system lets go of it when the process ends, however it ends."""
    with path.open("a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            yield
            return
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another set-up is at work in this checkout; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
