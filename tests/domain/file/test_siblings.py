from __future__ import annotations

import pytest

from plume_app.domain.file.siblings import Siblings, known_extensions, name_key, origin_keys, siblings_of, split_name

EXTENSIONS = {"png": ("png",), "jpeg": ("jpg", "jpeg"), "webp": ("webp",)}
KNOWN = known_extensions(EXTENSIONS)


def test_names_that_differ_in_case_or_unicode_form_have_one_key() -> None:
    assert name_key("\u00c9T\u00c9.PNG") == name_key("e\u0301te\u0301.png")
    assert name_key("a") != name_key("b")


def test_only_a_known_extension_is_split_off() -> None:
    assert split_name("a.JPG", KNOWN) == ("a", "JPG")
    assert split_name("a.txt", KNOWN) == ("a.txt", "")
    assert split_name(".png", KNOWN) == (".png", "")


def test_one_file_of_each_stem_shares_nothing() -> None:
    assert siblings_of(["a.png", "b.jpg", "notes.txt", "a.txt"], EXTENSIONS) == Siblings()


def test_files_of_one_stem_share_it_whatever_their_order() -> None:
    assert siblings_of(["a.png", "A.jpeg"], EXTENSIONS) == siblings_of(["A.jpeg", "a.png"], EXTENSIONS)
    assert siblings_of(["a.png", "A.jpeg"], EXTENSIONS).shared == {"a"}


def test_a_joined_name_beside_its_source_counts_once() -> None:
    found = siblings_of(["a.png", "a.png.webp"], EXTENSIONS)

    assert found == Siblings(frozenset(), frozenset({"a.png"}))


def test_a_joined_name_stands_for_its_missing_source() -> None:
    assert siblings_of(["a.jpg", "a.png.webp"], EXTENSIONS).shared == {"a"}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("a_compressed.jpg", ("a",)),
        ("a_compressed-2.jpg", ("a",)),
        ("a_compressed-0a1b2c-3.jpg", ("a",)),
        ("a.png_compressed.webp", ("a.png", "a")),
        ("a_compressed", ("a",)),
        ("a.jpg", ()),
        ("_compressed.jpg", ()),
        ("a_compressed_more.jpg", ()),
    ],
)
def test_the_original_of_a_result_is_told_from_its_name(name: str, keys: tuple[str, ...]) -> None:
    assert origin_keys(name, "_compressed", KNOWN) == keys
