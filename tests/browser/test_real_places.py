"""Compare, Statistics and Settings over the real Python, and what a reload keeps."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from patience import until
from playwright.sync_api import expect

import images
import planted
from plume_app.events import CloseRequested
from shop import tree


def photo(desk, name="shore.jpg", width=640, height=480):
    return desk.write(name, planted.planted(images.photo(width, height), "jpeg"))


def compare(desk, name="shore.jpg"):
    desk.line(name).click()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_selector(".layer.after img")
    expect(desk.page.locator(".chip.after .busy")).to_have_count(0)


def chip(desk, begins):
    """Waits for the exact size at these settings; what the chip says."""
    expect(desk.page.locator(".chip.after")).to_have_text(re.compile(rf"^{begins} · \d+\s+kB"))
    return desk.page.locator(".chip.after").inner_text()


def pixels(desk, side):
    """The pixels of a side's uppermost picture, as a checksum made by the page; None while it is being replaced."""
    return desk.page.locator(f".layer.{side} img").last.evaluate("""async (image) => {
        try { await image.decode(); } catch { return null; }
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        const pen = canvas.getContext('2d'); pen.drawImage(image, 0, 0);
        return pen.getImageData(0, 0, canvas.width, canvas.height).data.reduce((sum, one) => (sum * 31 + one) | 0, 0);
    }""")


def test_compare_shows_what_will_be_written_and_the_quality_is_this_pictures_own(real):
    desk = real()
    page = desk.page
    desk.paste(photo(desk), photo(desk, "other.jpg", 320, 200))
    guess = desk.line("shore.jpg").locator(".cell-size .guess")
    guessed = guess.inner_text()
    compare(desk)
    chip(desk, "JPEG 80")
    before, first = pixels(desk, "before"), pixels(desk, "after")
    assert before != first
    page.keyboard.press("1")
    expect(page.locator(".layer.after img")).to_have_count(2)
    slider = page.locator("#compare").get_by_role("slider", name="Quality")
    slider.fill("20")
    shown = chip(desk, "JPEG 20")
    page.keyboard.press("0")
    until(lambda: pixels(desk, "after") not in (first, None))
    until(lambda: pixels(desk, "before") == before)
    page.keyboard.down("f")
    expect(page.locator(".layer.after")).to_be_hidden()
    page.keyboard.up("f")
    page.get_by_role("button", name="Use for this picture").click()
    expect(desk.line("shore.jpg")).to_contain_text("own settings")
    expect(page.locator("#list")).to_be_focused()
    expect(guess).not_to_have_text(guessed)
    desk.reload()
    expect(desk.line("shore.jpg")).to_contain_text("own settings")  # Python holds them, not the page
    expect(desk.line("other.jpg")).not_to_contain_text("own settings")
    expect(page.locator(".panel")).to_contain_text("1 picture has its own settings")
    desk.compress()
    size = (desk.folder / "shore_compressed.jpg").stat().st_size
    assert f"· {size / 1000:.0f}\u00a0kB" in shown, (size, shown)
    page.get_by_role("button", name="Forget them").click()
    expect(desk.line("shore.jpg")).not_to_contain_text("own settings")


def test_compare_of_what_was_converted_in_place_shows_that_and_names_its_format(real):
    desk = real()
    desk.paste(photo(desk))
    output = {"policy": "in_place", "suffix": "_c", "folder_id": None}
    desk.call("compress_image", settings={"quality": 60, "output_format": "webp"}, output=output)
    desk.await_event("batch_finished")
    expect(desk.line("shore.webp")).to_contain_text("JPEG \u2192 WebP")
    compare(desk, "shore.webp")
    chip(desk, "WebP 80")
    until(lambda: pixels(desk, "before") is not None)


def test_compare_of_a_broken_or_missing_file_says_why(real):
    desk = real()
    broken = desk.write("broken.png", images.truncated(images.png_bytes(images.photo(100, 80)), 50))
    desk.paste(broken)
    desk.line("broken.png").click()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator(".trouble")).to_contain_text("damaged")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#list")).to_be_focused()


