from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from plume_app.server import CONTENT_SECURITY_POLICY, HOST, PageServer

PICTURE = b"\x89PNG a worker made this"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    folder = tmp_path / "web"
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Plume</title>", encoding="utf-8")
    (folder / "js" / "main.js").write_text("export {};", encoding="utf-8")
    (folder / "js" / "main.py").write_text("secret = 1", encoding="utf-8")
    (folder / ".hidden.js").write_text("hidden", encoding="utf-8")
    (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
    (folder / "linked.html").symlink_to(tmp_path / "secret.html")
    return folder


@pytest.fixture
def server(web: Path) -> Iterator[PageServer]:
    pictures = {"abc_-1": (PICTURE, "image/png"), "page": (b"<script>alert(1)</script>", "text/html")}

    def picture(name: str) -> tuple[bytes, str] | None:
        if name == "bug":
            raise RuntimeError("a bug in the port")
        return pictures.get(name)

    made = PageServer(web, picture)
    yield made
    made.close()


def ask(
    server: PageServer, path: str, *, method: str = "GET", host: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    address = server.origin.removeprefix("http://")
    connection = HTTPConnection(address, timeout=5)
    try:
        connection.putrequest(method, path, skip_host=True)
        if host != "":
            connection.putheader("Host", host or address)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_the_page_comes_with_the_policy_and_is_not_guessed_at(server: PageServer) -> None:
    status, headers, body = ask(server, f"/{server.token}/index.html")

    assert status == 200
    assert body.startswith(b"<!doctype html>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_policy_lets_no_foreign_address_in() -> None:
    allowed = {word for part in CONTENT_SECURITY_POLICY.split("; ") for word in part.split()[1:]}

    assert allowed == {"'none'", "'self'", "'unsafe-eval'", "blob:", "data:"}
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'; ")


def test_it_listens_on_the_loopback_interface_with_a_port_and_a_token_of_its_own(server: PageServer, web: Path) -> None:
    other = PageServer(web, lambda _: None)
    try:
        assert server.origin.startswith(f"http://{HOST}:")
        assert server.origin != other.origin
        assert server.token != other.token
        assert len(server.token) >= 43  # 32 bytes in base 64
        assert server.url == f"{server.base}index.html"
    finally:
        other.close()


def test_scripts_are_served_from_below_the_folder_and_queries_do_not_matter(server: PageServer) -> None:
    status, headers, body = ask(server, f"/{server.token}/js/main.js?v=1")

    assert (status, body) == (200, b"export {};")
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_a_picture_is_found_by_its_id_and_may_be_kept(server: PageServer) -> None:
    for address in ("t/abc_-1", "p/abc_-1"):
        status, headers, body = ask(server, f"/{server.token}/{address}")

        assert (status, body, headers["Content-Type"]) == (200, PICTURE, "image/png")
        assert headers["Cache-Control"].startswith("private, max-age=")


REFUSED = [
    "/",
    "",
    "/index.html",
    "/wrong/index.html",
    "/TOKEN",
    "/TOKEN/",
    "/TOKENx/index.html",
    "/tOkEn/index.html",
    "/TOKEN/js",
    "/TOKEN/js/",
    "/TOKEN/js/main.py",
    "/TOKEN/.hidden.js",
    "/TOKEN/linked.html",
    "/TOKEN/../secret.html",
    "/TOKEN/js/../index.html",
    "/TOKEN/%2e%2e/secret.html",
    "/TOKEN//index.html",
    "/TOKEN/index.html%00",
    "/TOKEN/t/",
    "/TOKEN/t/unknown",
    "/TOKEN/t/page",  # not a picture, whatever the port says
    "/TOKEN/t/bug",
    "/TOKEN/t/../index.html",
    "/TOKEN/p/" + "a" * 129,
    "/TOKEN/t/a/b",
]


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_not_known_is_not_found(server: PageServer, path: str) -> None:
    status, headers, body = ask(server, path.replace("TOKEN", server.token) or "*")

    assert (status, body) == (404, b"")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["", "evil.example", "localhost", "127.0.0.1", "127.0.0.1:1"])
def test_a_wrong_host_is_not_found(server: PageServer, host: str) -> None:
    assert ask(server, f"/{server.token}/index.html", host=host)[0] == 404


def test_two_hosts_are_not_found(server: PageServer) -> None:
    address = server.origin.removeprefix("http://")
    request = f"GET /{server.token}/index.html HTTP/1.1\r\nHost: {address}\r\nHost: evil.example\r\n\r\n"

    assert b" 404 " in raw(server, request.encode()).partition(b"\r\n")[0]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_foreign_page_is_not_answered_even_with_the_token(server: PageServer, site: str) -> None:
    assert ask(server, f"/{server.token}/index.html", Sec_Fetch_Site=site)[0] == 404
    assert ask(server, f"/{server.token}/index.html", Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "NONSENSE"])
def test_other_methods_are_not_found(server: PageServer, method: str) -> None:
    assert ask(server, f"/{server.token}/index.html", method=method)[0] == 404


def test_head_has_the_size_and_no_body(server: PageServer) -> None:
    status, headers, body = ask(server, f"/{server.token}/js/main.js", method="HEAD")

    assert (status, headers["Content-Length"], body) == (200, "10", b"")


@pytest.mark.parametrize(
    "request_bytes", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\xff\xfe / HTTP/1.1\r\n\r\n"]
)
def test_what_is_no_request_learns_nothing(server: PageServer, request_bytes: bytes) -> None:
    answer = raw(server, request_bytes)

    assert b"Python" not in answer
    assert b"nonsense" not in answer


def test_many_pictures_come_over_one_connection(server: PageServer) -> None:
    address = server.origin.removeprefix("http://")
    connection = HTTPConnection(address, timeout=5)
    for _ in range(20):
        connection.request("GET", f"/{server.token}/t/abc_-1")
        assert connection.getresponse().read() == PICTURE
    connection.close()


def test_strangers_who_hold_connections_do_not_keep_the_window_out(server: PageServer) -> None:
    address = server.origin.removeprefix("http://")
    mine = HTTPConnection(address, timeout=5)
    mine.request("GET", f"/{server.token}/t/abc_-1")
    assert mine.getresponse().read() == PICTURE
    port = int(address.rpartition(":")[2])
    held = [socket.create_connection((HOST, port), timeout=5) for _ in range(300)]

    assert ask(server, f"/{server.token}/t/abc_-1")[0] == 200
    mine.request("GET", f"/{server.token}/t/abc_-1")
    assert mine.getresponse().read() == PICTURE
    mine.close()
    assert sum("process_request_thread" in thread.name for thread in threading.enumerate()) <= 130
    for one in held:
        one.close()


def test_after_close_nobody_listens(web: Path) -> None:
    made = PageServer(web, lambda _: None)
    made.close()

    with pytest.raises(OSError, match=r"refused|111"):
        ask(made, f"/{made.token}/index.html")


def raw(server: PageServer, request: bytes) -> bytes:
    port = int(server.origin.rpartition(":")[2])
    with socket.create_connection((HOST, port), timeout=5) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_the_start_page_can_be_made_for_the_user_and_what_is_asked_for_is_heard(web: Path) -> None:
    heard: list[str] = []
    made = PageServer(web, lambda _: None, start_page="<!doctype html>\u00e9".encode(), asked=heard.append)
    try:
        status, headers, body = ask(made, f"/{made.token}/index.html")
        ask(made, f"/{made.token}/js/main.js")
        ask(made, f"/{made.token}/js/unknown.js")
        ask(made, "/guess/js/main.js")
    finally:
        made.close()

    assert (status, body.decode()) == (200, "<!doctype html>\u00e9")
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert heard == ["index.html", "js/main.js"]
