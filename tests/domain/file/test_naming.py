from __future__ import annotations

import itertools
import os
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.file.naming import (
    MAX_NAME_BYTES,
    OutputPolicy,
    candidates,
    is_staged_name,
    staged_name,
)
from plume_app.domain.file.siblings import Siblings, name_key, siblings_of
from plume_app.domain.shared.errors import InvalidRequest

EXTENSIONS = {"png": ("png", "apng"), "jpeg": ("jpg", "jpeg", "jpe"), "webp": ("webp",), "gif": ("gif",)}
OUT = OutputPolicy("folder", folder=Path("/out"))
BESIDE = OutputPolicy()
IN_PLACE = OutputPolicy("in_place")
NAMES = {
    "space": b"a b.jpg",
    "quotes": b'it\'s "x".jpg',
    "percent": b"100%.jpg",
    "hash": b"#1.jpg",
    "emoji": "\N{GRINNING FACE}.jpg".encode(),
    "newline": b"a\nb.jpg",
    "leading dash": b"-rf.jpg",
    "right to left": "\u05e9\u05dc\u05d5\u05dd.jpg".encode(),
    "decomposed": "e\u0301.jpg".encode(),
    "not utf-8": b"\xff\xfe caf\xe9.jpg",
    "trailing space": b"a .jpg",
    "dots": b"a..b...jpg",
    "backslash": b"a\\b.jpg",
    "dollar": b"$(rm x);`ls`.jpg",
}


def target_path(
    source: Path,
    *,
    root: Path | None,
    policy: OutputPolicy,
    input_format: str,
    output_format: str,
    siblings: Siblings,
    taken: Callable[[Path], bool] = lambda _path: False,
) -> Path:
    """The first of `candidates` that is not `taken`; the one name there is within a format in place."""
    found = candidates(
        source,
        root=root,
        policy=policy,
        input_format=input_format,
        output_format=output_format,
        extensions=EXTENSIONS,
        siblings=siblings if input_format != output_format else Siblings(),
    )
    if policy.policy == "in_place" and input_format == output_format:
        return next(found)
    return next(path for path in found if not taken(path))


def name_of(
    source: str,
    policy: OutputPolicy,
    output_format: str = "webp",
    *,
    input_format: str = "png",
    root: str | None = None,
    beside: Iterable[str] = (),
    taken: Callable[[Path], bool] = lambda _path: False,
) -> str:
    path = Path(source)
    names = {path.name, *beside}
    return str(
        target_path(
            path,
            root=None if root is None else Path(root),
            policy=policy,
            input_format=input_format,
            output_format=output_format,
            siblings=siblings_of(names, EXTENSIONS),
            taken=taken,
        )
    )


@pytest.mark.parametrize(
    ("policy", "output_format", "expected"),
    [
        (BESIDE, "png", "/in/sub/a_compressed.png"),
        (BESIDE, "webp", "/in/sub/a_compressed.webp"),
        (OUT, "png", "/out/sub/a.png"),
        (OUT, "webp", "/out/sub/a.webp"),
        (OUT, "jpeg", "/out/sub/a.jpg"),
        (IN_PLACE, "png", "/in/sub/a.png"),
        (IN_PLACE, "webp", "/in/sub/a.webp"),
    ],
)
def test_each_policy_gives_its_name(policy: OutputPolicy, output_format: str, expected: str) -> None:
    assert name_of("/in/sub/a.png", policy, output_format, root="/in") == expected


def test_a_file_named_directly_lands_directly_under_the_output_folder() -> None:
    assert name_of("/in/sub/a.png", OUT, "png") == "/out/a.png"


@pytest.mark.parametrize("policy", [BESIDE, OUT, IN_PLACE], ids=lambda policy: policy.policy)
def test_t33_a_jpeg_named_png_keeps_its_name_within_the_format(policy: OutputPolicy) -> None:
    name = name_of("/in/a.png", policy, "jpeg", input_format="jpeg")

    assert name.endswith(".png")


def test_a_conversion_of_a_misnamed_file_in_place_may_keep_the_name() -> None:
    assert name_of("/in/a.png", IN_PLACE, "png", input_format="jpeg", beside=["b.png"]) == "/in/a.png"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("trip.2023", "trip.2023.webp"),  # no picture's extension, so it belongs to the name
        ("photo", "photo.webp"),
        (".png", ".png.webp"),
        ("a.PNG", "a.webp"),
        ("a.tar.png", "a.tar.webp"),
        ("..png", "..png.webp"),
        ("a.", "a..webp"),
    ],
)
def test_a_conversion_changes_only_the_extension_of_a_picture(source: str, expected: str) -> None:
    assert name_of(f"/in/{source}", OUT) == f"/out/{expected}"


def test_a_file_without_extension_keeps_its_name_within_the_format() -> None:
    assert name_of("/in/photo", OUT, "png") == "/out/photo"
    assert name_of("/in/photo", BESIDE, "png") == "/in/photo_compressed"


