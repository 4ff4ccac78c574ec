"""A Python that pretends, for tests of the page alone: every command and event, an in-memory list, no file touched.

    python3 tests/browser/fake_server.py [rows] [port]

Serves `web/` at /page/ with the Content-Security-Policy of the window, `POST /page/api/<name>`, `/page/events`,
drawn thumbnails at /page/t/<id> and previews at /page/p/<id>. `POST /page/test/<what>` is for tests only.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
import time
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from fake_desk import Work
from fake_pictures import drawn

from plume_app.events import ALL_EVENTS

WEB = Path(__file__).resolve().parents[2] / "web"
BASE = "/page/"
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self'; img-src 'self' blob: data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'"
)
FIELDS = {kind.NAME: {"event", *(field.name for field in fields(kind))} for kind in ALL_EVENTS}
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}


class Server(ThreadingHTTPServer):
    """One page's server; `work` is what it pretends."""

    daemon_threads = True

    def __init__(self, rows: int = 0, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.listeners: list[queue.Queue[str]] = []
        self.work = Work(self.push, rows)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_address[1]}{BASE}index.html?transport=http"

    def push(self, events: list[dict[str, Any]]) -> None:
        """To every page that listens; nothing that Python itself would not tell."""
        for event in events:
            assert set(event) <= FIELDS[event["event"]], event
        text = json.dumps(events, allow_nan=False)
        for listener in list(self.listeners):
            listener.put(text)

    def start(self) -> Server:
        """Serve in a thread."""
        threading.Thread(target=self.serve_forever, name="fake-server", daemon=True).start()
        return self

    def stop(self) -> None:
        """No thread of ours is left."""
        self.work.close()
        self.push([])
        for listener in list(self.listeners):
            listener.put("")
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        """The page, its pictures, its events."""
        path = urlsplit(self.path).path
        name = path.removeprefix(BASE)
        if name == "events":
            self.stream()
        elif name.startswith(("t/", "p/")):
            self.answer(drawn(name), "image/png", cache=True)
        else:
            file = (WEB / (name or "index.html")).resolve()
            if not path.startswith(BASE) or not file.is_relative_to(WEB) or not file.is_file():
                self.answer(b"", "text/plain", status=404)
            else:
                self.answer(file.read_bytes(), TYPES.get(file.suffix, "application/octet-stream"))

    def do_POST(self) -> None:
        """A command."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
        kind, _, name = self.path.removeprefix(BASE).partition("/")
        work = self.server.work
        run = getattr(work, f"{'do' if kind == 'api' else 'test'}_{name}", None)
        if run is None:
            self.answer(b"", "text/plain", status=404)
            return
        time.sleep(0 if body.get("ids_only") else work.lags.get(name, 0))
        with work.lock:
            found = work.failure(name) or {"ok": True, "data": run(body) or {}}
        self.answer(json.dumps(found, allow_nan=False).encode(), "application/json")

    def stream(self) -> None:
        """Events until the page goes."""
        mine: queue.Queue[str] = queue.Queue()
        self.server.listeners.append(mine)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        try:
            self.wfile.write(b": hello\n\n")
            self.wfile.flush()
            while text := mine.get():
                self.wfile.write(f"data: {text}\n\n".encode())
                self.wfile.flush()
        except OSError:
            pass
        finally:
            self.server.listeners.remove(mine)
            self.close_connection = True

    def answer(self, body: bytes, kind: str, *, status: int = 200, cache: bool = False) -> None:
        """With the headers of the real server."""
        self.send_response(status)
        self.send_header("content-type", f"{kind}; charset=utf-8" if kind.startswith("text") else kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.send_header("x-content-type-options", "nosniff")
        self.send_header("referrer-policy", "no-referrer")
        self.send_header("cache-control", "private, max-age=3600" if cache else "no-store")
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    rows, port = (words + [8, 8765][len(words) :])[:2]
    server = Server(rows, port)
    print(server.url)
    server.serve_forever()
