"""Names of results do not depend on what the run itself has written."""

from __future__ import annotations

from pathlib import Path

import images
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.jobs.names import Names
from shop import Shop, tree


def candidate(path: Path) -> Candidate:
    return Candidate(path, path.parent, path, 0, 0)


def first(names: Names, path: Path) -> str:
    return next(names.of(candidate(path), "png", "webp")).name


def test_t08_what_a_name_becomes_depends_on_the_names_beside_it(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "b.png"):
        (tmp_path / name).touch()
    names = Names(OutputPolicy("folder", folder=tmp_path / "out"), lambda _: False)

    assert [first(names, tmp_path / name) for name in ("a.png", "b.png")] == ["a.png.webp", "b.webp"]


def test_results_of_earlier_runs_change_no_name(tmp_path: Path) -> None:
    for name in ("b.png", "b.webp"):
        (tmp_path / name).touch()

    assert first(Names(OutputPolicy(), lambda path: path.suffix == ".webp"), tmp_path / "b.png") == "b_compressed.webp"
    assert first(Names(OutputPolicy(), lambda _: False), tmp_path / "b.png") == "b.png_compressed.webp"


def test_a_folder_that_cannot_be_listed_still_gives_names(tmp_path: Path) -> None:
    names = Names(OutputPolicy("folder", folder=tmp_path), lambda _: False)

    assert first(names, tmp_path / "gone" / "a.png") == "a.webp"


def test_t08_names_are_the_same_whatever_was_chosen_together(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate(("a.png", "a.jpg", "b.png")):
        picture = images.photo(24, 16, seed=number)
        (folder / name).write_bytes(images.saved(picture, "PNG" if name.endswith("png") else "JPEG"))
    settings, together, alone = Settings(output_format="webp"), tmp_path / "together", tmp_path / "alone"

    Shop(tmp_path / "data").run([folder], settings, OutputPolicy("folder", folder=together))
    for name in ("b.png", "a.jpg", "a.png"):
        Shop(tmp_path / "data").run([folder / name], settings, OutputPolicy("folder", folder=alone))

    assert tree(alone) == tree(together)
    assert set(tree(alone)) == {"a.png.webp", "a.jpg.webp", "b.webp"}
