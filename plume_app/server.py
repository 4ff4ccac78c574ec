"""The page server: `web/`, thumbnails and previews, for this window only.

It listens on the loopback interface, on a port of the system's choice, and answers only below a path that begins
with a random token, only where the Host header is its own, and only names that it knew before the question: files of
`web/` by an allow-list made at the start, pictures by an opaque id that the port `picture` is asked for. Everything
else is 404, with nothing that tells one refusal from another. No path of the user's files ever stands in an address.
To serve one more kind of file: its line in `_KINDS`.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
START_PAGE = "index.html"
# 'unsafe-eval' is what pywebview's bridge costs: it makes its functions with `new Function`.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; frame-ancestors 'none'"
)
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_PICTURE_KINDS = frozenset({"image/png", "image/jpeg", "image/webp"})  # what a worker may have encoded
_PICTURE_PATH = re.compile(r"[tp]/([A-Za-z0-9_-]{1,128})")
_TOKEN_BYTES = 32
_IDLE_S = 30.0  # a connection that says nothing for so long is closed
_MAX_CONNECTIONS = 128  # the window needs about ten; a thread each

Picture = tuple[bytes, str]  # encoded bytes and their media type


class PageServer:
    """Serves `assets` (the folder `web/`) and what `picture(id)` gives. Listens once made; close it.

    `picture` is called in the server's threads, and may wait for a worker.
    """

    def __init__(
        self,
        assets: Path,
        picture: Callable[[str], Picture | None],
        *,
        start_page: bytes | None = None,
        asked: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`start_page` stands in for the file index.html; `asked` hears of every asset by its path below `web/`."""
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._server = _Server(self.token, _allowed(assets), picture, start_page, asked)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="plume-page-server", daemon=True
        )
        self._thread.start()

    @property
    def origin(self) -> str:
        """Scheme, host and port: what every address of the page begins with."""
        return f"http://{HOST}:{self._server.server_port}"

    @property
    def base(self) -> str:
        """The address of the page's folder, with a slash at its end."""
        return f"{self.origin}/{self.token}/"

    @property
    def url(self) -> str:
        """The address of the page."""
        return self.base + START_PAGE

    def close(self) -> None:
        """Stop listening; answers on their way end with the process."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=1)


def _allowed(assets: Path) -> Mapping[str, tuple[Path, str]]:
    """Every file of `web/` that may be asked for, by its path below it: known kinds, no hidden file, no link."""
    found = {}
    for path in sorted(assets.rglob("*")):
        place = path.relative_to(assets)
        kind = _KINDS.get(path.suffix)
        if kind and path.is_file() and not path.is_symlink() and not any(part.startswith(".") for part in place.parts):
            found[place.as_posix()] = (path, kind)
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False  # on Windows it would let another process share the port
    request_queue_size = 64

    def __init__(
        self,
        token: str,
        assets: Mapping[str, tuple[Path, str]],
        picture: Callable[[str], Picture | None],
        start_page: bytes | None,
        asked: Callable[[str], None],
    ) -> None:
        self.token = token.encode("ascii")
        self.asked = asked
        self.start_page = start_page
        self.assets = assets
        self.picture = picture
        self._open: dict[Any, bool] = {}  # connections, the oldest first, and whether they have known the token
        self._lock = threading.Lock()
        super().__init__((HOST, 0), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for the machine's name, which the standard library does and which can take seconds."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.server_address[1]

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        """One thread for each connection, as many as there may be; for the next one the oldest stranger has to go."""
        with self._lock:
            if len(self._open) >= _MAX_CONNECTIONS:
                stranger: Any = next((one for one, is_ours in self._open.items() if not is_ours), request)
                self._open.pop(stranger, None)
                with suppress(OSError):
                    stranger.shutdown(socket.SHUT_RDWR)  # its thread wakes, and closes it
            self._open[request] = False
        super().process_request(request, client_address)

    def knows_the_token(self, connection: socket.socket) -> None:
        """Whoever holds connections without it cannot keep the window's own out."""
        with self._lock:
            if connection in self._open:
                self._open[connection] = True

    def shutdown_request(self, request: Any) -> None:
        """A connection has ended."""
        with self._lock:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is not worth a line on the user's terminal."""
        del request, client_address
        log.debug("a connection of the page ended early")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer what is known, 404 to everything else."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self._answer(with_body=False)

    def version_string(self) -> str:
        """Not the versions of Python and its server."""
        return "Plume"

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Every refusal looks the same, also that of a method or a request that is none."""
        del code, message, explain
        self.close_connection = True  # what follows a request that we did not read cannot be trusted to be one
        self._send(404, b"", "text/plain", "no-store", with_body=False)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the standard library's
        """Addresses hold the token, and nothing of what the page asks is news."""

    def _answer(self, *, with_body: bool) -> None:
        found = self._find()
        if found is None:
            self.send_error(404)
            return
        self._send(200, *found, with_body=with_body)

    def _find(self) -> tuple[bytes, str, str] | None:
        """Body, media type and how long it may be kept; None is 404."""
        if not self._is_ours():
            return None
        token, _, place = self.path.partition("?")[0].removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode("utf-8", "replace"), self.server.token):
            return None
        self.server.knows_the_token(self.connection)
        if (asset := self.server.assets.get(place)) is not None:
            path, kind = asset
            self.server.asked(place)
            if place == START_PAGE and self.server.start_page is not None:
                return self.server.start_page, kind, "no-store"
            try:
                return path.read_bytes(), kind, "no-store"
            except OSError:
                log.warning("a file of the page cannot be read: %s", path.name)
                return None
        if (asked := _PICTURE_PATH.fullmatch(place)) is not None:
            return self._picture(asked[1])
        return None

    def _picture(self, picture_id: str) -> tuple[bytes, str, str] | None:
        try:
            found = self.server.picture(picture_id)
        except Exception:
            log.exception("no picture for the page")
            return None
        if found is None or found[1] not in _PICTURE_KINDS:
            return None
        return *found, "private, max-age=86400, immutable"  # an id means the same picture for ever

    def _is_ours(self) -> bool:
        """Was it asked by our own page: one Host, ours, and no foreign site behind it?"""
        hosts = self.headers.get_all("Host", [])
        from_where = self.headers.get("Sec-Fetch-Site", "none")
        return hosts == [f"{HOST}:{self.server.server_port}"] and from_where in {"none", "same-origin"}

    def _send(self, status: int, body: bytes, kind: str, keep: str, *, with_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", keep)
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        # No Cross-Origin-Opener-Policy: WebKit would start a second process for the page (140 ms).
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if with_body:
            self.wfile.write(body)
