from __future__ import annotations

import os
import random
import socket
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from plume_app.domain.file.found import Candidate, Found, Ignored, Problem, Scan
from plume_app.domain.file.naming import staged_name
from plume_app.domain.file.scan import scan
from processes import as_nobody

EXTENSIONS = frozenset({"png", "jpg", "jpeg", "webp"})
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def known(head: bytes) -> bool:
    return head.startswith(b"\x89PNG")


WANTED = Scan(EXTENSIONS, known)


def make(folder: Path, *names: str, data: bytes = PNG) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def taken(found: Iterable[Found], below: Path) -> list[str]:
    return [str(one.path.relative_to(below)) for one in found if isinstance(one, Candidate)]


def left(found: Iterable[Found], below: Path) -> dict[str, str]:
    return {str(one.path.relative_to(below)): one.reason for one in found if isinstance(one, Ignored)}


def codes(found: Iterable[Found]) -> list[str]:
    return [one.error.code for one in found if isinstance(one, Problem)]


def test_a_folder_gives_its_pictures_and_says_what_it_left(tmp_path: Path) -> None:
    make(tmp_path, "b.PNG", "a.jpg", "notes.txt", "sub/c.webp", ".hidden.png", ".git/d.png", "sub/e.JPEG", "a.tar")

    found = list(scan([tmp_path], WANTED))

    assert taken(found, tmp_path) == ["a.jpg", "b.PNG", "sub/c.webp", "sub/e.JPEG"]
    assert left(found, tmp_path) == {
        "notes.txt": "extension",
        ".hidden.png": "hidden",
        ".git": "hidden",
        "a.tar": "extension",
    }
    assert not codes(found)


def test_a_candidate_carries_its_root_size_and_date(tmp_path: Path) -> None:
    make(tmp_path, "sub/a.png")
    os.utime(tmp_path / "sub/a.png", ns=(5, 1_234_567_890_123_456_789))

    assert list(scan([tmp_path], WANTED)) == [
        Candidate(
            path=tmp_path / "sub/a.png",
            root=tmp_path,
            real_path=tmp_path / "sub/a.png",
            size=len(PNG),
            mtime_ns=1_234_567_890_123_456_789,
        )
    ]


def test_a_file_without_extension_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    make(tmp_path, "picture", "folder.d/picture")
    make(tmp_path, "Makefile", "empty", data=b"")
    make(tmp_path, "trip.2023")

    found = list(scan([tmp_path], WANTED))

    assert taken(found, tmp_path) == ["picture", "folder.d/picture"]


@pytest.mark.parametrize("name", ["text.txt", ".hidden.png", ".plume-1.tmp", "trip.2023", "empty"])
def test_a_named_file_is_always_tried(tmp_path: Path, name: str) -> None:
    make(tmp_path, name)

    (found,) = scan([tmp_path / name], WANTED)

    assert isinstance(found, Candidate)
    assert found.root is None


def test_staged_files_are_never_walked(tmp_path: Path) -> None:
    make(tmp_path, "a.png", staged_name(tmp_path / "a.png", "7-x").name)

    found = list(scan([tmp_path], WANTED))

    assert taken(found, tmp_path) == ["a.png"]
    assert list(left(found, tmp_path).values()) == ["staged"]


def test_t11_results_beside_their_originals_are_never_walked(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "a_compressed.png", "a_compressed-2.png", "b.jpg", "b_compressed.webp", "x_compressed.png")
    make(tmp_path, "c.png", "c.jpg", "c.png_compressed.webp")
    wanted = Scan(EXTENSIONS, known, suffix="_compressed")

    found = list(scan([tmp_path], wanted))

    # x has no original here: as far as anybody can tell it is a picture of the user's
    assert taken(found, tmp_path) == ["a.png", "b.jpg", "c.jpg", "c.png", "x_compressed.png"]


def test_t11_recorded_results_are_never_walked(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "small/a.png", "link/a.png")
    (tmp_path / "way").symlink_to(tmp_path / "small")
    wanted = Scan(EXTENSIONS, known, is_own_result=lambda path: path == tmp_path / "small/a.png")

    assert taken(scan([tmp_path], wanted), tmp_path) == ["a.png", "link/a.png"]
    assert taken(scan([tmp_path / "way"], wanted), tmp_path) == []


