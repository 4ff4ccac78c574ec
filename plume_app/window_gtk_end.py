"""How a GTK window ends: taken away by the window system, or with a page that would live on."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

_BAD_WINDOW, _BAD_DRAWABLE = 3, 9  # X.h


class _XError(ctypes.Structure):
    """The beginning of XErrorEvent, Xlib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("resource", ctypes.c_ulong),
        ("serial", ctypes.c_ulong),
        ("code", ctypes.c_ubyte),
    )


_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_XError))
_kept: list[Any] = []  # what C points to


def when_destroyed(view: Any, gone: Callable[[], bool]) -> None:
    """End the toolkit's loop when the window system has destroyed the window, and `gone` says that it was not us.

    pywebview hears only of the question before (WM_DELETE_WINDOW), which the end of a session may leave out.
    """

    def destroyed(_window: Any) -> None:
        from gi.repository import Gio

        if gone():
            end_dialogs()
            Gio.Application.get_default().quit()

    view.window.connect("destroy", destroyed)
    if type(view.window.get_display()).__gtype__.name == "GdkX11Display":
        _survive_errors()


def end_dialogs() -> None:
    """Answer every dialog with no: each runs a loop of its own, which would go on without the window."""
    from gi.repository import Gtk

    for window in Gtk.Window.list_toplevels():
        if isinstance(window, Gtk.Dialog):
            window.response(Gtk.ResponseType.CANCEL)


def _survive_errors() -> None:
    """What is drawn into a window that is gone is an error, for which GDK would end the process with status 1."""
    try:
        set_handler = ctypes.CDLL("libX11.so.6").XSetErrorHandler
    except (OSError, AttributeError):
        return
    set_handler.restype, set_handler.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

    def failed(display: int | None, error: Any) -> int:
        if error.contents.code in (_BAD_WINDOW, _BAD_DRAWABLE) or before is None:
            log.info("X11 error %s", error.contents.code)
            return 0
        return int(before(display, error))

    handler = _HANDLER(failed)
    _kept.append(handler)
    former = set_handler(ctypes.cast(handler, ctypes.c_void_p))
    before = _HANDLER(former) if former else None


def end_pages() -> None:
    """End the pages' processes, whatever they do: a busy one would outlive Plume by ten seconds."""
    for children in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text(encoding="ascii").split():
                if Path("/proc", child, "comm").read_text(encoding="utf-8").startswith("WebKitWebProces"):
                    os.kill(int(child), signal.SIGKILL)
