"""The desktop program: runtime, emitter, bridge, server and window, put together and taken apart in order.

The window comes first, and the rest once its page is painted, so that Plume shows itself no later than an empty
window would: on two processors, what happens beside the start of a web engine happens at its expense. What is opened
here is closed here, in reverse order, within `END_S` seconds or not at all: what was being written is then settled by
the next start, as after a power cut.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from locale import getlocale
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from plume_app.backend import choose_backend, prepare_environment
from plume_app.domain.shared.errors import PlumeError
from plume_app.ending import end_in, leave
from plume_app.first_page import Look, first_page
from plume_app.instance import Instance, claim
from plume_app.memory import remember, remembered
from plume_app.paths import Paths, find_paths, web_folder
from plume_app.sentences import locale, sentence
from plume_app.server import START_PAGE, PageServer, Picture
from plume_app.shell import Closing, Shell, system_language

if TYPE_CHECKING:
    from plume_app.database.connection import Database
    from plume_app.window import Window
    from plume_app.wire import Preferences

log = logging.getLogger(__name__)

END_S = 2.5  # from the closed window to the end of the process, whatever hangs
_PAINT_S = 3.0  # a page that is not painted by then may need a command to tell why
_LEAVE_S = 0.5  # of it, for threads that the page has started
_LOG_BYTES = 2_000_000


def open_window(paths: Iterable[Path], *, on_window: Callable[[Window], None] | None = None) -> int:
    """Open the window with `paths` in it, or hand them to the one that is open; the exit status.

    Once there was a window the process ends here, without a return. `on_window` is called before it is shown.

    Raises NoDisplay, MissingBackend, InvalidRequest (another window does not answer), TargetUnwritable.
    """
    places = find_paths()
    wanted = tuple(Path(os.path.abspath(path)) for path in paths)  # noqa: PTH100 - resolve() would follow links
    instance = claim(places.instance_lock, wanted)
    if instance is None:
        return 0
    try:
        backend = choose_backend()
        prepare_environment(backend)
        _log_to(places.log_folder / "window.log")
    except BaseException:
        instance.close()
        raise
    return Program(places, instance, wanted).run(backend.name, on_window)


class Program:
    """The parts of one run."""

    def __init__(self, places: Paths, instance: Instance, wanted: Sequence[Path]) -> None:
        self._places = places
        self._instance = instance
        self._wanted = wanted
        self._opened = contextlib.ExitStack()  # what `_boot` has opened, in order
        self._failure: PlumeError | None = None
        self._picture: Callable[[str], Picture | None] = lambda _: None
        self._may_close: Callable[[], bool] = lambda: True
        self._stop_telling: Callable[[], None] = lambda: None
        self._boot_thread: threading.Thread | None = None
        self._painted = threading.Event()
        self._over = False  # the window is closed
        self._look = Look()
        self._look_now: Callable[[], Look] = lambda: self._look

    def run(self, backend: str, on_window: Callable[[Window], None] | None) -> NoReturn:
        """Show the window until it is closed, and end the process."""
        from plume_app.window import Window

        memory = self._places.data_folder / "window.json"
        place, self._look = remembered(memory)
        web = web_folder()
        server = PageServer(
            web,
            lambda picture_id: self._picture(picture_id),  # noqa: PLW0108 - it changes
            start_page=self._first_page(web),
            asked=self._asked,
        )
        window = Window(
            server.url,
            backend,
            before_load=lambda: self._begin(window),
            may_close=lambda: self._may_close(),  # noqa: PLW0108 - it changes
            leaving=lambda: threading.Thread(target=self._stop_telling, name="plume-quiet", daemon=True).start(),
            place=place,
            icon=web / "icons" / "plume.png",
            backgrounds=self._look.backgrounds,
        )
        if on_window is not None:
            on_window(window)
        status = 1
        try:
            window.show()
            status = 0
        except Exception:
            log.exception("the window")
            sys.stderr.write(f"plume: {sentence('internal_error')}\n")
        self._over = True
        self._painted.set()
        until = time.monotonic() + END_S
        end_in(END_S, status)
        try:
            remember(memory, window.place, self._look_now())
            if self._boot_thread is not None:
                self._boot_thread.join(END_S)
            self._opened.close()
            server.close()
        except Exception:
            log.exception("the end")
        if self._failure is not None:
            sys.stderr.write(f"plume: {sentence(self._failure.code, self._failure.facts)}\n")
            status = 1
        self._instance.close()
        leave(status, window, wait_s=min(_LEAVE_S, until - time.monotonic()))

    def _first_page(self, web: Path) -> bytes:
        language = self._look.spoken(_system_language())
        page = (web / START_PAGE).read_text(encoding="utf-8")
        return first_page(page, self._look, language, locale(language)["ui"], files=bool(self._wanted)).encode()

    def _begin(self, window: Window) -> None:
        """In the toolkit's thread, once: the web engine starts now, and everything else after it."""
        self._boot_thread = threading.Thread(target=self._boot, args=(window,), name="plume-boot", daemon=True)
        self._boot_thread.start()

    def _asked(self, place: str) -> None:
        """The page asks for this once it is painted (web/js/first.js)."""
        if place == "js/main.js":
            self._painted.set()

    def _boot(self, window: Window) -> None:
        self._painted.wait(_PAINT_S)
        if self._over:
            return
        try:
            self._open_all(window)
        except PlumeError as error:
            self._failure = error
            window.close()
        except Exception:
            log.exception("the start")
            self._failure = PlumeError.of("internal_error", {})
            window.close()

    def _open_all(self, window: Window) -> None:
        """Everything behind the page. Raises what `open_runtime` raises."""
        from plume_app import commands  # noqa: F401 - registers every command
        from plume_app.bridge import functions
        from plume_app.context import make_context
        from plume_app.events import CloseRequested, Emitter, Notice, script_of
        from plume_app.jobs.desk import Steps
        from plume_app.jobs.pool import Pool
        from plume_app.runtime import WORKER_LOG, cores, open_runtime

        emitter = Emitter(lambda events_json: window.run(script_of(events_json)))
        self._stop_telling = emitter.stop
        steps = Steps()
        runtime = self._opened.enter_context(open_runtime(workers=_workers, on_stage=steps))
        worker_log = self._places.log_folder / WORKER_LOG
        fast, whole = (
            self._opened.enter_context(contextlib.closing(Pool(1, log_path=worker_log))) for _ in ("fast", "whole")
        )
        closing = Closing(lambda: context.desk.files_left(), lambda left: emitter.emit(CloseRequested(left)))  # noqa: PLW0108 - not yet made
        context = make_context(
            db=runtime.db,
            store=runtime.store,
            pool=runtime.pool,
            fast_pool=fast,
            whole_pool=whole,
            limits=runtime.limits,
            events=emitter,
            shell=Shell(window, closing),
            log_folder=self._places.log_folder,
            workers=runtime.pool.workers,
            steps=steps,
            system_language=_system_language(),
            processors=cores(),
        )
        self._opened.callback(context.close)
        self._opened.callback(emitter.stop)
        self._picture = context.picture
        self._look_now = lambda: _look_of(context.preferences.get())
        self._may_close = closing.may_close
        if self._wanted:
            context.adding.add(self._wanted)  # before the page can ask what there is
        window.expose(functions(context))
        window.when_loaded(emitter.start)
        for code, facts in runtime.notices:
            emitter.emit(Notice(code, facts))

        def receive(paths: Sequence[Path]) -> None:
            if paths:
                context.adding.add(paths)
            window.raise_to_front()

        self._instance.listen(receive)


def _workers(db: Database) -> int:
    from plume_app.jobs.preferences import PreferenceBook

    return PreferenceBook(db, processors=1).get().workers or 0


def _system_language() -> str:
    return system_language(os.environ, getlocale()[0])


def _look_of(preferences: Preferences) -> Look:
    return Look(preferences.theme, preferences.language, preferences.text_percent)


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", errors="backslashreplace")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
