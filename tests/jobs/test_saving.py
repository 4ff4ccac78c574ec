"""What a worker made becomes a file: what changes under way, what is taken, what refuses; the journal follows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import images
from plume_app.database.queries.statistics import stats
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.reading import FileFacts
from plume_app.jobs import worker
from plume_app.jobs.messages import Job, Outcome
from plume_app.jobs.results import FileResult
from plume_app.jobs.undo import undo_batch
from plume_app.jobs.undo_store import UndoStore
from shop import InlinePool, Shop, tree

PICTURE = images.jpeg_bytes(images.photo(64, 48), quality=97, exif=images.exif_bytes(copyright_notice="(c) A"))
OTHER = images.jpeg_bytes(images.photo(64, 48, seed=9), quality=97)
SMALLEST = compress(PICTURE, Settings()).data
IN_PLACE = OutputPolicy("in_place")
WEBP = Settings(output_format="webp")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "photos"
    found.mkdir()
    return found


def shop_where(tmp_path: Path, meanwhile: Callable[[], object]) -> Shop:
    """A shop in which `meanwhile` happens between reading a file and saving its result."""

    def perform(job: Job) -> Outcome:
        outcome = worker.run(job)
        meanwhile()
        return outcome

    return Shop(tmp_path / "data", pool=InlinePool(perform))


def in_folder(path: Path) -> OutputPolicy:
    return OutputPolicy("folder", folder=path)


def only(results: list[FileResult]) -> FileResult:
    (one,) = results
    return one


@pytest.mark.parametrize("settings", [Settings(), WEBP], ids=["same format", "conversion"])
def test_t52_a_source_that_changes_while_its_worker_works_is_left_alone(
    settings: Settings, folder: Path, tmp_path: Path
) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)
    shop = shop_where(tmp_path, lambda: path.write_bytes(OTHER))

    result = only(shop.run([path], settings, IN_PLACE))

    assert (result.status, result.error_code) == ("failed", "source_changed")
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == OTHER


def test_t52_a_source_that_vanishes_while_its_worker_works_is_told(folder: Path, tmp_path: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)

    result = only(shop_where(tmp_path, path.unlink).run([path], output=IN_PLACE))

    assert (result.status, result.error_code) == ("failed", "source_missing")
    assert not list(folder.iterdir())


def test_t52_the_copy_of_a_kept_file_that_changed_meanwhile_is_not_made(folder: Path, tmp_path: Path) -> None:
    kept = images.gif_bytes(images.palette(20, 20))
    path = folder / "a.gif"
    path.write_bytes(kept)
    shop = shop_where(tmp_path, lambda: path.write_bytes(kept + b"\0"))

    result = only(shop.run([path], output=in_folder(tmp_path / "out")))

    assert (result.status, result.error_code) == ("failed", "source_changed")
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize(
    "output", [OutputPolicy(), OutputPolicy("folder", folder=Path("out"))], ids=["suffix", "folder"]
)
def test_t09_a_name_taken_meanwhile_is_left_to_its_owner(output: OutputPolicy, folder: Path, tmp_path: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)
    if output.folder is not None:
        output = in_folder(tmp_path / output.folder)
        output.folder.mkdir()  # type: ignore[union-attr]
    taken = output.folder / "a.jpg" if output.folder else folder / "a_compressed.jpg"

    result = only(shop_where(tmp_path, lambda: taken.write_bytes(b"mine")).run([path], output=output))

    assert result.status == "written"
    assert taken.read_bytes() == b"mine"
    assert result.output_path is not None
    assert result.output_path != taken
    assert result.output_path.read_bytes() == SMALLEST


@pytest.mark.parametrize("what", ["file", "folder", "link", "dangling link"])
def test_t09_nothing_that_stands_there_is_overwritten(what: str, folder: Path, tmp_path: Path) -> None:
    path, taken = folder / "a.jpg", folder / "a_compressed.jpg"
    path.write_bytes(PICTURE)
    ways: dict[str, Callable[[], object]] = {
        "file": lambda: taken.write_bytes(b"mine"),
        "folder": taken.mkdir,
        "link": lambda: taken.symlink_to(path),
        "dangling link": lambda: taken.symlink_to(folder / "nowhere"),
    }
    ways[what]()
    before = os.lstat(taken)

    result = only(Shop(tmp_path / "data").run([path]))

    assert result.output_path == folder / "a_compressed-2.jpg"
    assert os.lstat(taken).st_ino == before.st_ino
    assert path.read_bytes() == PICTURE


def test_t09_in_place_a_conversion_goes_around_a_file_of_the_new_name(folder: Path, tmp_path: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)
    shop = shop_where(tmp_path, lambda: (folder / "a.webp").write_bytes(b"mine"))

    result = only(shop.run([path], WEBP, IN_PLACE))

    assert result.status == "written"
    assert (folder / "a.webp").read_bytes() == b"mine"
    assert not path.exists()
    undo_batch(shop.db, shop.store, shop.summary.batch_id)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"a.jpg": PICTURE, "a.webp": b"mine"}


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_t09_undo_leaves_a_file_that_had_the_bytes_of_a_conversion_already(
    when: str, folder: Path, tmp_path: Path
) -> None:
    path, made = folder / "a.jpg", compress(PICTURE, WEBP).data or b""
    path.write_bytes(PICTURE)
    if when == "before":
        (folder / "a.webp").write_bytes(made)
        shop = Shop(tmp_path / "data")
    else:
        shop = shop_where(tmp_path, lambda: (folder / "a.webp").write_bytes(made))

    result = only(shop.run([path], WEBP, IN_PLACE))

    assert (result.status, result.output_path) == ("written", folder / "a.jpg.webp")
    assert not path.exists()
    undo_batch(shop.db, shop.store)
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == {"a.jpg": PICTURE, "a.webp": made}


def test_t05_t06_without_room_for_undo_nothing_is_replaced(folder: Path, tmp_path: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)
    shop = Shop(tmp_path / "data")
    shop.store = UndoStore(tmp_path / "data" / "undo", max_bytes=len(PICTURE) - 1, free=lambda _: None)
    before = FileFacts.of(path.stat())

    results = [only(shop.run([path], settings, IN_PLACE)) for settings in (Settings(), WEBP)]

    assert [(one.status, one.error_code) for one in results] == [("failed", "undo_store_full")] * 2
    assert list(folder.iterdir()) == [path]
    assert path.read_bytes() == PICTURE
    assert FileFacts.of(path.stat()) == before


def test_a_folder_of_results_is_complete(folder: Path, tmp_path: Path) -> None:
    tiny = images.jpeg_bytes(images.photo(8, 8), quality=20)
    files = {
        "a.jpg": PICTURE,
        "b.gif": images.gif_bytes(images.frames(3)),
        "sub/c.bmp": images.bmp_bytes(images.photo(9, 9)),
    }
    files["tiny.jpg"] = compress(tiny, Settings()).data or tiny
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    shop = Shop(tmp_path / "data")

    results = shop.run([folder], output=in_folder(tmp_path / "out"))

    out = {name: (tmp_path / "out" / name).read_bytes() for name in tree(tmp_path / "out")}
    assert out == files | {"a.jpg": SMALLEST}
    assert {one.path.name: (one.status, one.reason) for one in results} == {
        "a.jpg": ("written", None),
        "b.gif": ("kept", "no_encoder"),
        "c.bmp": ("kept", "no_encoder"),
        "tiny.jpg": ("kept", "not_smaller"),
    }
    assert all(one.output_path is not None for one in results)


def test_t30_the_copy_of_a_kept_file_has_the_metadata_policy_applied(folder: Path, tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 29.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    exif[0x8298] = "(c) A"
    photo = images.jpeg_bytes(images.photo(64, 48), exif=exif.tobytes())
    path = folder / "a.jpg"
    path.write_bytes(photo)

    result = only(Shop(tmp_path / "data").run([path], Settings(min_savings_percent=100), in_folder(tmp_path / "out")))

    assert (result.status, result.reason) == ("kept", "below_min_savings")
    assert result.compressed_size == result.original_size == len(photo)
    with Image.open(tmp_path / "out" / "a.jpg") as copy, Image.open(path) as original:
        assert 0x8825 not in copy.getexif()
        assert copy.getexif()[0x8298] == "(c) A"
        assert copy.tobytes() == original.tobytes()
    assert path.read_bytes() == photo
    assert not result.private_data_kept, "no private data is in the result"


def test_t13_totals_are_the_sizes_of_the_files_to_the_byte(folder: Path, tmp_path: Path) -> None:
    sources = {
        "a.jpg": PICTURE,
        "b.jpg": OTHER,
        "c.png": images.png_bytes(images.photo(40, 30)),
        "d.gif": images.gif_bytes(images.palette(9, 9)),
    }
    for name, data in sources.items():
        (folder / name).write_bytes(data)
    shop = Shop(tmp_path / "data")

    results = shop.run([folder], output=in_folder(tmp_path / "out"))

    assert shop.summary.original_size == sum(len(data) for data in sources.values())
    assert shop.summary.compressed_size == sum(path.stat().st_size for path in (tmp_path / "out").iterdir())
    for one in results:
        assert one.output_path is not None
        assert one.compressed_size == one.output_path.stat().st_size
    totals = stats(shop.db).totals
    weighed = [one for one in results if one.reason != "no_encoder"]
    assert totals.original_size == sum(one.path.stat().st_size for one in weighed)
    assert totals.compressed_size == sum(one.output_path.stat().st_size for one in weighed if one.output_path)


def test_t34_mode_and_dates_of_the_source_are_those_of_the_result(folder: Path, tmp_path: Path) -> None:
    path = folder / "a.jpg"
    path.write_bytes(PICTURE)
    path.chmod(0o640)
    os.utime(path, ns=(1_000_000_001, 1_234_567_890_123_456_789))

    for output in (OutputPolicy(), in_folder(tmp_path / "out"), IN_PLACE):
        result = only(Shop(tmp_path / "data").run([path], output=output))
        assert result.output_path is not None
        found = result.output_path.stat()
        assert (found.st_mode & 0o777, found.st_mtime_ns) == (0o640, 1_234_567_890_123_456_789)


def test_a_folder_that_cannot_be_made_fails_each_of_its_files_alone(folder: Path, tmp_path: Path) -> None:
    (folder / "sub").mkdir()
    for name in ("a.jpg", "sub/b.jpg"):
        (folder / name).write_bytes(PICTURE)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "sub").write_text("in the way")

    results = Shop(tmp_path / "data").run([folder], output=in_folder(tmp_path / "out"))

    assert {one.path.name: (one.status, one.error_code) for one in results} == {
        "a.jpg": ("written", None),
        "b.jpg": ("failed", "target_unwritable"),
    }
