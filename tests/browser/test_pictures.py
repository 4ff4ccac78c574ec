"""A picture of every view, in both themes and sizes, kept where PLUME_PICTURES says: for the eye, and never blank."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PLACES = ("empty", "full", "running", "failing", "compare", "statistics", "statistics-empty", "settings")


@pytest.mark.parametrize("size", [(1200, 760), (900, 600)], ids=["wide", "small"])
@pytest.mark.parametrize("place", PLACES)
def test_a_view_is_not_blank(open_page, tmp_path, place, size):
    rows = 0 if place in ("empty", "statistics-empty") else 11
    page, server = open_page(
        rows,
        width=size[0],
        height=size[1],
        fill=place == "statistics",
        language="fr" if size[0] == 900 else "en",
    )
    server.work.speed = 30 if place == "failing" else 0.4
    if place in ("running", "failing"):
        page.locator(".foot .primary").click()
        page.wait_for_selector(".toast" if place == "failing" else ".row.encoding")
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
    folder = Path(os.environ.get("PLUME_PICTURES", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(300)
        picture = page.screenshot(path=folder / f"page-{place}-{scheme}-{size[0]}.png")
        assert len(picture) > 8000  # a blank window of this size is below 6 kB
    assert page.locator("main").inner_text().strip()
