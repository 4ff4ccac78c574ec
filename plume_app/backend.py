"""Which web engine can show the window here; where none can, what to type.

On Linux GTK with WebKit where the system has it, Qt from wheels otherwise; PLUME_BACKEND (`gtk` or `qt`) chooses.
Windows and macOS bring their own engine. Nothing of a toolkit is loaded before a screen was found, because Qt ends
the whole process when there is none.

PyGObject has no wheels, so an environment of its own cannot have it. The system's own is borrowed where it was built
for the running Python: two packages by name, nothing else of the system's folder.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from plume_app.domain.shared.errors import MissingBackend, NoDisplay, invalid

BACKEND_VARIABLE = "PLUME_BACKEND"
_BORROWED = ("gi", "cairo")
_QT_BINDINGS = {"pyqt6": "PyQt6.QtWebEngineWidgets", "pyside6": "PySide6.QtWebEngineWidgets"}  # the smaller one first
_APT_LINE = "sudo apt install python3-gi gir1.2-gtk-3.0 gir1.2-webkit2-4.1"


@dataclass(frozen=True, slots=True)
class Backend:
    """`name` as pywebview spells it; `binding` is the Python package of Qt, as QtPy spells it."""

    name: str
    binding: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """What the choice depends on; `here` asks the machine, tests make their own."""

    platform: str
    environ: Mapping[str, str]
    has_screen: Callable[[], bool]
    has_gtk: Callable[[], bool]
    has_module: Callable[[str], bool]
    install_line: Callable[[], str]


def choose_backend(system: System | None = None) -> Backend:
    """The engine for the window.

    Raises NoDisplay, MissingBackend (facts: `what`, `line` to type), InvalidRequest for an unknown PLUME_BACKEND.
    """
    system = system or here()
    if system.platform == "win32":
        return Backend("edgechromium")
    if system.platform == "darwin":
        return Backend("cocoa")
    wanted = system.environ.get(BACKEND_VARIABLE, "").lower()
    if wanted not in {"", "gtk", "qt"}:
        raise invalid(BACKEND_VARIABLE, "gtk or qt", wanted)
    if not system.has_screen():
        raise NoDisplay
    if wanted != "qt" and system.has_gtk():
        return Backend("gtk")
    if wanted != "gtk":
        for binding, module in _QT_BINDINGS.items():
            if system.has_module(module):
                return Backend("qt", binding)
    raise MissingBackend(what="window", problem="no web engine for the window", line=system.install_line())


def prepare_environment(backend: Backend, environ: os._Environ[str] | dict[str, str] = os.environ) -> None:
    """What the toolkits read from the environment; call before anything of them is imported."""
    if backend.name == "gtk":
        # Without it WebKit shows nothing on many NVIDIA and virtual cards; the cost is not measurable on our page.
        environ.setdefault("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
    if backend.name == "qt":
        environ["QT_API"] = backend.binding  # else QtPy takes PyQt5 where there is one
        environ.setdefault("QT_LOGGING_RULES", "*=false")
        flags = environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
        if "--log-level" not in flags:
            environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} --log-level=3".strip()
        if _is_root():
            environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")  # Chromium refuses to start as root with it


def here() -> System:
    """This machine."""
    return System(sys.platform, os.environ, _has_screen, _has_gtk, _has_module, _install_line)


def _has_screen() -> bool:
    """Does a Wayland or X11 server really answer? A variable alone says little (ssh, a dead session)."""
    if os.environ.get("WAYLAND_DISPLAY") and _opens("libwayland-client.so.0", "wl_display_connect", "disconnect"):
        return True
    return bool(os.environ.get("DISPLAY")) and _opens("libX11.so.6", "XOpenDisplay", "XCloseDisplay")


def _opens(library: str, connect: str, disconnect: str) -> bool:
    try:
        loaded = ctypes.CDLL(library)
        begin = loaded[connect]
        end = loaded[disconnect if disconnect.startswith("X") else f"wl_display_{disconnect}"]
    except (OSError, AttributeError):
        return True  # it cannot be asked; the toolkit will say it
    begin.restype, begin.argtypes = ctypes.c_void_p, [ctypes.c_char_p]
    end.argtypes = [ctypes.c_void_p]
    display = begin(None)
    if display:
        end(display)
    return bool(display)


def _has_gtk() -> bool:
    """Can GTK 3 and WebKit be imported, if need be from the system's packages?"""
    borrow(system_folders())
    try:
        gi = importlib.import_module("gi")
        gi.require_version("Gtk", "3.0")
        try:
            gi.require_version("WebKit2", "4.1")
        except ValueError:
            gi.require_version("WebKit2", "4.0")
    except (ImportError, ValueError, AttributeError):
        return False
    return True


def _has_module(name: str) -> bool:
    with suppress(ImportError, ValueError):
        return importlib.util.find_spec(name) is not None
    return False


def system_folders() -> tuple[Path, ...]:
    """Where distributions keep PyGObject: Debian's one folder for all of Python 3, Fedora's and Arch's by version."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return tuple(
        Path(folder)
        for folder in (
            "/usr/lib/python3/dist-packages",
            f"/usr/lib64/{version}/site-packages",
            f"/usr/lib/{version}/site-packages",
        )
    )


def borrow(folders: Sequence[Path]) -> Path | None:
    """Let `gi` be imported from the first of `folders` where it was built for this Python; None: nothing to borrow."""
    if importlib.util.find_spec("gi") is not None:
        return None
    for folder in folders:
        built_for_us = any((folder / "gi" / f"_gi{suffix}").is_file() for suffix in _own_suffixes())
        if built_for_us:
            sys.meta_path.append(_Borrowed(folder))
            return folder
    return None


def _own_suffixes() -> list[str]:
    """The endings of extension modules for this Python and no other; a bare `.so` may be for any."""
    return [suffix for suffix in importlib.machinery.EXTENSION_SUFFIXES if "cpython" in suffix]


class _Borrowed:
    """Finds the two packages in the system's folder, when nobody else has found them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The import system's question; parts of the packages are found by their own path."""
        del path, target
        if name not in _BORROWED:
            return None
        return importlib.machinery.PathFinder.find_spec(name, [str(self._folder)])


def _install_line() -> str:
    """GTK from the system where its Python is ours, else Qt from wheels."""
    named = Path("/usr/bin/python3").resolve().name
    if Path("/usr/bin/apt-get").exists() and named == f"python3.{sys.version_info.minor}":
        return _APT_LINE
    return f'{sys.executable} -m pip install "pywebview[qt]"'


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
