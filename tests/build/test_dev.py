"""The set-up: cheap when nothing changed, honest about what is missing, never half done."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import environment
import lock
import pytest
import system_packages

CHECKOUT = Path(__file__).resolve().parents[2]
BUILD = CHECKOUT / "build"
DEV = [sys.executable, str(BUILD / "dev.py")]


def finished(venv: Path, level: str) -> Path:
    """A folder that looks like a complete environment, without its packages."""
    python = environment.python_of(venv)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (venv / f"plume-{level}.stamp").write_text(environment.wanted_stamp(venv, level), encoding="ascii")
    return venv


@pytest.mark.parametrize("level", environment.LOCKS)
def test_a_complete_environment_is_ready(tmp_path: Path, level: str) -> None:
    assert environment.is_ready(finished(tmp_path / "venv", level), level)


def test_an_absent_environment_is_not_ready(tmp_path: Path) -> None:
    assert not environment.is_ready(tmp_path / "venv", "run")


def test_an_interrupted_set_up_is_not_ready(tmp_path: Path) -> None:
    venv = finished(tmp_path / "venv", "run")
    (venv / "plume-set-up-unfinished").touch()

    assert not environment.is_ready(venv, "run")


def test_an_environment_of_other_lock_files_is_not_ready(tmp_path: Path) -> None:
    venv = finished(tmp_path / "venv", "run")
    (venv / "plume-run.stamp").write_text("0" * 64, encoding="ascii")

    assert not environment.is_ready(venv, "run")


def test_an_environment_whose_python_was_replaced_is_not_ready(tmp_path: Path) -> None:
    venv = finished(tmp_path / "venv", "run")
    other = tmp_path / "python3.99"
    other.touch()
    environment.python_of(venv).unlink()
    environment.python_of(venv).symlink_to(other)

    assert not environment.is_ready(venv, "run")


def test_an_environment_that_somebody_else_made_is_left_alone(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    (venv / "mine").mkdir(parents=True)

    with pytest.raises(environment.SetupFailed, match="was not made by this command"):
        environment._make(venv, "run", keep=False)
    assert (venv / "mine").is_dir()


def test_removing_an_environment_keeps_the_marker_to_the_end(tmp_path: Path) -> None:
    venv = finished(tmp_path / "venv", "run")

    environment._remove(venv)

    assert [path.name for path in venv.iterdir()] == ["plume-set-up-unfinished"]


def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import environment\n"
        "with environment._only_one(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    there = {**os.environ, "PYTHONPATH": str(BUILD)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": there}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline() == "in\n"
        with subprocess.Popen(command, **pipes) as second:
            assert "waiting" in second.stderr.readline()
            first.stdin.close()
            assert second.stdout.readline() == "in\n"
            second.stdin.close()


@pytest.mark.parametrize("name", ["dev.py", "environment.py", "system_packages.py", "checks.py", "lock.py"])
def test_set_up_uses_nothing_but_the_standard_library(name: str) -> None:
    path = BUILD / name
    ours = {file.stem for file in BUILD.glob("*.py")}
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.split(".")[0])

    assert imported <= ours | set(sys.stdlib_module_names)


def test_dev_parses_on_an_old_python_to_say_what_is_missing() -> None:
    source = (BUILD / "dev.py").read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 8))


def test_an_unknown_command_is_bad_usage() -> None:
    answer = subprocess.run([*DEV, "fly"], capture_output=True, text=True, check=False)

    assert answer.returncode == 2
    assert "There is no command 'fly'" in answer.stderr
    assert not answer.stdout


def test_build_folder_is_no_package_because_it_would_hide_the_build_tool() -> None:
    assert not (BUILD / "__init__.py").exists()


@pytest.mark.parametrize("name", sorted({name for names in environment.LOCKS.values() for name in names}))
def test_every_locked_package_has_a_version_and_a_hash_and_no_address(name: str) -> None:
    text = (BUILD / name).read_text(encoding="utf-8")
    entries = text.replace("\\\n", " ").splitlines()
    packages = [line for line in entries if line and not line.startswith("#")]

    assert packages
    assert all("==" in line and "--hash=sha256:" in line for line in packages)
    assert "://" not in text


def test_run_and_test_lock_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        return {line.split()[0] for line in (BUILD / name).read_text(encoding="utf-8").splitlines() if "==" in line}

    dev = pins("requirements-dev.lock")
    assert {pin for pin in pins("requirements.lock") if not pin.startswith("cffi")} <= dev
    assert pins("requirements-source.lock") <= dev


def test_one_package_is_cut_out_of_a_lock_file_with_all_its_hashes() -> None:
    wanted = "bb==2 \\\n    --hash=sha256:2 \\\n    --hash=sha256:3\n"
    text = f"a==1 \\\n    --hash=sha256:1\n{wanted}c==3 \\\n    --hash=sha256:4\n"

    assert lock.block(text, "bb") == wanted
    with pytest.raises(ValueError, match="b is not in"):
        lock.block(text, "b")


def test_every_system_package_says_what_it_is_for() -> None:
    rows = system_packages.table()

    assert rows
    assert all(row.level in system_packages.LEVELS and row.debian and row.why for row in rows)
    assert all(bool(row.command) != bool(row.file) for row in rows)  # one way to tell that it is there


def test_a_missing_system_package_is_asked_for_in_one_line(tmp_path: Path) -> None:
    """Seen by an ordinary user of a Debian system: apt-get is there, the right to use it is not."""
    for name in ("apt-get", "sudo"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
        program.chmod(0o755)
    code = (
        "import importlib.util, os; os.geteuid = lambda: 1000; importlib.util.find_spec = lambda name: None\n"
        "import system_packages\n"
        "try: system_packages.require('test', with_venv=True)\n"
        "except system_packages.SetupFailed as problem: print(problem)\n"
    )
    there = {**os.environ, "PYTHONPATH": str(BUILD), "PATH": str(tmp_path)}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=there, check=True)

    # With such a PATH no program is found; what is told by a file may be there.
    missing = [row.debian for row in system_packages.table() if row.command or not row.is_there]
    line = f"  sudo apt-get install --yes --no-install-recommends {' '.join(missing)} python3"
    assert answer.stdout.splitlines()[-1] == f"{line}.{sys.version_info.minor}-venv"


def test_the_second_start_costs_next_to_nothing(tmp_path: Path) -> None:
    """Counted, not timed: nothing is imported for it that a set-up needs, and no program is started."""
    checkout = tmp_path / "checkout"
    shutil.copytree(BUILD, checkout / "build", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import environment\n"
        "sys.addaudithook(lambda name, _: name in {'subprocess.Popen', 'os.exec'} and sys.exit(name))\n"
        "environment.prepare('run'); print(sorted({'tomllib', 'system_packages', 'venv'} & set(sys.modules)))\n"
    )
    make = (
        "import sys; sys.path.insert(0, sys.argv[1]); import environment as e; v = e.CHECKOUT / '.venv'\n"
        "p = e.python_of(v); p.parent.mkdir(parents=True); p.symlink_to(sys.executable)\n"
        "(v / 'plume-run.stamp').write_text(e.wanted_stamp(v, 'run'))\n"
    )
    for step in (make, code):
        answer = subprocess.run(
            [sys.executable, "-c", step, str(checkout / "build")], capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "[]\n"
