from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from plume_app.domain.file.reading import FileFacts, read_source, sha256_of, unchanged
from plume_app.domain.shared.errors import ImageTooLarge, SourceChanged, SourceMissing, SourceUnreadable
from processes import as_nobody


@pytest.mark.parametrize("size", [0, 1, 4096, 3_000_001])
def test_a_source_is_read_whole_with_its_hash(tmp_path: Path, size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    path = tmp_path / "a.png"
    path.write_bytes(data[:size])

    source = read_source(path)

    assert source.data == data[:size]
    assert source.sha256 == hashlib.sha256(data[:size]).hexdigest() == sha256_of(path)
    assert source.facts == FileFacts.of(path.stat())


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # no memory could hold it, so it was not read

    def check(size: int) -> None:
        raise ImageTooLarge(size=size, limit=10, what="file")

    with pytest.raises(ImageTooLarge) as caught:
        read_source(path, check_size=check)
    assert caught.value.facts["size"] == 1 << 40


def test_a_missing_file_a_folder_and_a_pipe_are_told_and_nothing_hangs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "file").touch()
    for name, error in {
        "gone.png": SourceMissing,
        "file/a.png": SourceMissing,
        "pipe.png": SourceUnreadable,
        ".": SourceUnreadable,
    }.items():
        with pytest.raises(error):
            read_source(tmp_path / name)


def test_t39_a_file_without_permission_is_told(shared_path: Path) -> None:
    path = shared_path / "a.png"
    path.write_bytes(b"secret")
    path.chmod(0)

    def look() -> None:
        with pytest.raises(SourceUnreadable):
            read_source(path)

    as_nobody(look)


@pytest.mark.parametrize("size", [1, 99, 101, 200])
def test_t52_a_source_that_changes_while_it_is_read_is_told(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x" * 100)

    with pytest.raises(SourceChanged):
        read_source(path, check_size=lambda _: path.write_bytes(b"y" * size) and None)


def test_reading_follows_a_link(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "link.png").symlink_to("a.png")

    assert read_source(tmp_path / "link.png").facts == read_source(tmp_path / "a.png").facts


def test_an_untouched_file_is_unchanged_and_a_missing_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    source = read_source(path)

    assert unchanged(path, source.facts)
    path.unlink()
    assert not unchanged(path, source.facts)


def test_a_change_of_permissions_is_settled_by_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    source = read_source(path)
    path.chmod(0o600 if path.stat().st_mode & 0o77 else 0o644)

    assert not unchanged(path, source.facts)
    assert unchanged(path, source.facts, sha256=source.sha256)


def test_t52_a_writer_that_sets_the_dates_back_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    source = read_source(path)
    path.write_bytes(b"y")
    os.utime(path, ns=(source.facts.mtime_ns, source.facts.mtime_ns))

    assert not unchanged(path, source.facts)
    assert not unchanged(path, source.facts, sha256=source.sha256)


def test_a_link_that_took_the_place_of_a_file_is_a_change_unless_links_are_followed(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    facts = read_source(path).facts
    (tmp_path / "link").symlink_to(path)

    assert not unchanged(tmp_path / "link", facts)
    assert unchanged(tmp_path / "link", facts, follow_links=True)
