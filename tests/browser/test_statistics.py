"""The Statistics view: over the stand-in for every state, and over the real Python with nothing, little and much."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bench_database
import devserver
import pytest
from patience import PATIENCE_S, until
from playwright.sync_api import expect

from images import photo

MANY = 20_000
Told = Callable[..., tuple[Any, Any]]


def _open(open_page, **how):
    page, server = open_page(how.pop("rows", 0), fill=True, **how)
    page.keyboard.press("Control+2")
    page.wait_for_selector(".chart canvas")
    return page, server


def test_they_are_kind_when_there_are_none(open_page):
    page, _ = open_page(0)
    page.keyboard.press("Control+2")
    expect(page.locator(".kindly h2")).to_have_text("Nothing saved yet")
    expect(page.locator("#statistics table")).to_have_count(0)
    page.get_by_role("button", name="Compress pictures").click()
    expect(page.locator("#compress")).to_be_visible()


def test_they_show_totals_pairs_spread_accuracy_wins_and_history(open_page):
    page, server = _open(open_page)
    expect(page.locator(".cards .card")).to_have_count(5)
    expect(page.locator(".cards .big").first).to_have_text(re.compile("GB$"))
    expect(page.locator(".cards .card").first).to_contain_text("on disk")
    expect(page.locator(".pairs")).to_contain_text("PNG → WebP")
    expect(page.locator(".spread").first.locator("tbody tr")).to_have_count(11)
    expect(page.locator(".spread").last.locator("tbody tr")).to_have_count(7)
    expect(page.get_by_text("81% were in the range that was told")).to_be_visible()
    page.locator(".wins button").first.click()
    until(lambda: ("reveal_file", {"job_id": 1}) in server.work.calls)


def test_without_predictions_a_sentence_says_when_there_will_be_some(open_page):
    page, server = open_page(0, fill=True)
    server.work.predicted = False
    page.keyboard.press("Control+2")
    expect(page.get_by_text("No prediction to judge yet")).to_be_visible()
    expect(page.locator(".cards .card").last).to_contain_text("not enough results yet")


def test_arrow_keys_move_along_the_bars_and_tell_each(open_page):
    page, _ = _open(open_page)
    page.locator(".chart").focus()
    page.keyboard.press("ArrowLeft")
    said = page.locator(".chart [aria-live]")
    today = datetime.now().astimezone()
    page.keyboard.press("End")
    expect(said).to_contain_text(f"{today.day}, {today.year}: ")
    page.keyboard.press("ArrowLeft")
    yesterday = today - timedelta(days=1)
    expect(said).to_contain_text(f"{yesterday.day}, {yesterday.year}: ")
    expect(said).to_contain_text(" saved (\u2212")
    expect(page.locator(".tip")).to_have_text(said.inner_text())
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


def test_the_pointer_tells_a_bar_too_and_leaving_hides_it(open_page):
    page, _ = _open(open_page)
    box = page.locator(".chart canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    expect(page.locator(".tip")).to_contain_text("pictures")
    page.mouse.move(5, 5)
    expect(page.locator(".tip")).to_be_hidden()


def test_the_chart_is_a_table_on_demand(open_page):
    page, _ = _open(open_page)
    toggle = page.get_by_role("button", name="As a table")
    toggle.focus()
    page.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".time tbody tr").first).to_contain_text("MB")
    expect(page.locator(".chart")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".chart canvas")).to_be_visible()


def test_a_period_and_own_dates_are_asked_for_in_the_users_zone(open_page):
    page, server = _open(open_page)
    for name in ("Week", "Year", "All"):
        label = page.locator(".chart").get_attribute("aria-label")
        page.get_by_role("radio", name=name).check(force=True)
        expect(page.locator(".chart")).not_to_have_attribute("aria-label", label)
    expect(page.locator(".range")).to_contain_text("All time")
    page.get_by_role("radio", name="Dates").check(force=True)
    day = datetime.now().astimezone() - timedelta(days=10)
    page.get_by_label("From").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("to", exact=True).fill(f"{day:%Y-%m-%d}")
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)

    def asked() -> bool:
        last = [request for name, request in server.work.calls if name == "get_stats" and "until" in request]
        found = [datetime.fromisoformat(last[-1][end]) for end in ("since", "until")] if last else []
        return found == [midnight.astimezone(UTC), (midnight + timedelta(days=1)).astimezone(UTC)]

    until(asked)
    expect(page.locator(".range b")).to_contain_text(f"{day.day}, {day.year}")


def test_batches_are_undone_shown_and_repeated(open_page):
    page, server = _open(open_page, rows=2)
    past = page.locator(".past")
    expect(past.locator("tbody tr")).to_have_count(20)
    page.get_by_role("button", name="Older").click()
    expect(past.locator("tbody tr")).to_have_count(40)
    past.get_by_role("button", name="Show files").first.click()
    until(lambda: ("reveal_file", {"batch_id": 1}) in server.work.calls)
    past.get_by_role("button", name="Undo").first.click()
    expect(page.locator(".toast")).to_contain_text("Undone: 7 files")
    past.get_by_role("button", name="Repeat").nth(2).click()
    expect(page.locator("#compress")).to_be_visible()
    expect(page.locator(".toast").last).to_contain_text("settings of that run are loaded")
    expect(page.locator(".panel").get_by_role("slider", name="Quality")).to_have_value("62")
    expect(page.locator(".panel .where")).to_have_text("Pictures")
    page.locator(".foot .primary").click()
    until(lambda: server.work.batch is not None)
    request = server.work.batch["request"]
    assert (request["settings"]["output_format"], request["output"]["folder_id"]) == ("webp", "batch:2")


def test_cleared_statistics_come_back(open_page):
    page, _ = _open(open_page)
    page.get_by_role("button", name="Clear statistics").click()
    expect(page.locator(".cards .big").first).to_have_text("0 B")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".cards .big").first).to_have_text(re.compile("GB$"))


def test_the_end_of_an_export_is_a_toast(open_page):
    page, server = _open(open_page)
    page.get_by_role("button", name="Export as CSV").click()
    until(lambda: ("export_history", {"format": "csv"}) in server.work.calls)
    server.push([{"event": "notice", "code": "history_exported", "facts": {"rows": 12, "path": "/home/ada/h.csv"}}])
    expect(page.locator(".toast.done")).to_contain_text("The history of 12 files was saved as /home/ada/h.csv")
    server.push([{"event": "notice", "code": "export_failed", "facts": {"path": "/home/ada/h.csv"}}])
    expect(page.locator(".toast.error")).to_contain_text("could not be saved")


def test_a_failure_says_what_to_do_keeps_the_older_figures_and_tries_again(open_page):
    page, server = open_page(0, fill=True)
    server.work.failures["get_stats"] = "internal_error"
    page.keyboard.press("Control+2")
    expect(page.locator(".trouble")).to_contain_text("could not be read")
    expect(page.locator(".trouble")).to_contain_text("Try again")
    expect(page.locator(".kindly")).to_have_count(0)
    server.work.failures.clear()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(".chart canvas")
    expect(page.locator(".trouble")).to_have_count(0)
    server.work.failures["get_stats"] = "internal_error"
    server.push([{"event": "stats_changed"}])
    expect(page.locator(".trouble")).to_contain_text("from before")
    expect(page.locator(".cards .big").first).to_have_text(re.compile("GB$"))


def test_live_figures_keep_the_focus_the_scroll_the_bar_and_the_canvas(open_page):
    page, server = _open(open_page, height=600)
    page.evaluate("document.querySelector('.chart canvas').mine = true")
    page.locator(".chart").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    before = page.locator(".tip").inner_text()
    page.locator(".stats").evaluate("(view) => (view.scrollTop = 150)")
    figure = page.locator(".cards .big").first.inner_text()
    server.work.days.append({**server.work.days[-1], "files": 9, "original_size": 9_000_000_000, "compressed_size": 1})
    server.push([{"event": "stats_changed"}] * 30)
    expect(page.locator(".cards .big").first).not_to_have_text(figure)
    expect(page.locator(".chart")).to_be_focused()
    assert page.locator(".stats").evaluate("(view) => view.scrollTop") == 150
    assert page.locator(".tip").inner_text() == before
    assert page.evaluate("document.querySelector('.chart canvas').mine") is True
    asked = sum(name == "get_stats" for name, _ in server.work.calls)
    assert asked < 15  # thirty changes at once are one or two askings


# The real Python


@pytest.fixture
def told(chromium: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """The page over the real Python, with what `tmp_path/memory` remembers; complaints of the page fail the test."""
    monkeypatch.setenv("PLUME_DATA_DIR", str(tmp_path / "memory"))
    complaints: list[str] = []
    with ExitStack() as opened:

        def make(paths: list[Path]) -> tuple[Any, Callable[..., Any]]:
            plume = opened.enter_context(devserver.serve(paths, processors=2))
            context = chromium.new_context(viewport={"width": 1200, "height": 760}, locale="en-US")
            opened.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda one: complaints.append(one.text) if one.type in ("error", "warning") else None)
            page.goto(plume.url)
            page.wait_for_selector(".rows .row[data-id]" if paths else ".zone .btn")

            def call(name: str, **request: Any) -> Any:
                url = f"{plume.url.partition('index.html')[0]}api/{name}"
                with urllib.request.urlopen(url, json.dumps(request).encode()) as answer:  # noqa: S310 - our own
                    return json.load(answer)["data"]

            return page, call

        yield make
    assert complaints == []


def test_of_an_empty_memory_they_say_something_kind(told):
    page, _ = told([])
    page.keyboard.press("Control+2")
    expect(page.locator(".kindly h2")).to_have_text("Nothing saved yet")


def test_of_a_first_batch_they_are_the_files_to_the_byte_and_undo_takes_them_back(told, tmp_path):
    paths = [tmp_path / f"{name}.png" for name in ("one", "two", "three")]
    for seed, path in enumerate(paths):
        photo(160 + seed, 120, seed + 1).save(path)
    page, call = told(paths)
    page.keyboard.press("Control+1")
    page.locator(".foot .primary").click()
    expect(page.locator(".toast")).to_contain_text("3 pictures compressed")
    page.keyboard.press("Control+2")
    page.wait_for_selector(".chart canvas")
    totals = call("get_stats")["totals"]
    after = [path.with_stem(f"{path.stem}_compressed") for path in paths]
    assert totals["original_size"] == sum(path.stat().st_size for path in paths)
    assert totals["compressed_size"] == sum(path.stat().st_size for path in after)
    assert totals["compressed_disk_size"] == sum(path.stat().st_blocks * 512 for path in after)
    expect(page.locator(".range")).to_contain_text("3 pictures")
    expect(page.locator(".cards .card").nth(2)).to_contain_text("3 pictures")
    expect(page.locator(".pairs tbody tr")).to_have_count(1)
    expect(page.locator(".wins li").first).to_contain_text(".png")
    page.locator(".past").get_by_role("button", name="Undo").click()
    expect(page.locator(".past").get_by_role("button", name="Undo")).to_have_count(0)
    expect(page.locator(".range")).to_contain_text("Nothing in this period")
    assert not any(path.exists() for path in after)


def test_of_many_rows_every_period_agrees_with_its_sums(told, tmp_path):
    (tmp_path / "memory").mkdir()
    bench_database.fill(tmp_path / "memory" / "plume.sqlite3", MANY, even=False)
    page, call = told([])
    page.keyboard.press("Control+2")
    page.get_by_role("radio", name="All").check(force=True)
    page.wait_for_selector(".chart canvas")
    expect(page.locator(".range")).to_contain_text(f"{MANY:,} pictures")
    page.get_by_role("button", name="As a table").click()

    def summed(cells):
        return sum(int(count.replace(",", "")) for count in cells.all_inner_texts())

    until(lambda: summed(page.locator(".time tbody tr td:nth-child(2)")) == MANY)
    until(lambda: summed(page.locator(".spread").first.locator("td.num")) == MANY)
    assert sum(pair["files"] for pair in call("get_stats", days=False)["by_format_pair"]) == MANY
    assert call("get_stats", days=False)["by_day"] == []
