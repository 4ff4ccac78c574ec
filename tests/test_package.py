"""The package as others get it: complete, typed, and able to start from where it was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from plume_app import __version__

CHECKOUT = Path(__file__).resolve().parents[1]
PREFIX = f"plume_app-{__version__}"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the wheel and the sdist, built by hatchling from the locked environment."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    yield folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def wheel_names(wheel: Path) -> frozenset[str]:
    with zipfile.ZipFile(wheel) as file:
        return frozenset(file.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "plume_app/__init__.py",
        "plume_app/py.typed",
        "plume_app/web/locales/en.json",
        f"{PREFIX}.dist-info/licenses/LICENSE",
        f"{PREFIX}.dist-info/entry_points.txt",
    ],
)
def test_wheel_holds(wheel_names: frozenset[str], name: str) -> None:
    assert name in wheel_names


def test_wheel_holds_every_module_and_web_file_of_the_checkout(wheel_names: frozenset[str]) -> None:
    modules = {path.relative_to(CHECKOUT).as_posix() for path in (CHECKOUT / "plume_app").rglob("*.py")}
    web = {f"plume_app/{p.relative_to(CHECKOUT).as_posix()}" for p in (CHECKOUT / "web").rglob("*") if p.is_file()}

    assert modules | web <= wheel_names


def test_wheel_holds_the_package_and_its_menu_entry_and_nothing_else(wheel_names: frozenset[str]) -> None:
    assert {name.split("/")[0] for name in wheel_names} == {"plume_app", f"{PREFIX}.dist-info", f"{PREFIX}.data"}
    assert {name for name in wheel_names if name.startswith(f"{PREFIX}.data/")} == {
        f"{PREFIX}.data/data/share/applications/plume.desktop",
        f"{PREFIX}.data/data/share/icons/hicolor/scalable/apps/plume.svg",
    }


def test_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        metadata = file.read(f"{PREFIX}.dist-info/METADATA").decode("utf-8")
        entry_points = file.read(f"{PREFIX}.dist-info/entry_points.txt").decode("utf-8")

    assert "License-Expression: GPL-3.0-or-later" in metadata
    assert "Requires-Python: >=3.11" in metadata
    assert "plume = plume_app.__main__:main" in entry_points


def test_sdist_holds_what_the_two_commands_need(built: Path) -> None:
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as file:
        names = {name.partition("/")[2] for name in file.getnames()}

    wanted = {"build/dev.py", "build/requirements.lock", "build/requirements-dev.lock", "build/system_packages.toml"}
    assert wanted | {"web/locales/en.json", "tests/conftest.py", "LICENSE", "README.md", "pyproject.toml"} <= names


def test_installed_package_starts_and_finds_its_web_folder(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    install = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
    ]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    # -P and no checkout on the path: what answers is the installed copy.
    there = {**os.environ, "PYTHONPATH": str(target)}
    code = "import plume_app, plume_app.paths as p; print(plume_app.__file__); print(p.web_folder())"
    found = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=there, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    version = subprocess.run(
        [sys.executable, str(target / "bin" / "plume"), "--version"],
        env=there,
        check=True,
        capture_output=True,
        text=True,
    )

    assert found == [str(target / "plume_app" / "__init__.py"), str(target / "plume_app" / "web")]
    assert version.stdout == f"plume {__version__}\n"


def test_installed_package_has_the_dependencies_that_the_lock_file_holds() -> None:
    import tomllib

    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = (CHECKOUT / "build" / "requirements.lock").read_text(encoding="utf-8")
    for requirement in project["dependencies"]:
        name = requirement.split(">")[0].split("=")[0].lower()
        assert f"\n{name}==" in locked
