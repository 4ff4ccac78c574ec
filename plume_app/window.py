"""The window: the only import of `webview`. What is odd about one toolkit stands in window_gtk.py and window_qt.py.

Two kinds of threads call: the toolkit's own (`may_close`, everything in the handlers below), which must never wait
for the window, and all others, which may. pywebview waits on a semaphore for every script, so the first would hang
for ever.

Windows (EdgeChromium) and macOS (Cocoa) take the same way with the precautions that are known; they have not been run.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import webview

from plume_app import window_gtk, window_gtk_end, window_native, window_qt
from plume_app.window_drop import Drop
from plume_app.window_nothing import Nothing
from plume_app.window_place import MIN_SIZE, Place
from plume_app.window_signals import closing_signals

log = logging.getLogger(__name__)

_SETTINGS = {
    "ALLOW_DOWNLOADS": False,
    "ALLOW_FILE_URLS": False,
    "OPEN_EXTERNAL_LINKS_IN_BROWSER": False,
    "IGNORE_SSL_ERRORS": False,
}
_RENDERERS = {"gtk": "gtkwebkit2", "qt": "qtwebengine", "edgechromium": "edgechromium", "cocoa": "cocoa"}
_CLOSE_S = 5.0  # a toolkit that does not close its window in this time never will
_DOM_DROP_S = 1.0  # where the page hears of a drop before we do


class Window:
    """One window on the page at `url`. Make it, call `show` in the main thread, which returns when it is closed.

    Called in the toolkit's thread, and to return at once: `before_load()` when the page is about to be loaded,
    `may_close()` when the user wants to close (False keeps the window), `leaving()` when it is about to go.

    `backgrounds` are seen until the page is painted: on a light and on a dark system, `#rrggbb`.
    """

    def __init__(
        self,
        url: str,
        backend: str,
        *,
        before_load: Callable[[], None],
        may_close: Callable[[], bool],
        leaving: Callable[[], None],
        place: Place | None = None,
        icon: Path | None = None,
        backgrounds: tuple[str, str] = ("#ffffff", "#000000"),
    ) -> None:
        self.place = place or Place()
        self._backend = backend
        self._base = url.rpartition("/")[0] + "/"
        self._before_load = before_load
        self._may_close = may_close
        self._tell_leaving = leaving
        self._icon = icon
        self._backgrounds = backgrounds
        self._drop = Drop()
        self._dialog = threading.Lock()  # the toolkits have one field for the answer
        self._leaving = threading.Event()
        for name, value in _SETTINGS.items():
            webview.settings[name] = value
        logging.getLogger("pywebview").handlers.clear()  # ours writes to the log file, not to the terminal
        made = webview.create_window(
            "Plume",
            url,
            js_api=Nothing(),
            width=self.place.width,
            height=self.place.height,
            min_size=MIN_SIZE,
            maximized=self.place.maximized,
            background_color=backgrounds[0],
            text_select=True,  # False puts a <style> into the page, which its policy forbids; the page's CSS decides
        )
        if made is None:
            raise RuntimeError("pywebview made no window")
        self._window = made
        made.events.before_show += self._before_show
        made.events.closing += self._closing

    def show(self) -> None:
        """Show the window until it is closed; in the main thread.

        Raises RuntimeError when pywebview chose another engine than the one that was found.
        """
        if self._backend == "gtk":
            window_gtk.name_the_program()
        with closing_signals(self.close):
            try:
                webview.start(gui=self._backend if sys.platform == "linux" else None, private_mode=True)
            finally:
                self._leaving.set()
                window_gtk_end.end_pages()
        if webview.renderer != _RENDERERS[self._backend]:
            raise RuntimeError(f"the window was shown by {webview.renderer}")

    def expose(self, functions: Iterable[Callable[..., Any]]) -> None:
        """Let the page call these, by their names, and nothing else."""
        self._window.expose(*functions)

    def when_loaded(self, deed: Callable[[], None]) -> None:
        """Call `deed` in a thread whenever the page has been loaded, at once if it has."""
        self._window.events.loaded += deed
        if self._window.events.loaded.is_set():
            deed()

    def run(self, script: str) -> None:
        """Run `script` in the page and wait for that; not in the toolkit's thread. Nothing once the window goes.

        Raises ValueError for a script that is not ASCII: WebKitGTK would cut it short without a word.
        """
        if not script.isascii():
            raise ValueError("a script for the page must be ASCII")
        if not self._leaving.is_set():
            self._window.run_js(script)

    def close(self) -> None:
        """Close without asking; returns at once."""
        if self._leaving.is_set():
            return
        self._leaving.set()
        backstop = threading.Timer(_CLOSE_S, os._exit, (1,))
        backstop.daemon = True
        backstop.start()
        if self._window.native is not None:  # else `_before_show` will see it
            self.ask_to_close()

    def ask_to_close(self) -> None:
        """What a click on the cross does; any thread, once the window is there."""
        if self._backend == "gtk":
            window_gtk.soon(self._close_gtk)
        else:
            self._window.destroy()

    def raise_to_front(self) -> None:
        """Show the window in front of others, as far as the system lets a program do that."""
        if not self._leaving.is_set():
            self._window.restore()

    def release(self) -> None:
        """Wake the threads that wait for an answer of the page; Qt leaves them waiting when it goes."""
        window_qt.release(self._window.native)

    def take_drop(self) -> tuple[Path, ...]:
        """The files and folders that were dropped last; each drop is given once."""
        return self._drop.take(0.0 if self._backend in {"gtk", "qt"} else _DOM_DROP_S)

    def choose_files(self, file_types: Sequence[str] = ()) -> tuple[Path, ...]:
        """Ask for files by the system's dialog; none when the user thinks better of it. Not in the toolkit's thread.

        Raises ValueError for a filter that pywebview does not understand (see `webview.util.parse_file_type`).
        """
        if self._backend == "gtk":
            file_types = [window_gtk.in_both_cases(one) for one in file_types]
        return self._ask(webview.FileDialog.OPEN, allow_multiple=True, file_types=tuple(file_types))

    def choose_folder(self) -> Path | None:
        """Ask for a folder by the system's dialog."""
        return next(iter(self._ask(webview.FileDialog.FOLDER)), None)

    def choose_target(self, name: str) -> Path | None:
        """Ask where to save, with `name` proposed."""
        return next(iter(self._ask(webview.FileDialog.SAVE, save_filename=name)), None)

    def reveal(self, path: Path) -> bool:
        """Show a file in the file manager; False when there is none. Not in the toolkit's thread."""
        room = {"gtk": window_gtk, "qt": window_qt}.get(self._backend, window_native)
        return bool(room.reveal(path))

    def _ask(self, kind: Any, **how: Any) -> tuple[Path, ...]:
        with self._dialog:
            if self._leaving.is_set():  # a closed window would never answer
                return ()
            chosen = self._window.create_file_dialog(kind, directory=str(Path.home()), **how)
        return tuple(Path(path) for path in chosen or () if path)

    # Below: the toolkit's thread. Nothing here may wait for the window.

    def _close_gtk(self) -> None:
        from webview.platforms.gtk import BrowserView

        view = BrowserView.instances.get(self._window.uid)
        if view is not None:
            view.close_window()

    def _before_show(self) -> None:
        try:
            if self._backend == "gtk":
                from webview.platforms.gtk import BrowserView

                view = BrowserView.instances[self._window.uid]
                shade = self._backgrounds
                window_gtk.install(view, self._base, self._drop.put, self.place.within, self._icon, shade)
                window_gtk_end.when_destroyed(view, self._gone)
            elif self._backend == "qt":
                import webview.platforms.qt as qt

                native, shade = self._window.native, self._backgrounds
                window_qt.install(qt, native, self._base, self._drop.put, self.place.within, self._icon, shade)
                window_qt.when_destroyed(native, self._gone)
            else:
                self._window.events.loaded += self._hook_dom_drop
        except Exception:
            log.exception("the window is not as it should be")
            os._exit(1)  # without its hooks the page could go anywhere; pywebview would only log it
        self._before_load()
        if self._leaving.is_set():  # closed before there was a window
            threading.Thread(target=self.ask_to_close, name="plume-close", daemon=True).start()

    def _closing(self) -> bool:
        """False keeps the window: pywebview's convention."""
        if not self._leaving.is_set() and not self._may_close():
            return False
        self._leaving.set()
        self._tell_leaving()
        if self._backend == "gtk":
            window_gtk_end.end_dialogs()
            self.place = Place(**window_gtk.place_of(self._window.native, self.place.to_json()))
        elif self._backend == "qt":
            self.place = Place(**window_qt.place_of(self._window.native))
        return True

    def _gone(self) -> bool:
        """The window system has taken the window away without a question; False: we were closing it ourselves."""
        if self._leaving.is_set():
            return False
        log.warning("the window was taken away")
        self._leaving.set()
        self._tell_leaving()
        return True

    def _hook_dom_drop(self) -> None:
        from webview.dom import _dnd_state

        zone = self._window.dom.get_element("#drop")  # small: pywebview copies what lies below it on each event
        if zone is not None:
            zone.events.drop += lambda event: self._drop.put(window_native.dropped(event, _dnd_state["paths"]))
