"""In place: links, hard links, undo bit for bit."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import images
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.reading import FileFacts, read_source
from plume_app.domain.shared.errors import PlumeError, SourceChanged, TargetUnwritable
from plume_app.jobs.feeding import header_in
from plume_app.jobs.in_place import InPlace
from plume_app.jobs.items import Item, Source
from plume_app.jobs.undo import undo_batch
from processes import as_nobody
from shop import Shop, tree
from undo_world import World, sha256

PICTURE = images.jpeg_bytes(images.photo(64, 48), quality=97)
SMALLEST = compress(PICTURE, Settings()).data
IN_PLACE = OutputPolicy("in_place")
WEBP = Settings(output_format="webp")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    path = tmp_path / "photos" / "a.jpg"
    path.write_bytes(PICTURE)
    return path


@pytest.mark.parametrize("settings", [Settings(), WEBP], ids=["same format", "conversion"])
def test_undo_brings_back_bytes_mode_and_dates(settings: Settings, photo: Path, tmp_path: Path) -> None:
    photo.chmod(0o604)
    os.utime(photo, ns=(5, 1_234_567_890_123_456_789))
    shop = Shop(tmp_path / "data")
    (result,) = shop.run([photo], settings, IN_PLACE)
    assert result.status == "written"
    assert tree(photo.parent).keys() == ({"a.jpg"} if settings == Settings() else {"a.webp"})

    report = undo_batch(shop.db, shop.store)

    assert (report.restored, report.left) == (1, ())
    assert list(photo.parent.iterdir()) == [photo]
    assert photo.read_bytes() == PICTURE
    assert (photo.stat().st_mode & 0o777, photo.stat().st_mtime_ns) == (0o604, 1_234_567_890_123_456_789)


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder that other users reach, which those of the test runner are not."""
    made = Path(tempfile.mkdtemp(prefix="plume-test-")).resolve()
    made.chmod(0o777)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_t39_t53_a_read_only_original_is_refused_before_anything_is_stored(everybodys: Path) -> None:
    def work() -> None:
        world = World(everybodys)
        path = world.pictures / "a.jpg"
        path.write_bytes(PICTURE)
        path.chmod(0o444)
        read = read_source(path)
        item = Item(1, path, None, Source.of(read, header_in(read.data), None))
        with pytest.raises(TargetUnwritable) as caught:
            InPlace(world.db, world.store).keep(item, path, Source.of(read, header_in(read.data), None))
        assert caught.value.facts["problem"] == "the file is read-only"
        assert world.stored() == []

    as_nobody(work)


@pytest.mark.parametrize("result_edited", [False, True])
@pytest.mark.parametrize("why", ["changed", "read-only"])
def test_t39_an_original_that_cannot_leave_says_why_and_only_our_result_goes(
    everybodys: Path, why: str, result_edited: bool
) -> None:
    def work() -> None:
        world = World(everybodys)
        path, result = world.pictures / "a.jpg", world.pictures / "a.webp"
        path.write_bytes(b"original")
        item = Item(world.write(world.begin(), path, result, b"result", before="retire"), path)
        if why == "changed":
            path.write_bytes(b"another")
        else:
            path.chmod(0o444)
        if result_edited:
            result.write_bytes(b"edited")
        before = world.files()

        with pytest.raises(PlumeError) as caught:
            InPlace(world.db, world.store).give_way(item, result, sha256(b"result"))

        assert type(caught.value) is (SourceChanged if why == "changed" else TargetUnwritable)
        assert world.files() == (before if result_edited else {"a.jpg": before["a.jpg"]})
        assert world.stored() == []

    as_nobody(work)


def test_t53_a_link_stays_a_link_and_its_file_is_replaced(photo: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jpg"
    link.symlink_to("photos/a.jpg")
    shop = Shop(tmp_path / "data")

    (result,) = shop.run([link], output=IN_PLACE)

    assert (result.status, result.path) == ("written", link)
    assert link.readlink() == Path("photos/a.jpg")
    assert photo.read_bytes() == SMALLEST
    undo_batch(shop.db, shop.store)
    assert photo.read_bytes() == PICTURE
    assert link.is_symlink()


def test_t53_a_link_is_not_converted_in_place(photo: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jpg"
    link.symlink_to(photo)

    (result,) = Shop(tmp_path / "data").run([link], WEBP, IN_PLACE)

    assert (result.status, result.error_code) == ("failed", "target_unwritable")
    assert link.is_symlink()
    assert photo.read_bytes() == PICTURE
    assert list(photo.parent.iterdir()) == [photo]


def test_t53_the_other_name_of_a_hard_link_keeps_the_original(photo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jpg"
    os.link(photo, other)
    shop = Shop(tmp_path / "data")

    shop.run([photo], output=IN_PLACE)

    assert (photo.read_bytes(), other.read_bytes()) == (SMALLEST, PICTURE)
    other.write_bytes(b"written through the other name")  # must not reach what undo needs
    undo_batch(shop.db, shop.store)
    assert photo.read_bytes() == PICTURE


def test_a_kept_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(SMALLEST or b"")
    before = FileFacts.of(path.stat())
    shop = Shop(tmp_path / "data")

    (result,) = shop.run([path], output=IN_PLACE)

    assert (result.status, result.reason) == ("kept", "not_smaller")
    assert FileFacts.of(path.stat()) == before
    assert not [one for one in (tmp_path / "data" / "undo").rglob("*") if one.is_file()]


def test_t04_two_files_that_convert_to_one_name_both_live_on(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    sources = {"a.jpg": PICTURE, "a.png": images.png_bytes(images.photo(30, 20)), "A.jpeg": PICTURE}
    for name, data in sources.items():
        (folder / name).write_bytes(data)
    shop = Shop(tmp_path / "data")

    results = shop.run([folder], WEBP, IN_PLACE)

    assert [one.status for one in results] == ["written"] * 3
    assert len({one.output_path for one in results}) == len(list(folder.iterdir())) == 3
    undo_batch(shop.db, shop.store)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == sources
