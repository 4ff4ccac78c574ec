"""The Compress view over the real Python: what is on the disk afterwards is what the page says."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from patience import until
from playwright.sync_api import expect
from real_desk import WEB

import images
import planted
from shop import tree

MINUS = "\u2212"


def few(desk):
    """A photo with a place in it, a PNG and a WebP."""
    return [
        desk.write("shore & sea.jpg", planted.planted(images.photo(320, 240), "jpeg")),
        desk.write("Ünter/window.png", images.png_bytes(images.photo(160, 120, seed=2))),
        desk.write("Ünter/spitfire.webp", images.webp_bytes(images.photo(200, 150, seed=3), lossless=True)),
    ]


def slow(desk, count):
    """Pictures that keep two workers busy for a while."""
    data = images.png_bytes(images.photo(900, 700), compress_level=1)
    return [desk.write(f"slow-{number}.png", data) for number in range(count)]


def test_pasted_paths_become_rows_with_pictures_predictions_and_badges(real):
    desk = real()
    page = desk.page
    expect(page.locator(".zone h2")).to_have_text("Drop pictures or folders here")
    desk.paste(*few(desk)[:1], desk.folder / "Ünter")
    expect(page.locator("#compress h1")).to_have_text("3 pictures")
    line = desk.line("shore & sea.jpg")
    expect(line.locator(".cell-picture")).to_contain_text("320 \u00d7 240")
    expect(line.locator(".cell-picture")).to_contain_text("JPEG")
    expect(line.locator(".badge", has_text=re.compile("^removes location$"))).to_be_visible()
    expect(line.locator(".pct.guess")).to_have_text(re.compile(f"~ {MINUS}\\d+%"))
    until(lambda: line.locator("img.thumb").evaluate("(image) => image.naturalWidth") > 0)
    expect(page.locator(".total b")).to_contain_text("about")
    row = desk.row("window.png")
    assert (row["width"], row["height"], row["input_format"]) == (160, 120, "png")
    before = page.locator(".total b").inner_text()
    page.locator(".panel").get_by_role("slider", name="Quality").fill("20")
    expect(page.locator(".total b")).not_to_have_text(before)
    page.locator(".panel").get_by_role("radio", name="WebP").check()
    expect(desk.line("window.png").locator(".cell-picture")).to_contain_text("PNG → WebP")
    desk.paste(desk.folder / "Ünter/window.png", desk.write("one more.png", images.png_bytes(images.noise(9, 9))))
    expect(page.locator("#compress h1")).to_have_text("4 pictures")  # the same path twice is one row


def test_results_lie_beside_the_originals_as_the_rows_say_and_undo_takes_them_back(real):
    desk = real()
    page = desk.page
    pasted = few(desk)
    desk.write("Ünter/window.png", images.png_bytes(images.photo(900, 700, seed=2), compress_level=1))  # takes a while
    desk.paste(*pasted)
    before = tree(desk.folder)
    ended = desk.compress()
    assert (ended["written"] + ended["kept"], ended["failed"]) == (3, 0)
    assert {**tree(desk.folder), **before} == tree(desk.folder)  # no original was touched
    for row in desk.rows():
        assert row["state"] in ("written", "kept")
        source = Path(row["folder"]) / row["name"]
        result = source.with_name(f"{source.stem}_compressed{source.suffix}")
        assert result.exists() == (row["state"] == "written")
        if result.exists():
            assert result.stat().st_size == row["compressed_size"] < source.stat().st_size
    expect(desk.line("shore & sea.jpg")).to_contain_text("location removed")
    expect(desk.line("shore & sea.jpg").locator(".pct")).to_have_text(re.compile(f"^{MINUS}\\d+%$"))
    steps = desk.events("compression_progress")
    assert {"encoding"} <= {one["stage"] for one in steps}
    assert all(0 <= one["progress"] <= 100 for one in steps)
    assert len(desk.events("job_finished")) == 3
    expect(page.locator("#live")).to_contain_text("compressed")
    expect(page.locator(".foot .meter")).to_have_attribute("aria-valuenow", "100")
    page.locator(".toast").get_by_role("button", name="Show files").click()
    until(lambda: desk.plume.shell.revealed[-1:] != [])
    assert desk.plume.shell.revealed[-1].name.endswith(("_compressed.jpg", "_compressed.png", "_compressed.webp"))
    desk.reload()
    expect(page.locator(".foot .primary")).to_have_text("Compress")  # a batch that ended is no work
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_undo_in_the_toast_removes_the_results(real):
    desk = real()
    desk.paste(*few(desk))
    before = tree(desk.folder)
    desk.compress()
    assert tree(desk.folder) != before
    desk.page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(desk.page.locator(".toast")).to_contain_text("as before")
    assert tree(desk.folder) == before
    expect(desk.line("window.png").locator(".pct.guess")).to_contain_text("~")


def test_results_go_to_a_folder_with_the_tree_kept(real):
    desk = real()
    few(desk)
    desk.paste(desk.folder)
    target = desk.folder.parent / f"{desk.folder.name}-small"
    target.mkdir()
    desk.lay(folder=target)
    desk.page.locator(".panel").get_by_label("Results").select_option("folder")
    expect(desk.page.locator(".panel .folder")).to_contain_text(target.name)
    desk.compress()
    assert {path.name for path in target.rglob("*") if path.is_file()} == {
        "shore & sea.jpg",
        "window.png",
        "spitfire.webp",
    }


def test_in_place_replaces_and_undo_brings_every_byte_back(real):
    desk = real()
    desk.paste(*few(desk))
    before = tree(desk.folder)
    desk.page.locator(".panel").get_by_label("Results").select_option("in_place")
    desk.compress()
    after = tree(desk.folder)
    assert after.keys() == before.keys()
    assert after["shore & sea.jpg"] != before["shore & sea.jpg"]
    assert (desk.folder / "shore & sea.jpg").stat().st_size == desk.row("shore & sea.jpg")["compressed_size"]
    desk.page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(desk.page.locator(".toast")).to_contain_text("as before")
    assert tree(desk.folder) == before


def test_a_batch_pauses_goes_on_over_a_reload_and_is_cancelled(real):
    desk = real(settings={**WEB, "effort": "max"})
    page = desk.page
    data = images.png_bytes(images.photo(200, 150))
    desk.paste(*[desk.write(f"{number:03}.png", data) for number in range(140)])  # the pool has up to 64 of them
    page.locator(".foot .primary").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".total")).to_contain_text("paused")
    expect(page.locator(".total b")).to_contain_text("about")
    until(lambda: not [row for row in desk.rows() if row["state"] in ("reading", "encoding", "verifying", "saving")])
    done = len(desk.events("job_finished"))
    assert done < 140
    desk.reload()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.wait_for_timeout(300)
    assert desk.events("job_finished") == []  # nothing was begun meanwhile
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    until(lambda: len(desk.events("job_finished")) > 0)
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Cancelled")
    states = [row["state"] for row in desk.rows()]
    assert "cancelled" in states, done
    results = list(desk.folder.glob("*_compressed*"))
    assert len(results) == states.count("written")
    assert not [path for path in desk.folder.iterdir() if path.name.startswith(".")]
    name = next(row["name"] for row in desk.rows() if row["state"] == "cancelled")
    page.get_by_placeholder("Find").fill(name)
    expect(page.locator(".rows .row")).to_have_count(1)
    desk.line(name).hover()
    desk.line(name).get_by_role("button", name="Try").click()
    until(lambda: desk.row(name)["state"] in ("written", "kept"))


def test_one_picture_is_cancelled_and_the_others_go_on(real):
    desk = real(settings={**WEB, "effort": "max"})
    desk.paste(*slow(desk, 4))
    desk.page.locator(".foot .primary").click()
    desk.line("slow-3.png").hover()
    desk.line("slow-3.png").get_by_role("button", name="Cancel slow-3.png").click()
    ended = desk.await_event("batch_finished")
    assert ended["cancelled"] == 1
    assert ended["written"] + ended["kept"] == 3
    expect(desk.line("slow-3.png").locator(".pct")).to_have_text("cancelled")


def test_what_fails_says_why_and_is_tried_again_once_it_is_repaired(real):
    desk = real()
    page = desk.page
    good = images.png_bytes(images.photo(120, 90))
    broken = desk.write("broken.png", images.truncated(good, 60))
    gone = desk.write("gone.png", images.png_bytes(images.photo(64, 48, seed=5)))
    poem = desk.write("poem.jpg", b"roses are red\n" * 20)
    desk.paste(broken, gone, poem, *few(desk)[:1])
    gone.unlink()
    expect(desk.line("broken.png").locator(".badge.bad")).to_have_text("damaged")  # a worker has looked at it
    expect(desk.line("broken.png").locator(".cell-size .guess")).to_have_text("\u2014")  # and nothing is promised
    ended = desk.compress()
    assert (ended["failed"], ended["written"]) == (3, 1)
    expect(desk.line("broken.png").locator(".badge.bad")).to_have_text("damaged")
    expect(desk.line("gone.png").locator(".badge.bad")).to_have_text("file is gone")
    expect(desk.line("poem.jpg").locator(".badge.bad")).to_have_text("not a known image")
    expect(desk.line("gone.png").locator(".badge.bad")).to_have_attribute("title", re.compile("moved or deleted"))
    assert not list(desk.folder.glob("broken_*"))
    page.get_by_role("button", name="3 failed").click()
    expect(page.locator(".rows .row")).to_have_count(3)
    expect(page.locator(".pick select")).to_have_value("failed")
    gone.write_bytes(good)
    page.locator(".foot").get_by_role("button", name="Retry failed").click()
    until(lambda: desk.row("gone.png")["state"] in ("written", "kept"))
    until(lambda: len(desk.events("batch_finished")) == 2)
    assert desk.events("batch_finished")[-1]["failed"] == 2


def test_a_folder_that_takes_no_files_fails_the_row_and_leaves_the_original(real):
    desk = real()
    target = desk.folder / "small"
    target.mkdir()
    (source,) = few(desk)[:1]
    desk.paste(source)
    desk.lay(folder=target)
    desk.page.locator(".panel").get_by_label("Results").select_option("folder")
    expect(desk.page.locator(".panel .folder")).to_contain_text("small")
    target.rmdir()
    target.write_text("not a folder any more")
    before = source.read_bytes()
    assert desk.compress()["failed"] == 1
    expect(desk.line(source.name).locator(".badge.bad")).to_have_text("cannot write there")
    expect(desk.line(source.name).locator(".badge.bad")).to_have_attribute("title", re.compile(r"small"))
    assert source.read_bytes() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_says_so(real):
    desk = real()
    closed = desk.write("closed.png", images.png_bytes(images.photo(40, 30)))
    closed.chmod(0)
    desk.paste(closed)
    assert desk.compress()["failed"] == 1
    expect(desk.line("closed.png").locator(".badge.bad")).to_have_text("cannot be read")


def test_what_would_be_lost_is_kept_until_it_is_allowed(real):
    desk = real()
    page = desk.page
    moving = desk.write("waving.gif", images.gif_bytes(images.frames(3)))
    desk.paste(moving)
    page.locator(".panel").get_by_role("radio", name="JPEG").check()
    expect(desk.line("waving.gif")).to_contain_text("would lose: animation")
    assert desk.compress()["kept"] == 1
    assert os.listdir(desk.folder) == ["waving.gif"]  # noqa: PTH208
    page.locator(".fold").click()
    page.locator(".panel").get_by_role("checkbox", name="animation").check()
    assert desk.compress()["written"] == 1
    expect(desk.line("waving.gif")).to_contain_text("without: animation")
    assert (desk.folder / "waving_compressed.jpg").exists()


def test_a_format_that_is_only_read_says_so_before_the_run(real):
    desk = real()
    desk.paste(desk.write("old.bmp", images.bmp_bytes(images.photo(64, 48))))
    line = desk.line("old.bmp")
    expect(line.locator(".cell-size")).to_contain_text("kept")
    expect(line.locator(".badge.warn")).to_have_text("choose a format")
    desk.page.locator(".panel").get_by_role("radio", name="WebP").check()
    expect(line.locator(".cell-size")).to_contain_text("~")
    expect(line.locator(".badge.warn")).to_have_count(0)


def test_what_is_done_is_told_kindly_and_its_result_stays(real):
    desk = real()
    page = desk.page
    desk.paste(*few(desk))
    desk.compress()
    page.get_by_role("button", name="Dismiss").first.click()  # it is shown with the result
    result = page.locator(".total").text_content()
    page.locator("#compress .foot .primary").click()
    expect(page.locator(".toast.info")).to_contain_text("Everything here is done at these settings.")
    expect(page.locator(".total")).to_have_text(result)


def test_drops_and_dialogs_add_and_rows_are_sorted_found_shown_and_removed(real):
    desk = real()
    page = desk.page
    paths = few(desk)
    desk.lay(files=[paths[0]], folder=desk.folder / "Ünter", dropped=[desk.write("b.png", paths[1].read_bytes()[:500])])
    page.get_by_role("button", name="Choose files…").click()
    expect(page.locator("#compress h1")).to_have_text("1 picture")
    page.get_by_role("button", name="Folder", exact=True).click()
    expect(page.locator("#compress h1")).to_have_text("3 pictures")
    page.evaluate("dispatchEvent(new DragEvent('dragover', {cancelable: true}))")
    expect(page.locator("#drop")).to_be_visible()
    page.evaluate("dispatchEvent(new DragEvent('drop', {cancelable: true}))")
    expect(page.locator("#drop")).to_be_hidden()
    expect(page.locator("#compress h1")).to_have_text("4 pictures")
    names = page.locator(".rows .row .name")
    page.get_by_role("button", name="Size").click()
    sizes = sorted(((Path(row["folder"]) / row["name"]).stat().st_size, row["name"]) for row in desk.rows())
    expect(names).to_have_text([name for _, name in reversed(sizes)])
    page.get_by_role("button", name="Size").click()
    expect(names).to_have_text([name for _, name in sizes])
    page.get_by_placeholder("Find").fill("ünter")
    expect(names).to_have_count(2)
    page.get_by_placeholder("Find").fill("nothing like it")
    expect(page.locator(".none")).to_have_text("No picture matches.")
    page.get_by_placeholder("Find").fill("window")
    desk.line("window.png").hover()
    desk.line("window.png").get_by_role("button", name="Show window.png in its folder").click()
    until(lambda: desk.plume.shell.revealed[-1:] == [paths[1]])
    desk.line("window.png").get_by_role("button", name="Remove window.png").click()
    expect(page.locator("#compress h1")).to_have_text("3 pictures")
    page.get_by_placeholder("Find").fill("")
    page.locator("#list").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.locator(".zone")).to_be_visible()
    assert paths[1].exists()


def test_only_the_chosen_rows_are_compressed(real):
    desk = real()
    desk.paste(*few(desk))
    desk.line("shore & sea.jpg").click()
    desk.line("spitfire.webp").click(modifiers=["Control"])
    desk.page.get_by_role("button", name="Compress these").click()
    desk.await_event("batch_finished")
    assert desk.row("window.png")["state"] == "waiting"
    assert desk.row("shore & sea.jpg")["state"] == "written"


def test_what_cannot_be_added_is_a_sentence(real):
    desk = real()
    desk.page.evaluate(
        """(text) => { const data = new DataTransfer(); data.setData('text/plain', text);
        dispatchEvent(new ClipboardEvent('paste', {clipboardData: data})); }""",
        os.fspath(desk.folder / "never there.png"),
    )
    expect(desk.page.locator(".toast")).to_contain_text("never there.png")
    expect(desk.page.locator(".toast")).to_contain_text("There is nothing at this path")


def test_what_is_pasted_before_the_page_is_whole_is_not_lost(real):
    desk = real()
    path = desk.write("early.png", images.png_bytes(images.photo(90, 60)))
    desk.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { const data = new DataTransfer();"
        f" data.setData('text/plain', {os.fspath(path)!r}); dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData: data})); })"
    )
    desk.page.reload()
    expect(desk.line("early.png")).to_be_visible()