@pytest.mark.parametrize("other", ["a.jpg", "A.JPG", "a.webp", "a", "a.gif"])
def test_t08_the_extension_joins_the_stem_when_a_neighbour_could_want_the_name(other: str) -> None:
    assert name_of("/in/a.png", OUT, beside=[other]) == "/out/a.png.webp"
    assert name_of("/in/a.png", BESIDE, beside=[other]) == "/in/a.png_compressed.webp"


@pytest.mark.parametrize("other", ["a.txt", "b.jpg", "aa.jpg", "a_compressed.webp", "a-2.jpg"])
def test_a_neighbour_with_another_stem_changes_nothing(other: str) -> None:
    assert name_of("/in/a.png", OUT, beside=[other]) == "/out/a.webp"


def test_t08_a_neighbour_in_the_other_unicode_form_counts_as_the_same_name() -> None:
    assert name_of("/in/e\u0301.png", OUT, beside=["\u00e9.jpg"]) == "/out/e\u0301.png.webp"


def test_t08_a_joined_name_that_a_neighbour_has_already_is_passed_over() -> None:
    name = name_of("/in/a.png", BESIDE, beside=["a.jpg", "a.png.webp"])

    assert name == "/in/a.png_compressed-2.webp"


def test_the_name_does_not_depend_on_what_was_converted_in_place_before() -> None:
    before = name_of("/in/a.jpg", IN_PLACE, input_format="jpeg", beside=["a.png"])
    after = name_of("/in/a.jpg", IN_PLACE, input_format="jpeg", beside=["a.png.webp"])

    assert before == after == "/in/a.jpg.webp"


def test_t09_a_name_taken_by_a_stranger_is_passed_over() -> None:
    for policy, choices in {
        BESIDE: ["/in/a_compressed.webp", "/in/a.png_compressed.webp", "/in/a.png_compressed-2.webp"],
        IN_PLACE: ["/in/a.webp", "/in/a.png.webp", "/in/a.png-2.webp", "/in/a.png-3.webp"],
    }.items():
        for number, choice in enumerate(choices):
            there = {Path(path) for path in choices[:number]}
            assert name_of("/in/a.png", policy, taken=there.__contains__) == choice


def test_t08_files_of_one_name_from_two_folders_both_get_a_place() -> None:
    first, second = (
        name_of(f"/{folder}/a.png", OUT, "png", taken=lambda path: path == Path("/out/a.png")) for folder in "xy"
    )

    assert first != second
    assert Path(first).parent == Path(second).parent == Path("/out")
    assert first.startswith("/out/a-")
    assert first.endswith(".png")


def test_in_place_within_the_format_asks_nobody_whether_the_name_is_taken() -> None:
    assert name_of("/in/a.png", IN_PLACE, "png", taken=lambda _path: True) == "/in/a.png"


def test_an_output_folder_that_is_the_source_folder_never_gives_the_source() -> None:
    name = name_of("/out/a.png", OUT, "png")

    assert name != "/out/a.png"
    assert name.startswith("/out/a-")


@pytest.mark.parametrize("source", ["/elsewhere/a.png", "/in/../a.png", "/in/sub/../../etc/a.png"])
def test_nothing_leaves_the_output_folder(source: str) -> None:
    with pytest.raises(InvalidRequest):
        name_of(source, OUT, "png", root="/in")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_t37_odd_names_come_through_byte_for_byte(name: bytes) -> None:
    source = os.fsdecode(b"/in/" + name)

    assert os.fsencode(name_of(source, OUT, "jpeg", input_format="jpeg")) == b"/out/" + name
    assert os.fsencode(name_of(source, OUT, input_format="jpeg")) == b"/out/" + name[:-4] + b".webp"
    assert os.fsencode(name_of(source, BESIDE, "jpeg", input_format="jpeg")) == (
        b"/in/" + name[:-4] + b"_compressed.jpg"
    )


@pytest.mark.parametrize("character", ["a", "\N{GRINNING FACE}", "\u00e9", "\udcff"])
def test_t37_a_name_of_the_longest_length_still_gets_a_suffix(character: str) -> None:
    room = (MAX_NAME_BYTES - 4) // len(os.fsencode(character))
    sources = [f"/in/{character * (room - 1)}{end}.png" for end in "12"]

    names = [os.fsencode(Path(name_of(source, BESIDE, "png")).name) for source in sources]

    assert all(len(name) <= MAX_NAME_BYTES and name.endswith(b"_compressed.png") for name in names)
    assert names[0] != names[1]
    if character != "\udcff":
        assert all(name.decode("utf-8") for name in names)


@pytest.mark.parametrize("suffix", ["", "a/b", "\0", ".", "..", "x" * 101, "\ud800", 7])
def test_a_suffix_that_cannot_be_one_is_refused(suffix: str) -> None:
    with pytest.raises(InvalidRequest):
        OutputPolicy(suffix=suffix)


