from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.paths import Paths, _first_with_locales, find_paths, web_folder


def test_plume_data_dir_moves_everything_that_plume_remembers(tmp_path: Path) -> None:
    paths = find_paths({"PLUME_DATA_DIR": str(tmp_path / "x")})

    for path in (paths.database, paths.undo_folder, paths.log_folder, paths.instance_lock):
        assert path.parent == tmp_path / "x"
    assert not (tmp_path / "x").exists()  # asking makes nothing


@pytest.mark.parametrize("named", [{}, {"PLUME_DATA_DIR": ""}])
def test_without_it_the_systems_place_is_used(named: dict[str, str]) -> None:
    folder = find_paths(named).data_folder

    assert folder.is_absolute()
    assert folder.name == "plume"


def test_a_relative_folder_is_meant_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert find_paths({"PLUME_DATA_DIR": "mine"}) == Paths(tmp_path / "mine")


def test_the_page_of_a_checkout_is_found() -> None:
    assert (web_folder() / "locales" / "en.json").is_file()


def test_an_installed_page_inside_the_package_comes_first(tmp_path: Path) -> None:
    inside, beside = tmp_path / "plume_app" / "web", tmp_path / "web"
    (beside / "locales").mkdir(parents=True)
    assert _first_with_locales(inside, beside) == beside

    (inside / "locales").mkdir(parents=True)
    assert _first_with_locales(inside, beside) == inside


def test_an_installation_without_its_page_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="locales"):
        _first_with_locales(tmp_path)
