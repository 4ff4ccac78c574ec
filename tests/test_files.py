from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plume_app.domain.file.found import Candidate
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import Traits
from plume_app.domain.shared.errors import InvalidRequest
from plume_app.files import SORTS, Files, row_of
from plume_app.wire import Filter

ALL = Filter()


def candidate(name: str, size: int = 10, folder: str = "/in") -> Candidate:
    path = Path(folder) / name
    return Candidate(path, None, path, size, 0)


def filled(count: int) -> Files:
    files = Files()
    order = random.Random(7)
    files.add(
        candidate(f"IMG_{order.randrange(10**6):06}_{n}.jpg", order.randrange(10**7), f"/in/{n % 50}")
        for n in range(count)
    )
    return files


def names(files: Files, sort: str = "added", wanted: Filter = ALL, offset: int = 0, limit: int = 100) -> list[str]:
    return [Path(one.path).name for one in files.window(offset, limit, sort, wanted)[0]]


def test_the_same_resolved_path_twice_is_one_row() -> None:
    files = Files()
    link = Candidate(Path("/in/link.jpg"), None, Path("/in/a.jpg"), 10, 0)

    assert files.add([candidate("a.jpg"), link, candidate("a.jpg")]) == [1]
    assert files.add([link]) == []
    assert files.summary().files == 1


def test_a_removed_file_can_be_added_again_and_gets_a_new_id() -> None:
    files = Files()
    files.add([candidate("a.jpg")])
    files.remove()

    assert files.add([candidate("a.jpg")]) == [2]


def test_the_list_takes_no_more_than_it_may() -> None:
    files = Files(max_files=3)

    assert len(files.add(candidate(f"{n}.jpg") for n in range(10))) == 3
    assert files.is_full
    files.remove([1])
    assert files.add([candidate("x.jpg")]) == [4]


