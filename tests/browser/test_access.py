"""For everyone: axe-core on every view in both themes, 200 % text, reduced motion, no violation of the policy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

BUILD = Path(__file__).resolve().parents[2] / "build"
AXE = Path(os.environ.get("PLUME_AXE", BUILD / "node_modules" / "axe-core" / "axe.min.js"))
PLACES = (
    "empty",
    "compress",
    "running",
    "done",
    "more",
    "compare",
    "statistics",
    "statistics-empty",
    "settings",
    "closing",
)


def _go(open_page, place, **how):
    page, server = open_page(0 if place in ("empty", "statistics-empty") else 11, fill=place == "statistics", **how)
    if place in ("running", "done"):
        server.work.speed = 30 if place == "done" else 0.3
        page.locator(".foot .primary").click()
        page.wait_for_selector(".toast" if place == "done" else ".row.encoding")
    elif place == "more":
        if page.locator(".drawer").is_visible():
            page.locator(".drawer").click()
        page.locator(".fold").click()
        page.locator(".rows .row .name").first.click(force=True)
    elif place == "compare":
        page.locator(".rows .row .name").first.click()
        page.keyboard.press("Enter")
        page.wait_for_selector(".layer.after img")
    elif place.startswith("statistics"):
        page.keyboard.press("Control+2")
        page.wait_for_selector(".kindly, .chart canvas")
    elif place == "settings":
        page.keyboard.press("Control+3")
        page.wait_for_selector("#settings dl")
    elif place == "closing":
        server.push([{"event": "close_requested", "files_left": 3}])
        page.wait_for_selector("dialog")
    page.wait_for_timeout(300)
    return page, server


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_in_either_theme(open_page, place):
    if not AXE.is_file():
        pytest.skip("axe-core is not installed (npm ci --prefix build)")
    page, _ = _go(open_page, place)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)  # colours glide from one theme to the other
        found = page.evaluate(
            """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
            .map((one) => [one.id, one.nodes.map((node) => node.html + ' ' + node.failureSummary)])"""
        )
        assert found == [], scheme


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("place", ["empty", "compress", "done", "compare", "statistics", "settings"])
def test_at_200_percent_text_nothing_is_wider_than_the_window(open_page, place, language):
    page, _ = _go(open_page, place, text_percent=200, language=language)
    for width, height in ((1200, 760), (900, 600)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(200)
        wide = page.evaluate("""() => [...document.querySelectorAll('button, h1, .total b, .field, .card, .chip')]
            .filter((e) => {
            if (!e.offsetParent || e.closest('.actions') || e.closest('.unseen')) return false;
            const box = e.getBoundingClientRect();
            return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1); })
            .map((e) => e.outerHTML.slice(0, 120))""")
        assert wide == [], width
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_every_focus_is_visible(open_page):
    page, _ = open_page(3)
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate("""() => { const e = document.activeElement;
            const shown = e.matches('.seg input') ? e.nextElementSibling : e;
            const place = [...document.querySelectorAll('*')].indexOf(e);
            return [e.tagName + place + '.' + e.className, getComputedStyle(shown).outlineStyle, e.id]; }""")
        if outline[0] in seen or outline[0].startswith("BODY"):
            break
        seen.add(outline[0])
        assert outline[1] != "none" or outline[2] == "list", outline
    assert len(seen) > 12


def test_nothing_moves_when_motion_is_not_wanted(open_page):
    page, _ = open_page(3, motion="reduce")
    assert page.locator(".btn").first.evaluate("(e) => getComputedStyle(e).transitionDuration") == "0s"
    expect(page.locator(".row .thumb").first).to_be_visible()
