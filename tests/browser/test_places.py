"""Compare."""

from __future__ import annotations

from patience import until
from playwright.sync_api import expect


def _compare(page):
    page.locator(".rows .row .name").first.click()
    page.keyboard.press("Enter")
    page.wait_for_selector(".layer.after img")


def test_both_sides_lie_on_each_other_at_every_zoom(open_page):
    page, _ = open_page(8)
    _compare(page)
    for key in ("0", "1", "2"):
        page.keyboard.press(key)
        page.wait_for_timeout(500)
        boxes = [page.locator(f".layer.{side} img").last.bounding_box() for side in ("before", "after")]
        assert boxes[0] == boxes[1]
    expect(page.locator(".layer.after img")).to_have_count(2)


def test_the_split_moves_by_keyboard_and_by_pointer(open_page):
    page, _ = open_page(8)
    _compare(page)
    knife = page.get_by_role("slider", name="Split between original and result")
    expect(knife).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(knife).to_have_attribute("aria-valuenow", "52")
    page.keyboard.press("Home")
    expect(knife).to_have_attribute("aria-valuenow", "0")
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 300)
    page.mouse.up()
    expect(knife).to_have_attribute("aria-valuenow", "75")


def test_f_held_shows_the_original_and_a_pan_asks_for_the_new_part(open_page):
    page, server = open_page(8)
    _compare(page)
    page.keyboard.down("f")
    expect(page.locator(".layer.after")).to_be_hidden()
    page.keyboard.up("f")
    expect(page.locator(".layer.after")).to_be_visible()
    page.keyboard.press("1")
    page.wait_for_timeout(400)
    asked = server.work.previews
    page.locator(".stage").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    until(lambda: server.work.previews == asked + 1)


def test_a_quick_preview_is_marked_until_the_exact_one_comes(open_page):
    page, server = open_page(8)
    server.work.exact_after_s = 2.0  # so that it does not overtake the quick one, whose picture takes time to decode
    _compare(page)
    chip = page.locator(".chip.after")
    expect(chip.locator(".busy")).to_have_count(0)
    expect(chip).not_to_contain_text("~")
    # What stands there for a moment only is written down, not looked for: a slow machine looks too seldom.
    page.evaluate("""() => { window.said = [];
        const look = () => window.said.push(document.querySelector(".chip.after")?.textContent ?? "");
        new MutationObserver(look).observe(document.querySelector("#compare"), { subtree: true, childList: true,
            characterData: true }); }""")
    page.keyboard.press("1")
    page.wait_for_function("window.said.some((text) => text.includes('encoding') && text.includes('~'))")
    expect(chip.locator(".busy")).to_have_count(0)
    expect(chip).not_to_contain_text("~")


def test_the_list_is_where_it_was_after_comparing(open_page):
    page, _ = open_page(2000)
    page.locator("#list").focus()
    for _press in range(30):
        page.keyboard.press("PageDown")
    page.wait_for_timeout(300)
    top = page.locator("#list").evaluate("(list) => list.scrollTop")
    assert top > 5000
    page.keyboard.press("Enter")
    page.wait_for_selector(".layer.after img")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert page.locator("#list").evaluate("(list) => list.scrollTop") == top
    expect(page.locator(".row.cursor")).to_be_visible()


def test_a_preview_that_fails_says_why(open_page):
    page, server = open_page(8)
    _compare(page)
    server.work.failures["get_preview"] = "source_missing"
    page.locator("#compare").get_by_role("slider", name="Quality").fill("31")
    expect(page.locator(".toast")).to_contain_text("The file is no longer there")