@pytest.mark.parametrize("exists", [True, False])
def test_t11_the_output_folder_is_never_walked_even_if_it_appears_meanwhile(tmp_path: Path, exists: bool) -> None:
    make(tmp_path, "a.png", "b.png", "z/b.png")
    wanted = Scan(EXTENSIONS, known, output_folder=tmp_path / "z/../small")
    if exists:
        make(tmp_path, "small/old.png")
    found: list[Found] = []
    for one in scan([tmp_path], wanted):
        found.append(one)
        make(tmp_path, "small/a.png", "small/deep/b.png")

    assert taken(found, tmp_path) == ["a.png", "b.png", "z/b.png"]


@pytest.mark.parametrize("named", [".", "data", "data/undo", "data/undo/9f", "link"])
def test_t01_what_is_kept_for_undo_is_never_walked(tmp_path: Path, named: str) -> None:
    make(tmp_path, "a.png", "data/b.png", "data/undo/9f/9fe0.png", "data/undoing/c.png")
    (tmp_path / "link").symlink_to(tmp_path / "data/undo")
    wanted = Scan(EXTENSIONS, known, undo_store=tmp_path / "link")

    found = list(scan([tmp_path / named], wanted))

    assert not any("9fe0.png" in path for path in taken(found, tmp_path))
    assert "undo_store" in left(found, tmp_path).values()
    assert len(taken(found, tmp_path)) == {".": 3, "data": 2}.get(named, 0)


def test_t53_links_in_a_walk_are_left_and_named_links_are_tried(tmp_path: Path) -> None:
    make(tmp_path, "in/a.png", "out/b.png")
    (tmp_path / "in/link.png").symlink_to("a.png")
    (tmp_path / "in/away.png").symlink_to(tmp_path / "out/b.png")
    (tmp_path / "in/folder").symlink_to(tmp_path / "out")
    (tmp_path / "in/up").symlink_to(tmp_path)

    found = list(scan([tmp_path / "in"], WANTED))

    assert taken(found, tmp_path) == ["in/a.png"]
    assert set(left(found, tmp_path).values()) == {"link"}
    (named,) = scan([tmp_path / "in/away.png"], WANTED)
    assert isinstance(named, Candidate)
    assert (named.path, named.real_path) == (tmp_path / "in/away.png", tmp_path / "out/b.png")
    (walked,) = scan([tmp_path / "in/folder"], WANTED)
    assert isinstance(walked, Candidate)
    assert (walked.path, walked.real_path) == (tmp_path / "in/folder/b.png", tmp_path / "out/b.png")


@pytest.mark.parametrize("seed", range(4))
def test_t53_overlapping_arguments_give_each_file_once_in_one_order(tmp_path: Path, seed: int) -> None:
    make(tmp_path, "p/a.png", "p/s/b.png", "p/s/e.png", "p/.h/c.png", "q/d.png", "p/t.txt")
    (tmp_path / "alias").symlink_to(tmp_path / "p")
    (tmp_path / "one.png").symlink_to(tmp_path / "q/d.png")
    arguments = [
        tmp_path / name for name in ("p", "p/s", "p/s/b.png", "p/../p/a.png", "p/.h", "q", "q/d.png", "p/t.txt")
    ]
    arguments += [tmp_path / "alias", tmp_path / "alias/a.png", tmp_path / "one.png", tmp_path / "p"]
    random.Random(seed).shuffle(arguments)

    found = list(scan(arguments, WANTED))

    real = [one.real_path for one in found if isinstance(one, Candidate)]
    assert len(set(real)) == len(real) == 6
    assert found == list(scan(sorted(arguments), WANTED))


def test_t53_two_hard_links_are_two_files(tmp_path: Path) -> None:
    make(tmp_path, "a.png")
    os.link(tmp_path / "a.png", tmp_path / "b.png")

    assert taken(scan([tmp_path], WANTED), tmp_path) == ["a.png", "b.png"]


@pytest.mark.parametrize("place", ["s/b.png", "s/text.txt", "s/.h.png"])
def test_a_named_file_in_a_named_folder_keeps_its_place_in_the_tree(tmp_path: Path, place: str) -> None:
    make(tmp_path, place)

    (found,) = (one for one in scan([tmp_path, tmp_path / place], WANTED) if isinstance(one, Candidate))

    assert (found.path, found.root) == (tmp_path / place, tmp_path)


