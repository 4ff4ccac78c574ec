"""What is particular about GTK 3 and WebKitGTK (pywebview 6.2, WebKitGTK 2.40 to 2.50). In the toolkit's thread.

Dropped files: the page is told none since WebKitGTK 2.50.3, so they are read from the widget's own signal. GTK says
that the pointer left before it says that the button was let go, so leaving forgets with a delay.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plume_app.window_drop import paths_of

log = logging.getLogger(__name__)

_FORGET_AFTER_MS = 2000
_MAX_RELOADS = 3
_BUS_MS = 3000
PROGRAM = "plume"  # what the desktop file is called: the system finds icon and name by it


def name_the_program() -> None:
    """Tell the window system whose window this is; before GTK starts."""
    from gi.repository import GLib

    GLib.set_prgname(PROGRAM)
    GLib.set_application_name("Plume")


def install(
    view: Any,
    base: str,
    put_drop: Callable[[Sequence[Path]], None],
    fit: Callable[[Sequence[tuple[int, int, int, int]]], Any],
    icon: Path | None,
    backgrounds: tuple[str, str],
) -> None:
    """Make pywebview's `view` ours: drops, no way out of the page, no permissions, place, icon.

    `backgrounds` are those on a light (pywebview has it already) and on a dark system, `#rrggbb`.
    """
    _hook_drops(view.webview, put_drop)
    _keep_in(view, base)
    _less(view.webview.get_settings())
    _put(view.window, fit(_screens(view.window)))
    if backgrounds[0] != backgrounds[1] and _is_dark():
        _paint(view, backgrounds[1])
    if icon is not None:
        try:
            view.window.set_icon_from_file(str(icon))
        except Exception as error:  # GLib.Error: no loader for the kind; a window without a picture is a window
            log.info("no window icon: %s", error)


def _is_dark() -> bool:
    """Does the system ask for dark windows, as WebKit understands it for `prefers-color-scheme`?"""
    from gi.repository import Gtk

    settings = Gtk.Settings.get_default()
    name = settings.props.gtk_theme_name or ""
    return bool(settings.props.gtk_application_prefer_dark_theme) or name.lower().endswith(("-dark", ":dark"))


def _paint(view: Any, colour: str) -> None:
    """The colour of pywebview's `view` until the page is painted."""
    from gi.repository import Gdk, Gtk

    rgba = Gdk.RGBA()
    rgba.parse(colour)
    view.webview.set_background_color(rgba)
    style = Gtk.CssProvider()
    style.load_from_data(f"* {{ background-color: {colour}; }}".encode())
    for widget in (view.window, view.webview.get_parent()):
        if widget is not None:  # above pywebview's own provider
            widget.get_style_context().add_provider(style, Gtk.STYLE_PROVIDER_PRIORITY_USER)


def soon(deed: Callable[[], None]) -> None:
    """Do `deed` in the toolkit's thread before anything else there; any thread.

    pywebview waits for an idle moment, which a page that talks without end never leaves.
    """
    from gi.repository import GLib

    def once() -> bool:
        deed()
        return False

    GLib.idle_add(once, priority=GLib.PRIORITY_HIGH)


def place_of(window: Any, before: dict[str, Any]) -> dict[str, Any]:
    """Where the window is, as fields of `Place`; maximized keeps the size from before."""
    if window.is_maximized():
        return {**before, "maximized": True}
    width, height = window.get_size()
    x, y = window.get_position()
    return {"width": width, "height": height, "x": x, "y": y, "maximized": False}


def _hook_drops(widget: Any, put: Callable[[Sequence[Path]], None]) -> None:
    from gi.repository import GLib

    forgetting = 0

    def stop_forgetting() -> None:
        nonlocal forgetting
        if forgetting:
            GLib.source_remove(forgetting)
            forgetting = 0

    def forget() -> bool:
        nonlocal forgetting
        forgetting = 0
        put(())
        return False

    def received(_widget: Any, _context: Any, _x: int, _y: int, data: Any, _info: int, _time: int) -> None:
        if data.get_target().name() == "text/uri-list":
            stop_forgetting()
            put(paths_of(data.get_data() or b""))

    def left(_widget: Any, _context: Any, _time: int) -> None:
        nonlocal forgetting
        stop_forgetting()
        forgetting = GLib.timeout_add(_FORGET_AFTER_MS, forget)

    widget.connect("drag-data-received", received)
    widget.connect("drag-leave", left)


