from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import devserver
import pytest

import images


@pytest.fixture
def plume(tmp_path: Path, data_dir: Path) -> Iterator[devserver.DevPlume]:
    web = tmp_path / "web"
    web.mkdir()
    (web / "index.html").write_text("the page")
    (tmp_path / "a.png").write_bytes(images.png_bytes(images.noise(20, 10)))
    with devserver.serve([tmp_path / "a.png"], web=web, processors=1) as made:
        yield made


def ask(plume: devserver.DevPlume, method: str, place: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(plume.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=60)
    try:
        connection.request(method, place, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def base(plume: devserver.DevPlume) -> str:
    return urlsplit(plume.url).path.rpartition("/")[0]


def call(plume: devserver.DevPlume, name: str, **request: Any) -> Any:
    status, body = ask(plume, "POST", f"{base(plume)}/api/{name}", json.dumps(request).encode())
    assert status == 200
    return json.loads(body)


def test_commands_are_answered_over_http_as_over_the_bridge(plume: devserver.DevPlume) -> None:
    assert call(plume, "get_snapshot")["ok"]
    assert call(plume, "get_files", nonsense=1)["error"]["code"] == "invalid_request"


def test_events_arrive_as_json_arrays(plume: devserver.DevPlume, tmp_path: Path) -> None:
    parts = urlsplit(plume.url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port or 0, timeout=60)
    connection.request("GET", f"{base(plume)}/events")
    stream = connection.getresponse()
    assert stream.getheader("Content-Type") == "text/event-stream"
    stream.readline()
    (tmp_path / "b.png").write_bytes(images.png_bytes(images.noise(20, 10, seed=2)))
    call(plume, "add_paths", text=str(tmp_path / "b.png"))
    names: list[str] = []
    while "files_added" not in names:
        line = stream.readline()
        assert line.isascii()
        if line.startswith(b"data: "):
            names += [one["event"] for one in json.loads(line[6:])]
    connection.close()


@pytest.mark.parametrize("place", ["/api/get_snapshot", "/wrong/api/get_snapshot", "/events"])
def test_nobody_without_the_token_is_answered(plume: devserver.DevPlume, place: str) -> None:
    for method in ("GET", "POST"):
        assert ask(plume, method, place, b"{}") == (404, b"")


def test_another_host_or_site_is_not_answered(plume: devserver.DevPlume) -> None:
    place = f"{base(plume)}/api/get_snapshot"

    assert ask(plume, "POST", place, b"{}", Host="evil.example")[0] == 404
    assert ask(plume, "POST", place, b"{}", **{"Sec-Fetch-Site": "cross-site"})[0] == 404
    assert ask(plume, "POST", f"{base(plume)}/api/__class__", b"{}")[0] == 404


def test_what_a_dialog_would_answer_is_laid_ready(plume: devserver.DevPlume, tmp_path: Path) -> None:
    laid = json.dumps({"dropped": [str(tmp_path / "a.png")], "folder": str(tmp_path)}).encode()
    assert ask(plume, "POST", f"{base(plume)}/dev/shell", laid)[0] == 200

    assert call(plume, "take_drop")["data"] == {"added": 1}
    assert call(plume, "choose_output_folder")["data"]["label"] == str(tmp_path)
