from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from plume_app.backend import Backend, System, borrow, choose_backend, prepare_environment, system_folders
from plume_app.domain.shared.errors import InvalidRequest, MissingBackend, NoDisplay
from plume_app.sentences import sentence


def system(
    platform: str = "linux",
    *,
    environ: Mapping[str, str] | None = None,
    screen: bool = True,
    gtk: bool = True,
    modules: tuple[str, ...] = ("PyQt6.QtWebEngineWidgets", "PySide6.QtWebEngineWidgets"),
) -> System:
    return System(platform, environ or {}, lambda: screen, lambda: gtk, lambda name: name in modules, lambda: "apt x")


def test_linux_takes_gtk_where_the_system_has_it() -> None:
    assert choose_backend(system()) == Backend("gtk")


def test_linux_takes_qt_otherwise_and_the_smaller_binding_first() -> None:
    assert choose_backend(system(gtk=False)) == Backend("qt", "pyqt6")
    assert choose_backend(system(gtk=False, modules=("PySide6.QtWebEngineWidgets",))) == Backend("qt", "pyside6")


def test_the_user_may_choose() -> None:
    assert choose_backend(system(environ={"PLUME_BACKEND": "qt"})) == Backend("qt", "pyqt6")
    assert choose_backend(system(environ={"PLUME_BACKEND": "GTK"})) == Backend("gtk")
    with pytest.raises(InvalidRequest):
        choose_backend(system(environ={"PLUME_BACKEND": "tk"}))


@pytest.mark.parametrize(("platform", "name"), [("win32", "edgechromium"), ("darwin", "cocoa")])
def test_other_systems_bring_their_own(platform: str, name: str) -> None:
    assert choose_backend(system(platform, screen=False, gtk=False, modules=())) == Backend(name)


def test_no_screen_is_said_before_any_toolkit_is_asked() -> None:
    def explode() -> bool:
        raise AssertionError("a toolkit was asked")

    with pytest.raises(NoDisplay):
        choose_backend(System("linux", {}, lambda: False, explode, lambda _: explode(), lambda: ""))


@pytest.mark.parametrize("environ", [{}, {"PLUME_BACKEND": "qt"}])
def test_no_engine_is_one_sentence_with_the_line_to_type(environ: Mapping[str, str]) -> None:
    with pytest.raises(MissingBackend) as raised:
        choose_backend(system(environ=environ, gtk=False, modules=()))

    for language in ("en", "fr"):
        assert "apt x" in sentence(raised.value.code, raised.value.facts, language)


def test_an_engine_that_was_asked_for_is_not_replaced() -> None:
    with pytest.raises(MissingBackend):
        choose_backend(system(environ={"PLUME_BACKEND": "gtk"}, gtk=False))


def test_qt_is_told_which_binding_and_keeps_the_flags_of_the_user() -> None:
    environ = {"QTWEBENGINE_CHROMIUM_FLAGS": "--disable-gpu", "QT_API": "pyqt5"}
    prepare_environment(Backend("qt", "pyside6"), environ)

    assert environ["QT_API"] == "pyside6"
    assert environ["QTWEBENGINE_CHROMIUM_FLAGS"] == "--disable-gpu --log-level=3"


def test_what_the_user_set_for_webkit_stays() -> None:
    environ = {"WEBKIT_DISABLE_DMABUF_RENDERER": "0"}
    prepare_environment(Backend("gtk"), environ)

    assert environ == {"WEBKIT_DISABLE_DMABUF_RENDERER": "0"}


def test_pygobject_of_another_python_is_not_borrowed(tmp_path: Path) -> None:
    (tmp_path / "gi").mkdir()
    (tmp_path / "gi" / "_gi.cpython-35-x86_64-linux-gnu.so").touch()
    (tmp_path / "gi" / "_gi.abi3.so").touch()
    before = list(sys.meta_path)

    assert borrow([tmp_path, tmp_path / "missing"]) is None
    assert sys.meta_path == before


@pytest.mark.skipif(sys.platform != "linux", reason="nothing to borrow")
def test_what_is_borrowed_is_one_package_and_not_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    monkeypatch.setattr(sys, "path", [one for one in sys.path if not (Path(one) / "gi").exists()])
    monkeypatch.delitem(sys.modules, "gi", raising=False)
    (tmp_path / "gi").mkdir()
    (tmp_path / "gi" / "__init__.py").touch()
    own = next(one for one in importlib.machinery.EXTENSION_SUFFIXES if "cpython" in one)
    (tmp_path / "gi" / f"_gi{own}").touch()
    (tmp_path / "plume_neighbour.py").touch()

    if borrow([tmp_path]) is None:
        pytest.skip("this Python has a PyGObject of its own")
    finder = sys.meta_path[-1]
    assert finder.find_spec("gi", None) is not None
    assert finder.find_spec("plume_neighbour", None) is None


def test_the_folders_of_the_distributions_are_for_this_python() -> None:
    minor = f"python3.{sys.version_info.minor}"

    assert all(minor in str(folder) or folder.parts[-2] == "python3" for folder in system_folders())