def test_rows_at_work_are_not_removed() -> None:
    files = filled(3)
    files.update(files.get(2), state="encoding")

    files.remove()

    assert [one.id for one in files.all()] == [2]


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_every_order_shows_every_row_once_and_backwards_is_backwards(sort: str) -> None:
    files = filled(200)
    for entry in files.all()[::3]:
        files.update(entry, state="written", compressed_size=entry.size // 2, savings_percent=50.0)
    column = sort.removeprefix("-")

    forward = [one.id for one in files.window(0, 1000, column, ALL)[0]]
    backward = [one.id for one in files.window(0, 1000, f"-{column}", ALL)[0]]

    assert sorted(forward) == list(range(1, 201))
    assert backward == forward[::-1]


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_an_order_that_was_kept_is_the_one_that_a_new_list_would_have(sort: str) -> None:
    files = filled(60)
    files.window(0, 10, sort, ALL)
    files.remove([3, 17, 60])
    files.add(candidate(f"late{n}.png", n * 1000) for n in range(20))
    for entry in files.all()[::4]:
        files.update(entry, state="kept", compressed_size=entry.size, savings_percent=0.0)
    seen = [one.id for one in files.window(0, 1000, sort, ALL)[0]]

    other = sort.removeprefix("-")
    fresh = sorted(files.all(), key=lambda one: one.id)
    by = {
        "added": lambda one: one.id,
        "name": lambda one: one.name_key,
        "folder": lambda one: (one.folder_key, one.name_key),
        "original_size": lambda one: one.size,
        "compressed_size": lambda one: -1 if one.compressed_size is None else one.compressed_size,
        "savings_percent": lambda one: -1e9 if one.savings_percent is None else one.savings_percent,
        "input_format": lambda _: "",
        "state": lambda one: 2 if one.state == "kept" else 5,
    }[other]
    keys = [by(files.get(file_id)) for file_id in seen]
    assert sorted(seen) == [one.id for one in fresh]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_windows_side_by_side_are_the_whole_list() -> None:
    files = filled(250)

    for sort in ("name", "-name", "-original_size"):
        whole = names(files, sort, limit=1000)
        assert [one for at in range(0, 300, 100) for one in names(files, sort, offset=at)] == whole


def test_a_filter_looks_at_names_and_folders_without_case_and_at_states() -> None:
    files = Files()
    files.add([candidate("Ümlaut.PNG"), candidate("b.jpg", folder="/Urlaub"), candidate("c.jpg")])
    files.update(files.get(3), state="failed")

    assert names(files, wanted=Filter("ümlaut")) == ["Ümlaut.PNG"]
    assert names(files, wanted=Filter("URLAUB")) == ["b.jpg"]
    assert names(files, wanted=Filter("", "failed")) == ["c.jpg"]
    assert names(files, wanted=Filter("c.", "waiting")) == []
    assert files.window(0, 0, "added", Filter("jpg"))[1] == 2


def test_a_filtered_view_follows_what_changes() -> None:
    files = filled(3)
    assert files.window(0, 9, "added", Filter("", "written"))[1] == 0
    files.update(files.get(1), state="written")

    assert files.window(0, 9, "added", Filter("", "written"))[1] == 1


def test_the_numbers_follow_every_change() -> None:
    files = Files()
    files.add([candidate("a", 10), candidate("b", 20), candidate("c", 30)])
    files.update_all(files.all(), state="queued")
    files.update(files.get(1), state="written")
    files.update(files.get(2), state="failed")
    files.update(files.get(2), state="failed")
    summary = files.summary()

    assert (summary.files, summary.original_size) == (3, 60)
    assert (summary.waiting, summary.active, summary.written, summary.failed) == (0, 1, 1, 1)
    files.update(files.get(3), state="cancelled")
    files.remove([1, 3])
    assert (files.summary().files, files.summary().original_size, files.summary().failed) == (1, 20, 1)


def test_a_row_that_is_gone_is_not_changed_any_more() -> None:
    files = filled(1)
    entry = files.get(1)
    files.remove()
    files.update(entry, state="written")

    assert files.summary().written == 0


def test_what_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        Files().get(1)
    with pytest.raises(InvalidRequest):
        Files().window(0, 1, "__class__", ALL)


def test_a_picture_on_its_side_is_told_as_it_is_shown() -> None:
    files = filled(1)
    files.update(files.get(1), header=Header("jpeg", 40, 30), traits=Traits(orientation=6))
    row = row_of(files.get(1), None)

    assert (row.width, row.height) == (30, 40)


def test_names_that_are_not_utf8_or_look_like_markup_are_only_text() -> None:
    files = Files()
    files.add([candidate("<img src=x onerror=alert(1)>.png"), candidate("bad\udcff.png")])

    assert [row_of(one, None).name for one in files.all()] == ["<img src=x onerror=alert(1)>.png", "bad\udcff.png"]


def cost(deed: Callable[[], object]) -> int:
    """How many functions it calls, built-in ones too: it grows as the time does, and no busy machine disturbs it."""
    calls = 0

    def hear(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(hear)
    try:
        deed()
    finally:
        sys.setprofile(None)
    return calls


def test_scrolling_through_a_hundred_thousand_rows_costs_what_it_costs_in_a_thousand() -> None:
    small, large = filled(1000), filled(100_000)
    for files in (small, large):
        files.window(0, 100, "name", ALL)

    def scroll(files: Files) -> Callable[[], object]:
        middle = files.summary().files // 2
        return lambda: [files.window(middle, 100, sort, ALL) for sort in ("name", "-name") for _ in range(20)]

    assert cost(scroll(large)) < 2 * cost(scroll(small))


def test_ten_thousand_rows_are_added_in_time_that_grows_with_their_number_only() -> None:
    def fill(count: int) -> Callable[[], object]:
        found = [candidate(f"{n}.jpg") for n in range(count)]
        return lambda: Files().add(found)

    assert cost(fill(10_000)) < 11 * cost(fill(1000))


def test_an_order_is_not_made_anew_for_one_more_row() -> None:
    files = filled(100_000)

    def cpu_s(deed: Callable[[], object]) -> float:
        began = time.thread_time()
        deed()
        return time.thread_time() - began

    def one_more() -> None:
        files.add([candidate(f"more{files.summary().files}.jpg")])
        files.window(0, 100, "folder", ALL)

    first = cpu_s(lambda: files.window(0, 100, "folder", ALL))

    assert min(cpu_s(one_more) for _ in range(5)) < first  # what is sorted but for one row is sorted again at once


def test_a_row_whose_file_has_another_name_is_found_and_sorted_by_that() -> None:
    files = Files()
    files.add([candidate("b.png"), candidate("c.png")])
    assert [one.id for one in files.window(0, 9, "name", Filter())[0]] == [1, 2]

    files.move(files.get(1), "/in/z.webp", "/in/z.webp", ())
    files.move(files.get(2), "/in/z.webp", "/in/z.webp", ())  # that one has a row

    assert [one.path for one in files.window(0, 9, "name", Filter())[0]] == ["/in/c.png", "/in/z.webp"]
    assert files.add([candidate("z.webp"), candidate("b.png")]) == [3]
