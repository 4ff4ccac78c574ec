"""The Compress view, with mouse and keyboard."""

from __future__ import annotations

import re

from patience import until
from playwright.sync_api import expect


def test_a_batch_runs_pauses_resumes_and_ends_with_the_way_back(open_page):
    page, server = open_page(8)
    server.work.speed = 2
    expect(page.locator(".total b")).to_contain_text("about")
    page.get_by_role("button", name="Compress", exact=True).last.click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".total")).to_contain_text("paused")
    expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".toast")).to_contain_text("6 pictures compressed")
    expect(page.locator(".toast")).to_contain_text("1 failed")
    expect(page.locator("#live")).to_contain_text("6 pictures compressed")
    expect(page.locator('.row[data-id="1"] .pct')).to_have_text(re.compile("^\u2212"))
    expect(page.locator('.row[data-id="7"]')).to_contain_text("already as small as it gets")
    expect(page.locator('.row[data-id="8"]')).to_contain_text("damaged")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Undone: 6 files are as before")


def test_the_predicted_position_is_dimmed_and_ahead_of_the_real_one(open_page):
    page, server = open_page(1)
    server.work.speed = 0.5
    page.get_by_role("button", name="Compress", exact=True).last.click()
    page.wait_for_selector(".row.encoding .ahead")
    page.wait_for_timeout(700)
    share = "(e) => new DOMMatrix(getComputedStyle(e).transform).a"
    ahead, real = page.locator(".row .ahead").evaluate(share), page.locator(".row .run").evaluate(share)
    assert real == 0.05
    assert real < ahead < 0.85


def test_rows_are_chosen_by_mouse_with_shift_and_control(open_page):
    page, _ = open_page(8)
    names = page.locator(".rows .row .name")
    names.nth(1).click()
    names.nth(4).click(modifiers=["Shift"])
    expect(page.locator(".row[aria-selected=true]")).to_have_count(4)
    names.nth(2).click(modifiers=["Control"])
    expect(page.locator(".row[aria-selected=true]")).to_have_count(3)
    expect(page.locator(".chosen")).to_contain_text("3 selected")
    page.locator(".chosen").get_by_role("button", name="Remove from list").click()
    expect(page.locator("#compress h1")).to_have_text("5 pictures")


def test_the_list_is_complete_by_keyboard(open_page):
    page, server = open_page(8)
    page.locator("#list").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#list")).to_have_attribute("aria-activedescendant", "row-1")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("Control+ArrowDown")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("Space")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(3)
    page.keyboard.press("Control+a")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(8)
    page.keyboard.press("Escape")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Compare portrait-paint.jpg"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "list"
    until(lambda: server.work.calls == [("reveal_file", {"file_id": 4})])
    page.keyboard.press("Delete")
    expect(page.locator("#compress h1")).to_have_text("7 pictures")
    page.keyboard.press("Enter")
    expect(page.locator("#compare .title")).to_have_text("lighthouse.png")


def test_a_file_name_is_only_ever_text(open_page):
    page, server = open_page(11)
    name = "<img src=x onerror=window.hacked=1>.png"
    expect(page.locator(".row .name", has_text="onerror")).to_have_text(name)
    page.locator(".row .name", has_text="onerror").dblclick()
    expect(page.locator("#compare .title")).to_have_text(name)
    server.push([{"event": "notice", "code": "database_set_aside", "facts": {"path": name}}])
    expect(page.locator(".toast")).to_contain_text(name)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def test_what_would_be_lost_is_said_before_the_run(open_page):
    page, _ = open_page(11)
    expect(page.locator('.row[data-id="9"]')).to_contain_text("would lose: animation")
    page.locator(".panel").get_by_role("radio", name="JPEG").check()
    expect(page.locator('.row[data-id="3"]')).to_contain_text("loses: transparency")
    expect(page.locator('.row[data-id="3"]')).to_contain_text("PNG → JPEG")


def test_a_place_in_a_photo_is_said_and_said_to_go(open_page):
    page, _ = open_page(11)
    expect(page.locator('.row[data-id="2"] .badge')).to_have_text("removes location")
    page.locator(".panel").get_by_label("Private data").select_option("all")
    expect(page.locator('.row[data-id="2"] .badge')).to_have_text("location stays")