def test_settings_presets_language_and_theme_are_back_after_a_reload(real):
    desk = real()
    page = desk.page
    page.keyboard.press("Control+3")
    page.locator("#settings").get_by_role("slider", name="Quality").fill("66")
    until(lambda: desk.call("get_settings")["settings"]["quality"] == 66)
    page.get_by_placeholder("Name of the preset").fill("<b>Shop</b>")
    page.get_by_role("button", name="Save preset").click()
    expect(page.locator(".names")).to_contain_text("<b>Shop</b>")
    page.get_by_label("Keep originals for undo").select_option("90")
    page.get_by_label("Pictures at the same time").select_option("1")
    page.get_by_label("Language").select_option("fr")
    expect(page.locator("#settings h1")).to_have_text("Réglages")
    page.get_by_role("radio", name="Sombre").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    until(lambda: desk.call("get_settings")["theme"] == "dark")
    desk.reload()
    expect(page.locator(".zone h2")).to_have_text("Déposez ici des images ou des dossiers")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("document.documentElement.lang") == "fr"
    page.keyboard.press("Control+3")
    expect(page.locator("#settings").get_by_role("slider", name="Qualité")).to_have_value("66")
    expect(page.locator(".names")).to_contain_text("<b>Shop</b>")
    page.get_by_role("button", name="Supprimer").click()
    expect(page.locator(".names li")).to_have_count(3)
    assert [preset["built_in"] for preset in desk.call("list_presets")["presets"]] == [True] * 3
    kept = desk.call("get_settings")
    assert (kept["undo_days"], kept["workers"]) == (90, 1)
    desk.call("save_settings", undo_days=30, workers=None)
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_defaults_may_be_a_folder_and_the_panel_may_become_the_defaults(real):
    desk = real()
    page = desk.page
    target = desk.folder / "small"
    target.mkdir()
    desk.lay(folder=target)
    page.keyboard.press("Control+3")
    page.locator("#settings").get_by_label("Results").select_option("folder")
    expect(page.locator("#settings .folder")).to_contain_text("small")
    until(lambda: desk.call("get_settings")["output"]["policy"] == "folder")
    page.keyboard.press("Control+1")
    desk.paste(photo(desk))
    expect(page.locator(".panel .folder")).to_contain_text("small")
    page.locator(".panel select").first.select_option("smallest")
    page.locator(".fold").click()
    page.get_by_role("button", name="Save as default").click()
    until(lambda: desk.call("get_settings")["settings"]["output_format"] == "webp")
    desk.compress()
    assert [path.name for path in target.iterdir()] == ["shore.webp"]


def test_the_settings_say_what_is_stored_where(real):
    desk = real()
    facts = desk.call("get_database_info")
    desk.page.keyboard.press("Control+3")
    for name in ("path", "undo_path", "log_path"):
        expect(desk.page.locator("#settings dl")).to_contain_text(facts[name])
    assert Path(facts["path"]).is_file()


def test_statistics_are_the_sums_of_what_was_written(real):
    desk = real()
    page = desk.page
    desk.call("reset_stats")
    page.keyboard.press("Control+2")
    desk.page.keyboard.press("Control+1")
    desk.paste(photo(desk), desk.write("a.png", images.png_bytes(images.photo(160, 120))))
    before = tree(desk.folder)
    page.locator(".panel").get_by_role("radio", name="WebP").check()
    desk.compress()
    saved = sum(row["original_size"] - row["compressed_size"] for row in desk.rows() if row["state"] == "written")
    stats = desk.call("get_stats")
    assert (stats["totals"]["files"], stats["totals"]["saved_bytes"]) == (2, saved)
    page.keyboard.press("Control+2")
    expect(page.locator("#statistics")).to_contain_text(f"{saved / 1000:.0f} kB")
    expect(page.locator("#statistics")).to_contain_text("PNG → WebP")
    expect(page.locator("#statistics")).to_contain_text("JPEG → WebP")
    for form in ("CSV", "JSON"):
        target = desk.folder.parent / f"{desk.folder.name}.{form.lower()}"
        desk.lay(target=target)
        page.get_by_role("button", name=f"Export as {form}").click()
        until(target.exists)
        text = target.read_text(encoding="utf-8-sig")
        lines = list(csv.DictReader(text.splitlines())) if form == "CSV" else json.loads(text)
        assert str(desk.folder / "shore.jpg") in [line["path"] for line in lines]
    page.locator("#statistics").get_by_role("button", name="Undo").first.click()
    expect(page.locator(".toast", has_text="as before")).to_be_visible()  # and no toast offers that undo again
    assert tree(desk.folder) == before
    until(lambda: desk.call("get_stats")["totals"]["files"] == 0)


def test_cleared_statistics_come_back(real):
    desk = real()
    page = desk.page
    desk.paste(photo(desk))
    desk.compress()
    files = desk.call("get_stats")["totals"]["files"]
    assert files > 0
    page.keyboard.press("Control+2")
    page.get_by_role("button", name="Clear statistics").click()
    until(lambda: desk.call("get_stats")["totals"]["files"] == 0)
    toast = page.locator(".toast", has_text="The statistics were cleared")
    toast.get_by_role("button", name="Undo").click()
    until(lambda: desk.call("get_stats")["totals"]["files"] == files)


@pytest.mark.parametrize("leave", [False, True])
def test_the_answer_to_closing_reaches_the_window(real, leave):
    desk = real()
    desk.plume.shell.quits.clear()
    desk.plume.context.events.emit(CloseRequested(7))
    expect(desk.page.get_by_role("dialog", name="Stop compressing?")).to_contain_text("7 pictures are not done yet")
    desk.page.get_by_role("button", name="Stop and quit" if leave else "Keep working").click()
    until(lambda: desk.plume.shell.quits == [leave])


@pytest.mark.parametrize(("language", "scheme"), [("fr", "dark"), ("fr", "light"), ("en", "dark")])
def test_a_real_list_is_told_in_both_languages_and_themes(real, language, scheme):
    desk = real(language=language, scheme=scheme)
    desk.paste(photo(desk), desk.write("broken.png", images.truncated(images.png_bytes(images.photo(90, 60)), 50)))
    desk.compress()
    page = desk.page
    expect(page.locator("#compress h1")).to_have_text("2 images" if language == "fr" else "2 pictures")
    expect(desk.line("broken.png").locator(".badge.bad")).to_have_text("endommagée" if language == "fr" else "damaged")
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (colour == "rgb(21, 21, 20)") == (scheme == "dark")
