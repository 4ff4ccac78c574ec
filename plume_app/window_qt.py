"""What is particular about Qt 6 WebEngine (pywebview 6.2; PyQt6 6.11 and PySide6 6.12). In the toolkit's thread.

To be called after `backend.prepare_environment`, which must come before anything imports Qt.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plume_app.window_drop import paths_of

log = logging.getLogger(__name__)

_DESTROYED = 17  # XCB_DESTROY_NOTIFY
_MAX_RELOADS = 3
_ON = ("JavascriptCanAccessClipboard",)
_OFF = (
    "NavigateOnDropEnabled",
    "PdfViewerEnabled",
    "PluginsEnabled",
    "ErrorPageEnabled",
    "LocalContentCanAccessFileUrls",
    "LocalStorageEnabled",
    "WebGLEnabled",
    "ScreenCaptureEnabled",
    "FullScreenSupportEnabled",
    "JavascriptCanOpenWindows",
)


class _Browser:
    """Stands in for `webbrowser` inside pywebview: Plume opens nothing."""

    def open(self, url: str, *_: object) -> bool:
        """Refused."""
        log.warning("the page wanted to open %s", url.partition(":")[0])
        return False


def install(
    platform: Any,
    window: Any,
    base: str,
    put_drop: Callable[[Sequence[Path]], None],
    fit: Callable[[Sequence[tuple[int, int, int, int]]], Any],
    icon: Path | None,
    backgrounds: tuple[str, str],
) -> None:
    """Make pywebview's `window` ours. `platform` is its module `webview.platforms.qt`.

    `backgrounds` are those on a light and on a dark system, `#rrggbb`.

    Raises RuntimeError when the engine is not WebEngine.
    """
    from qtpy import QtGui

    if platform.renderer != "qtwebengine":
        raise RuntimeError(f"the window was shown by {platform.renderer}")
    # An exception in a slot is `abort()` with PyQt6 unless there is a hook.
    sys.excepthook = lambda kind, error, trace: log.critical("uncaught", exc_info=(kind, error, trace))
    platform.webbrowser = _Browser()
    page = window.webview.page()
    page.nav_handler.setParent(page)  # else the profile is released before its page: a warning at the end
    _settings(page)
    _permissions(page)
    _keep_in(window, page, base)
    _hook_drops(window, put_drop)
    _paint(window, backgrounds[_is_dark()])
    QtGui.QGuiApplication.setDesktopFileName("plume")
    QtGui.QGuiApplication.setApplicationDisplayName("Plume")
    if icon is not None:
        window.setWindowIcon(QtGui.QIcon(str(icon)))
    screens = [screen.availableGeometry() for screen in QtGui.QGuiApplication.screens()]
    place = fit([(area.x(), area.y(), area.width(), area.height()) for area in screens])
    if place.x is not None:
        window.move(place.x, place.y)


def _is_dark() -> bool:
    """Does the system ask for dark windows? Unknown before Qt 6.5."""
    from qtpy import QtCore, QtGui

    hints = QtGui.QGuiApplication.styleHints()
    return hasattr(hints, "colorScheme") and hints.colorScheme() == QtCore.Qt.ColorScheme.Dark


def _paint(window: Any, colour: str) -> None:
    """The colour of pywebview's `window` until the page is painted; the page itself would begin with white."""
    from qtpy import QtGui

    shade = QtGui.QColor(colour)
    palette = window.palette()
    palette.setColor(window.backgroundRole(), shade)
    window.setPalette(palette)
    window.webview.page().setBackgroundColor(shade)