def _keep_in(view: Any, base: str) -> None:
    """No navigation but to our page, no new window, no download, no camera; a crashed page is loaded again."""
    from gi.repository import WebKit2

    widget = view.webview
    reloads = 0

    def decide(_widget: Any, decision: Any, _kind: Any) -> bool:
        if isinstance(decision, WebKit2.NavigationPolicyDecision):
            address = decision.get_navigation_action().get_request().get_uri() or ""
            allowed = address.startswith(base) and not decision.get_navigation_action().get_frame_name()
        else:
            allowed = not isinstance(decision, WebKit2.ResponsePolicyDecision) or decision.is_mime_type_supported()
        if allowed:
            decision.use()
        else:
            log.warning("the page wanted to leave")
            decision.ignore()
        return True

    def deny(_widget: Any, request: Any) -> bool:
        request.deny()
        return True

    def crashed(_widget: Any, reason: Any) -> None:
        nonlocal reloads
        reloads += 1
        log.error("the page's process ended: %s", reason.value_nick)
        if reloads <= _MAX_RELOADS:
            widget.reload()

    widget.disconnect_by_func(view.on_navigation)  # pywebview's lets any address in
    widget.connect("decide-policy", decide)
    widget.connect("permission-request", deny)
    widget.connect("create", lambda *_: None)
    widget.connect("web-process-terminated", crashed)


def _less(settings: Any) -> None:
    """Off what pywebview switches on and the page does not use."""
    for name in (
        "enable_media_stream",
        "enable_mediasource",
        "enable_webaudio",
        "enable_webgl",
        "enable_media",
        "enable_webrtc",
        "enable_page_cache",
        "enable_html5_database",
        "allow_modal_dialogs",
        "javascript_can_open_windows_automatically",
    ):
        if hasattr(settings.props, name):
            setattr(settings.props, name, False)


def _screens(window: Any) -> list[tuple[int, int, int, int]]:
    display = window.get_display()
    areas = [display.get_monitor(number).get_workarea() for number in range(display.get_n_monitors())]
    return [(area.x, area.y, area.width, area.height) for area in areas]


def _put(window: Any, place: Any) -> None:
    if place.x is not None and not place.maximized:
        window.move(place.x, place.y)  # Wayland ignores it


def in_both_cases(file_type: str) -> str:
    """A filter such as `Images (*.png;*.jpg)` that also lets `*.PNG` through: GTK 3 minds the case."""
    name, _, patterns = file_type.rpartition("(")
    known = patterns.rstrip(")").split(";")
    return f"{name}({';'.join(dict.fromkeys([*known, *(one.upper() for one in known)]))})"


def reveal(path: Path) -> bool:
    """Show `path` in the file manager, or open its folder where the file manager cannot; any thread."""
    from gi.repository import Gio, GLib

    address = Gio.File.new_for_path(os.fspath(path)).get_uri()
    try:
        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        bus.call_sync(
            "org.freedesktop.FileManager1",
            "/org/freedesktop/FileManager1",
            "org.freedesktop.FileManager1",
            "ShowItems",
            GLib.Variant("(ass)", ([address], "")),
            None,
            Gio.DBusCallFlags.NONE,
            _BUS_MS,
            None,
        )
        return True
    except GLib.Error as error:
        log.info("no file manager on the bus: %s", error.message)
    try:
        folder = Gio.File.new_for_path(os.fspath(path.parent)).get_uri()
        return bool(Gio.AppInfo.launch_default_for_uri(folder, None))
    except GLib.Error as error:
        log.info("no program for folders: %s", error.message)
        return False
