"""What is painted before Python has answered is already in the user's language, theme and text size."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from plume_app.first_page import Look, first_page
from plume_app.paths import web_folder
from plume_app.sentences import locale

PAGE = (web_folder() / "index.html").read_text(encoding="utf-8")
KEYS = re.findall(r'data-(?:say|label)="(\w+)"', PAGE)


def shown(look: Look | None = None, language: str = "fr", *, files: bool = False) -> str:
    return first_page(PAGE, look or Look(), language, locale(language)["ui"], files=files)


def test_every_word_of_the_first_page_is_in_the_language() -> None:
    page = html.unescape(shown())

    assert '<html lang="fr">' in page
    for key in KEYS:
        assert f">{locale('fr')['ui'][key]}<" in page or f'aria-label="{locale("fr")["ui"][key]}"' in page
    assert "Choose files" not in page


def test_the_file_itself_is_the_english_page() -> None:
    assert len(KEYS) >= 7
    assert shown(language="en") == PAGE


def test_a_chosen_theme_and_text_size_are_there_from_the_first_paint() -> None:
    assert '<html lang="en" data-theme="dark" data-text="150">' in shown(Look("dark", "en", 150), "en")
    assert Look("dark").backgrounds == ("#151514", "#151514")
    assert Look("system").backgrounds == ("#f4f4f1", "#151514")


def test_the_backgrounds_are_those_of_the_style_sheet() -> None:
    css = (web_folder() / "css" / "tokens.css").read_text(encoding="utf-8")

    assert set(re.findall(r"--bg: (#\w{6})", css)) == set(Look().backgrounds)


def test_a_list_that_will_be_filled_does_not_begin_as_a_drop_zone() -> None:
    assert '<html lang="fr" data-files>' in shown(files=True)


def test_files_on_the_command_line_are_said_to_be_read_from_the_first_paint() -> None:
    page = html.unescape(shown(files=True))

    assert f">{locale('fr')['ui']['reading_title']}<" in page
    assert locale("fr")["ui"]["drop_title"] not in page


def test_words_are_text_and_never_markup() -> None:
    page = first_page(PAGE, Look(), "en", {"choose_files": "<script>", "compress": '"><b>'}, files=False)

    assert "&lt;script&gt;" in page
    assert '"><b>' not in page


@pytest.mark.parametrize(
    "nonsense", [None, 3, [], {"theme": "pink", "language": 'x"><script>', "text_percent": 10**9}, {"theme": None}]
)
def test_nonsense_in_the_memory_is_the_default_look(nonsense: object) -> None:
    assert Look.from_json(nonsense) == Look()


def test_a_look_survives_its_memory() -> None:
    look = Look("dark", "fr", 125)

    assert Look.from_json(json.loads(json.dumps(look.to_json()))) == look


def test_every_style_sheet_and_the_first_script_exist() -> None:
    web = Path(web_folder())

    for name in re.findall(r'(?:href|src)="((?:css|js|vendor)/[^"#]+)', PAGE):
        assert (web / name).is_file(), name