@pytest.mark.parametrize(
    ("policy", "folder"), [("folder", None), ("suffix", Path("/o")), ("in_place", Path("/o")), ("x", None)]
)
def test_a_policy_without_its_folder_is_refused(policy: str, folder: Path | None) -> None:
    with pytest.raises(InvalidRequest):
        OutputPolicy(policy, folder=folder)


def test_an_unknown_output_format_is_a_bug() -> None:
    with pytest.raises(ValueError, match="avif"):
        name_of("/in/a.png", OUT, "avif")


def test_a_staged_name_is_hidden_short_beside_its_target_and_known_again() -> None:
    staged = staged_name(Path("/out") / ("x" * 255), "12-ab_C")

    assert staged == Path("/out/.plume-12-ab_C.tmp")
    assert is_staged_name(staged.name)
    assert not is_staged_name("plume-1.tmp")
    assert not is_staged_name(".plume-1.tmp.jpg")


@pytest.mark.parametrize("token", ["", "a/b", "..", "a" * 65, "\u00e9"])
def test_a_token_that_is_no_part_of_a_name_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        staged_name(Path("/out/a.png"), token)


stems = st.sampled_from(
    ["a", "A", "b", "a.png", "a.png-2", "\u00e9", "e\u0301", "a_compressed", "a" * 252, ".h", "a.b"]
)
image_names = st.builds(lambda stem, ext: stem + ext, stems, st.sampled_from(["", ".png", ".PNG", ".jpg", ".webp"]))
sources = st.lists(
    st.tuples(st.sampled_from(["", "s", "s/t"]), image_names.filter(lambda name: len(os.fsencode(name)) <= 255)),
    min_size=1,
    max_size=9,
    unique=True,
)


def format_of(path: Path) -> str:
    return {".jpg": "jpeg", ".webp": "webp"}.get(path.suffix.lower(), "png")


def first_choices(paths: list[Path], policy: OutputPolicy, output_format: str) -> dict[Path, Path]:
    """What a run in this order gives, when nothing was there before."""
    beside: dict[Path, Siblings] = {
        folder: siblings_of([path.name for path in paths if path.parent == folder], EXTENSIONS)
        for folder in {path.parent for path in paths}
    }
    given: dict[Path, Path] = {}
    for path in paths:
        found = format_of(path)
        given[path] = target_path(
            path,
            root=Path("/in"),
            policy=policy,
            input_format=found,
            output_format=found if output_format == "keep" else output_format,
            siblings=beside[path.parent],
        )
    return given


@given(sources, st.sampled_from([OUT, BESIDE]), st.sampled_from(["keep", "webp", "jpeg"]), st.integers(0, 99))
def test_t08_every_input_has_a_name_of_its_own_whatever_the_order(
    chosen: list[tuple[str, str]], policy: OutputPolicy, output_format: str, seed: int
) -> None:
    paths = [Path("/in", folder, name) for folder, name in chosen]
    shuffled = random.Random(seed).sample(paths, len(paths))

    names = first_choices(paths, policy, output_format)

    assert names == first_choices(shuffled, policy, output_format)
    assert len(set(names.values())) == len(paths)
    top = Path("/out") if policy is OUT else Path("/in")
    for source, target in names.items():
        assert target != source
        assert target.is_relative_to(top)
        assert ".." not in target.parts
        assert len(os.fsencode(target.name)) <= MAX_NAME_BYTES


@given(sources, st.sampled_from([OUT, BESIDE]), st.sampled_from(["keep", "webp"]))
def test_t08_on_a_disk_that_ignores_case_nothing_is_overwritten(
    chosen: list[tuple[str, str]], policy: OutputPolicy, output_format: str
) -> None:
    paths = [Path("/in", folder, name) for folder, name in chosen]
    there = {name_key(str(path)) for path in paths} if policy is BESIDE else set()
    for path in paths:
        found = format_of(path)
        target = target_path(
            path,
            root=Path("/in"),
            policy=policy,
            input_format=found,
            output_format=found if output_format == "keep" else output_format,
            siblings=siblings_of([one.name for one in paths if one.parent == path.parent], EXTENSIONS),
            taken=lambda target: name_key(str(target)) in there,
        )
        assert name_key(str(target)) not in there
        there.add(name_key(str(target)))


def test_the_choices_never_end_and_never_repeat() -> None:
    for policy in (OUT, BESIDE):
        found = candidates(
            Path("/in/a.png"),
            root=None,
            policy=policy,
            input_format="png",
            output_format="webp",
            extensions=EXTENSIONS,
            siblings=Siblings(),
        )
        first = list(itertools.islice(found, 500))
        assert len(set(first)) == 500
        assert len({path.parent for path in first}) == 1
