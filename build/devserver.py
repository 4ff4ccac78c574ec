#!/usr/bin/env python3
"""Plume in an ordinary browser, for development and tests: the real Python, another way to the page.

    python3 build/dev.py serve [PATH...]     prints the address to open

The page, thumbnails and previews come from the page server of the window, under the same token and the same
rules; beside them there are `POST api/<command>` and `GET events` (an EventSource), which the window has not.
What a dialog would answer is laid ready by `POST dev/shell` ({"files", "folder", "target", "dropped"}).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from plume_app import commands
from plume_app.bridge import functions
from plume_app.context import AppContext, make_context
from plume_app.domain.shared.errors import SourceMissing
from plume_app.events import Emitter
from plume_app.jobs.desk import Steps
from plume_app.jobs.pool import Pool
from plume_app.paths import web_folder
from plume_app.runtime import open_runtime
from plume_app.server import PageServer, _Handler

MAX_REQUEST_BYTES = 64_000_000
_ALIVE_EVERY_S = 5.0  # a line nobody reads, by which a browser that has gone is noticed
_ = commands  # importing it registers them


@dataclass(slots=True)
class DevShell:
    """Stands where the window's dialogs would be: what the user would choose is laid ready."""

    files: list[Path] = field(default_factory=list)
    folder: Path | None = None
    target: Path | None = None
    dropped: list[Path] = field(default_factory=list)
    revealed: list[Path] = field(default_factory=list)
    quits: list[bool] = field(default_factory=list)

    def choose_files(self, file_types: Sequence[str] = ()) -> Sequence[Path]:  # noqa: ARG002 - a port
        """The files that were laid ready."""
        return self.files

    def choose_folder(self) -> Path | None:
        """The folder that was laid ready."""
        return self.folder

    def choose_target(self, name: str) -> Path | None:  # noqa: ARG002 - a port
        """The target that was laid ready."""
        return self.target

    def take_drop(self) -> Sequence[Path]:
        """What was laid ready, once."""
        dropped, self.dropped = self.dropped, []
        return dropped

    def reveal(self, path: Path) -> None:
        """Remembers it."""
        if not os.path.lexists(path):
            raise SourceMissing()
        self.revealed.append(path)

    def answer_close(self, quit: bool) -> None:  # noqa: A002 - the contract's word
        """Remembers it."""
        self.quits.append(quit)

    def lay(self, ready: dict[str, Any]) -> None:
        """What `POST dev/shell` says."""
        for name in ("files", "dropped"):
            if name in ready:
                setattr(self, name, [Path(one) for one in ready[name]])
        for name in ("folder", "target"):
            if name in ready:
                setattr(self, name, None if ready[name] is None else Path(ready[name]))


class Hub:
    """Every browser that listens gets every push."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ears: list[queue.SimpleQueue[str]] = []

    def push(self, text: str) -> None:
        """To all."""
        with self._lock:
            for ear in self._ears:
                ear.put(text)

    @contextlib.contextmanager
    def listening(self) -> Iterator[queue.SimpleQueue[str]]:
        """What is pushed from now on."""
        ear: queue.SimpleQueue[str] = queue.SimpleQueue()
        with self._lock:
            self._ears.append(ear)
        try:
            yield ear
        finally:
            with self._lock:
                self._ears.remove(ear)


@dataclass(frozen=True, slots=True)
class DevPlume:
    """A running one."""

    url: str
    context: AppContext
    shell: DevShell


def serve(paths: Sequence[Path] = (), *, web: Path | None = None, processors: int | None = None) -> _Serving:
    """A context manager: Plume over HTTP, with `paths` in its list."""
    return _Serving(paths, web, processors)


class _Serving:
    def __init__(self, paths: Sequence[Path], web: Path | None, processors: int | None) -> None:
        self._paths = paths
        self._web = web
        self._workers = processors or len(os.sched_getaffinity(0))
        self._open = ExitStack()

    def __enter__(self) -> DevPlume:
        steps, hub, shell = Steps(), Hub(), DevShell()
        with ExitStack() as opened:
            runtime = opened.enter_context(open_runtime(workers=self._workers, on_stage=steps))
            pools = [Pool(1), Pool(1)]
            for pool in pools:
                opened.callback(pool.close)
            emitter = Emitter(hub.push)
            opened.callback(emitter.stop)
            context = make_context(
                db=runtime.db,
                store=runtime.store,
                pool=runtime.pool,
                fast_pool=pools[0],
                whole_pool=pools[1],
                limits=runtime.limits,
                events=emitter,
                shell=shell,
                log_folder=runtime.paths.log_folder,
                workers=self._workers,
                steps=steps,
            )
            opened.callback(context.close)
            page = PageServer(self._web or web_folder(), context.picture)
            opened.callback(page.close)
            calls = {call.__name__: call for call in functions(context)}
            page._server.RequestHandlerClass = _handler(calls, hub, shell)  # noqa: SLF001 - the window has no such door
            emitter.start()
            context.adding.add(list(self._paths))
            self._open = opened.pop_all()
        return DevPlume(f"{page.url}?transport=http", context, shell)

    def __exit__(self, *_error: object) -> None:
        self._open.close()


def _handler(calls: dict[str, Callable[..., Any]], hub: Hub, shell: DevShell) -> type[_Handler]:
    class Handler(_Handler):
        def do_GET(self) -> None:  # noqa: N802 - the name is the standard library's
            if self._place() == "events":
                self._stream()
            else:
                super().do_GET()

        def do_POST(self) -> None:  # noqa: N802 - the name is the standard library's
            place, length = self._place() or "", self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
                self.send_error(404)
                return
            body = self.rfile.read(int(length))
            kind, _, name = place.partition("/")
            if kind == "api" and name in calls:
                answer = calls[name](json.loads(body or b"{}"))
            elif place == "dev/shell":
                shell.lay(json.loads(body))
                answer = None
            else:
                self.send_error(404)
                return
            told = json.dumps(answer, allow_nan=False).encode("ascii")
            self._send(200, told, "application/json", "no-store", with_body=True)

        def _place(self) -> str | None:
            """The path below the token; None for what is not ours."""
            token, _, place = self.path.partition("?")[0].removeprefix("/").partition("/")
            return place if self._is_ours() and token.encode("utf-8", "replace") == self.server.token else None

        def _stream(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            with hub.listening() as ear, contextlib.suppress(OSError):
                self.wfile.write(b": listening\n\n")
                while True:
                    try:
                        told = f"data: {ear.get(timeout=_ALIVE_EVERY_S)}\n\n"
                    except queue.Empty:
                        told = ": alive\n\n"
                    self.wfile.write(told.encode("ascii"))

    return Handler


def main(arguments: list[str]) -> int:
    """Serve until Ctrl+C."""
    logging.basicConfig(level=logging.INFO)
    with serve([Path(one).absolute() for one in arguments]) as plume:
        print(plume.url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