def when_destroyed(window: Any, gone: Callable[[], bool]) -> None:
    """End the toolkit's loop when X11 has destroyed the window, and `gone` says that it was not us.

    Qt takes no notice of it: the process would live on without a window.
    """
    from qtpy import QtCore

    app = QtCore.QCoreApplication.instance()
    ours = int(window.winId())

    class Filter(QtCore.QAbstractNativeEventFilter):  # type: ignore[misc] # a class of whichever binding is there
        """Looks at every X11 event, so it must be quick."""

        def nativeEventFilter(self, kind: Any, message: Any) -> tuple[bool, int]:  # noqa: N802 - Qt's name
            """Never takes an event away."""
            # xcb_destroy_notify_event_t: type at byte 0 (its first bit: sent by a client), the window at byte 8.
            if bytes(kind) == b"xcb_generic_event_t" and ctypes.c_uint8.from_address(int(message)).value == _DESTROYED:
                taken = ctypes.c_uint32.from_address(int(message) + 8).value
                if taken == ours and gone():
                    QtCore.QTimer.singleShot(0, app.quit)
            return False, 0

    window.plume_native_filter = Filter()  # or Python would forget it
    app.installNativeEventFilter(window.plume_native_filter)


def place_of(window: Any) -> dict[str, Any]:
    """Where the window is, as fields of `Place`; maximized tells the size that it would go back to."""
    maximized = bool(window.isMaximized())
    inner = window.normalGeometry() if maximized else window.geometry()
    corner = inner.topLeft() if maximized else window.pos()
    return {
        "width": inner.width(),
        "height": inner.height(),
        "x": corner.x(),
        "y": corner.y(),
        "maximized": maximized,
    }


def reveal(path: Path) -> bool:
    """Open the folder of `path` in the file manager; any thread."""
    from qtpy import QtCore, QtGui

    return bool(QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(path.parent))))


def release(window: Any) -> None:
    """Wake every thread that waits for an answer of the page; it gets none. Any thread, also without Qt."""
    for waiting in list(getattr(window, "_js_results", {}).values()):
        waiting["semaphore"].release()


def _settings(page: Any) -> None:
    from qtpy.QtWebEngineCore import QWebEngineSettings

    settings = page.settings()
    for names, on in ((_ON, True), (_OFF, False)):
        for name in names:
            if hasattr(QWebEngineSettings.WebAttribute, name):
                settings.setAttribute(getattr(QWebEngineSettings.WebAttribute, name), on)
    settings.setUnknownUrlSchemePolicy(QWebEngineSettings.UnknownUrlSchemePolicy.DisallowUnknownUrlSchemes)


def _permissions(page: Any) -> None:
    """Deny all; pywebview's own handler raises on Qt 6."""
    page.featurePermissionRequested.disconnect(page.onFeaturePermissionRequested)
    if hasattr(page, "permissionRequested"):  # since 6.8
        page.permissionRequested.connect(lambda request: request.deny())
        return
    denied = type(page).PermissionPolicy.PermissionDeniedByUser
    page.featurePermissionRequested.connect(lambda url, feature: page.setFeaturePermission(url, feature, denied))


def _keep_in(window: Any, page: Any, base: str) -> None:
    """No navigation but to our page; a crashed page is loaded again, and nobody waits for its answers."""
    from qtpy import QtCore

    reloads = 0

    def decide(request: Any) -> None:
        if not request.url().toString().startswith(base):
            log.warning("the page wanted to leave")
            request.reject()

    def crashed(status: Any, code: int) -> None:
        nonlocal reloads
        reloads += 1
        log.error("the page's process ended: %s %s", status, code)
        release(window)

        def again() -> None:
            release(window)
            if reloads <= _MAX_RELOADS:
                window.webview.reload()

        QtCore.QTimer.singleShot(200, again)

    page.navigationRequested.connect(decide)
    page.renderProcessTerminated.connect(crashed)


def _hook_drops(window: Any, put: Callable[[Sequence[Path]], None]) -> None:
    from qtpy import QtCore

    class Filter(QtCore.QObject):  # type: ignore[misc] # a class of whichever binding is there
        """Looks at drops on the view; on the application it would crash PySide6."""

        def eventFilter(self, _watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
            """Never takes an event away."""
            if event.type() == QtCore.QEvent.Type.Drop:
                try:
                    put(paths_of(bytes(event.mimeData().data("text/uri-list"))))
                except Exception:
                    log.exception("a drop")
            return False

    window.plume_filter = Filter(window.webview)  # or Python would forget it
    window.webview.installEventFilter(window.plume_filter)
