from __future__ import annotations

from plume_app.jobs.pictures import Pictures


def test_a_picture_is_found_by_its_id_which_is_of_its_content() -> None:
    pictures = Pictures(1000)
    name = pictures.put(b"abc", "image/png")

    assert pictures.get(name) == (b"abc", "image/png")
    assert pictures.put(b"abc", "image/png") == name
    assert pictures.get("../../etc/passwd") is None


def test_pictures_are_bounded_and_the_least_wanted_goes_first() -> None:
    pictures = Pictures(250)
    first, second = pictures.put(b"a" * 100, "image/png"), pictures.put(b"b" * 100, "image/png")
    pictures.get(first)
    third = pictures.put(b"c" * 100, "image/png")

    assert [one in pictures for one in (first, second, third)] == [True, False, True]


def test_one_picture_is_held_however_large_it_is() -> None:
    pictures = Pictures(10)
    name = pictures.put(b"a" * 100, "image/png")

    assert name in pictures