@pytest.mark.parametrize("prepare", [lambda _path: None, lambda path: path.symlink_to(path.with_name("gone"))])
def test_a_missing_path_is_told_and_the_others_are_given(tmp_path: Path, prepare: Callable[[Path], None]) -> None:
    make(tmp_path, "a.png")
    prepare(tmp_path / "missing.png")

    found = list(scan([tmp_path / "missing.png", tmp_path / "a.png"], WANTED))

    assert codes(found) == ["source_missing"]
    assert [one.error.facts for one in found if isinstance(one, Problem)] == [{"what": "named"}]
    assert taken(found, tmp_path) == ["a.png"]


def test_links_in_a_ring_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")

    assert codes(scan([tmp_path / "a.png"], WANTED)) == ["source_unreadable"]


def test_pipes_sockets_and_devices_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe")
    os.mkfifo("pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")

        found = list(scan([tmp_path], WANTED))

    assert taken(found, tmp_path) == []
    assert set(left(found, tmp_path).values()) == {"special"}
    assert codes(scan([tmp_path / "pipe.png", Path("/dev/null")], WANTED)) == ["source_unreadable"] * 2


def test_t39_a_folder_that_may_not_be_read_is_told_and_the_walk_goes_on(shared_path: Path) -> None:
    make(shared_path, "a/x.png", "b/y.png", "c/z.png")
    (shared_path / "b").chmod(0)

    def look() -> None:
        found = list(scan([shared_path], WANTED))
        assert taken(found, shared_path) == ["a/x.png", "c/z.png"]
        assert codes(found) == ["source_unreadable"]

    as_nobody(look)
    (shared_path / "b").chmod(0o755)


@pytest.mark.parametrize(
    "name",
    [b"a b.png", b"a'\".png", b"100%.png", b"-rf.png", b"a\nb.png", b"\xff\xe9.png", "\N{GRINNING FACE}.png".encode()],
)
def test_t37_odd_names_are_files_like_any_other(tmp_path: Path, name: bytes) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    path.write_bytes(PNG)

    (walked,) = scan([tmp_path], WANTED)
    (named,) = scan([path], WANTED)

    assert isinstance(walked, Candidate)
    assert isinstance(named, Candidate)
    assert os.fsencode(walked.path.name) == os.fsencode(named.path.name) == name


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "s/a.png")
    monkeypatch.chdir(tmp_path / "s")

    for path in (Path("a.png"), Path("../s/a.png"), Path()):
        (found,) = scan([path], WANTED)
        assert found.path == tmp_path / "s/a.png"


def test_a_deep_tree_is_walked_to_its_end(tmp_path: Path) -> None:
    deep = "/".join("d" * 3 for _ in range(900))
    (tmp_path / deep).mkdir(parents=True)
    (tmp_path / deep / "a.png").write_bytes(PNG)

    assert taken(scan([tmp_path], WANTED), tmp_path) == [f"{deep}/a.png"]


def test_a_walk_remembers_folders_not_files(tmp_path: Path) -> None:
    for folder in range(20):
        make(tmp_path, *(f"{folder}/{name}.png" for name in range(50)), data=b"")
    held: list[int] = []
    ours = [tracemalloc.Filter(True, "*/domain/file/*"), tracemalloc.Filter(True, "*/pathlib.py")]
    tracemalloc.start()  # other threads of the test run allocate too: only what a walk makes is counted
    try:
        for number, _ in enumerate(scan([tmp_path], WANTED), start=1):
            if number in (100, 1000):
                made = tracemalloc.take_snapshot().filter_traces(ours)
                held.append(sum(trace.size for trace in made.traces))
    finally:
        tracemalloc.stop()

    assert len(held) == 2
    assert held[1] - held[0] < 100_000  # bytes; 900 candidates would be more than that


def test_results_appear_before_the_walk_is_over(tmp_path: Path) -> None:
    make(tmp_path, "a.png", "s/b.png")
    walk = scan([tmp_path], WANTED)
    next(walk)
    make(tmp_path, "s/c.png")

    assert taken(walk, tmp_path) == ["s/b.png", "s/c.png"]
