"""Chromium, the real Python for a module or a stand-in for a test, and a page that may not complain."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
from patience import PATIENCE_S  # noqa: E402

playwright.expect.set_options(timeout=PATIENCE_S * 1000)
import devserver  # noqa: E402
from fake_server import Server  # noqa: E402
from real_desk import LISTEN, RealDesk  # noqa: E402

Open = Callable[..., tuple[Any, Server]]
Real = Callable[..., RealDesk]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    path = os.environ.get("PLUME_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no chromium")
    with playwright.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Any) -> Iterator[Open]:
    """Opens the page over a fake Python with so many rows; any error, violation or strange request fails the test."""
    opened: list[tuple[Any, Server, list[str]]] = []

    def make(
        rows: int = 8,
        *,
        width: int = 1200,
        height: int = 760,
        scheme: str = "light",
        motion: str = "no-preference",
        fill: bool = False,
        **preferences: Any,
    ) -> tuple[Any, Server]:
        server = Server(rows).start()
        server.work.preferences.update(preferences)
        if fill:
            server.work.test_fill({})
        page, complaints = _page(chromium, server.url, width, height, scheme, motion)
        page.goto(server.url)
        page.wait_for_selector(".rows .row[data-id]" if rows else ".empty:not([data-first-page]) .btn")
        opened.append((page, server, complaints))
        return page, server

    yield make
    for page, server, complaints in opened:
        page.context.close()
        server.stop()
        assert complaints == []


@pytest.fixture(scope="module")
def plume(tmp_path_factory: pytest.TempPathFactory) -> Iterator[devserver.DevPlume]:
    """The real Python with a memory of its own, one for a module: to start workers takes a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUME_DATA_DIR", str(tmp_path_factory.mktemp("memory")))
        with devserver.serve(processors=2) as made:
            yield made


@pytest.fixture
def real(chromium: Any, plume: devserver.DevPlume, tmp_path: Path) -> Iterator[Real]:
    """Opens the page over the real Python; any error, violation or strange request fails the test."""
    opened: list[tuple[Any, list[str]]] = []

    def make(*, width: int = 1200, height: int = 760, scheme: str = "light", **preferences: Any) -> RealDesk:
        page, complaints = _page(chromium, plume.url, width, height, scheme, "no-preference")
        opened.append((page, complaints))
        desk = RealDesk(page, plume, tmp_path)
        desk.calm()
        desk.call("save_settings", **preferences)
        page.add_init_script(LISTEN)
        page.goto(plume.url)
        page.wait_for_selector(".empty:not([data-first-page]) .btn")
        return desk

    yield make
    for page, complaints in opened:
        page.context.close()
        assert complaints == []


def _page(browser: Any, url: str, width: int, height: int, scheme: str, motion: str) -> tuple[Any, list[str]]:
    """A window of that size, and what it complains of: nothing, in a good test."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion=motion, locale="en-US"
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_S * 1000)
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    ours = (url.split("index.html")[0], "data:")
    page.on(
        "request",
        lambda request: None if request.url.startswith(ours) else complaints.append(f"foreign request {request.url}"),
    )
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (event) =>"
        " console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
    )
    return page, complaints