def test_a_refused_command_is_a_sentence_and_the_button_comes_back(open_page):
    page, server = open_page(2)
    server.work.failures["compress_image"] = "disk_full"
    page.get_by_role("button", name="Compress", exact=True).last.click()
    expect(page.locator(".toast")).to_contain_text("The disk is full. Make room and try again")
    expect(page.get_by_role("button", name="Compress", exact=True).last).to_be_enabled()


def test_closing_during_a_batch_asks_and_staying_is_the_first_answer(open_page):
    page, server = open_page(2)
    server.push([{"event": "close_requested", "files_left": 7}])
    expect(page.get_by_role("dialog", name="Stop compressing?")).to_contain_text("7 pictures are not done yet")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    server.push([{"event": "close_requested", "files_left": 1}])
    page.get_by_role("button", name="Stop and quit").click()
    page.wait_for_timeout(100)
    until(lambda: server.work.calls == [("answer_close", {"quit": False}), ("answer_close", {"quit": True})])


def test_the_bar_is_one_line_in_a_narrow_french_window(open_page):
    page, _ = open_page(11, width=700, height=600, language="fr")
    assert page.locator("#compress .bar").bounding_box()["height"] < 60
    page.get_by_placeholder("Chercher").fill("holiday")
    expect(page.locator(".rows .row")).to_have_count(2)


def test_nothing_in_the_panel_moves_when_a_batch_begins(open_page):
    page, server = open_page(8)
    server.work.speed = 0.2
    before = page.locator("#panel select").last.bounding_box()
    page.locator(".foot .primary").click()
    page.wait_for_selector(".row.encoding")
    assert page.locator("#panel select").last.bounding_box() == before


def test_what_unfolds_is_brought_into_sight(open_page):
    page, _ = open_page(8, width=900, height=600)
    page.locator(".fold").click()
    expect(page.locator("#panel .more .field").first).to_be_in_viewport()


def test_a_badge_is_read_whole_before_the_folder_is(open_page):
    page, server = open_page(11, width=900, height=600, language="fr")
    server.work.speed = 30
    page.locator(".foot .primary").click()
    page.wait_for_selector(".toast")
    badge = page.locator('.row[data-id="2"] .badge')
    expect(badge).to_have_text("position retirée")
    assert badge.evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_an_empty_list_says_that_a_folder_is_read_and_nothing_jumps(open_page):
    page, server = open_page(0)
    title = page.locator(".zone h2")
    before = title.bounding_box()
    server.push([{"event": "scan_progress", "found": 12, "ignored": 3, "running": True}])
    expect(title).to_have_text("Looking for pictures…")
    expect(page.locator(".zone .muted")).to_have_text("12 pictures found")
    expect(page.get_by_role("button", name="Choose files…")).to_have_count(0)
    assert title.bounding_box()["y"] == before["y"]

    server.push([{"event": "scan_progress", "found": 0, "ignored": 3, "running": False}])
    expect(page.get_by_role("button", name="Choose files…")).to_be_visible()


def test_a_picture_with_a_format_of_its_own_says_what_it_becomes_and_the_others_what_all_do(open_page):
    page, _ = open_page(4)
    pictures = page.locator(".row .cell-picture")
    page.locator('.row[data-id="3"] .cell-name').dblclick()
    page.locator("#compare .foot").get_by_role("radio", name="WebP").check()
    page.get_by_role("button", name="Use for this picture").click()
    expect(page.locator('.row[data-id="3"] .cell-picture')).to_contain_text("→ WebP")
    expect(pictures.filter(has_text="→")).to_have_count(1)

    page.locator('.row[data-id="3"] .cell-name').dblclick()
    page.locator("#compare .foot").get_by_role("radio", name="Keep").check()
    page.get_by_role("button", name="Use for this picture").click()
    page.locator(".panel").get_by_role("radio", name="WebP").check()
    expect(page.locator('.row[data-id="1"] .cell-picture')).to_contain_text("→ WebP")
    expect(page.locator('.row[data-id="3"] .cell-picture')).not_to_contain_text("→")
    expect(page.locator('.row[data-id="3"] .cell-picture')).not_to_contain_text("KEEP")
