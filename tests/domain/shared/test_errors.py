from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from plume_app.domain.compression.verdict import Reason
from plume_app.domain.image.traits import ALL_TRAITS
from plume_app.domain.shared import errors
from plume_app.domain.shared.errors import InvalidRequest, PlumeError, all_errors, expected, invalid
from plume_app.paths import web_folder
from plume_app.sentences import facts_in, locale, sentence

LANGUAGES = sorted(path.stem for path in (web_folder() / "locales").glob("*.json"))
FACTS: Mapping[str, Mapping[str, Any]] = {
    "invalid_request": {"problem": "Expected 1 to 100 for quality, got 0.", "batch": 99},
    "source_unreadable": {"problem": "Permission denied"},
    "unsupported_format": {"problem": "no known first bytes"},
    "corrupt_image": {"problem": "it ends too early"},
    "image_too_large": {"size": 2, "limit": 1, "what": "file"},
    "dimensions_unsupported": {"width": 20000, "height": 3, "limit": 16383, "format": "webp"},
    "target_unwritable": {"folder": "/out", "problem": "Read-only file system"},
    "disk_full": {"folder": "/out", "free": 1, "needed": 2},
    "undo_store_full": {"limit": 20_000_000_000},
    "lossless_mismatch": {"format": "png"},
    "database_too_new": {"found": 9, "known": 1},
    "missing_backend": {"problem": "no WebKitGTK", "what": "window", "line": "apt install it"},
}
EVERY = [(language, code) for language in LANGUAGES for code in all_errors()]


def test_the_languages_are_english_and_french() -> None:
    assert LANGUAGES == ["en", "fr"]


@pytest.mark.parametrize(("language", "code"), EVERY)
def test_every_code_has_a_sentence_with_and_without_its_facts(language: str, code: str) -> None:
    for facts in (FACTS.get(code, {}), {}):
        told = sentence(code, facts, language)
        assert told != code
        assert told.endswith(".")
        assert "{" not in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_uses_known_facts_only(language: str) -> None:
    for key, text in locale(language)["errors"].items():
        code, _, variant = key.partition(".")
        assert code in all_errors(), key
        assert facts_in(text) <= set(FACTS.get(code, {})), key
        if variant == "plain":
            assert not facts_in(text), key


def test_every_language_has_the_same_keys_and_every_sentence_the_same_facts() -> None:
    english = locale("en")
    for language in LANGUAGES:
        other = locale(language)
        assert other.keys() == english.keys()
        for section, texts in english.items():
            assert other[section].keys() == texts.keys(), (language, section)
            for key, text in texts.items():
                told = facts_in(text) if language == "en" else facts_in(text) - {"problem"}  # English words
                assert facts_in(other[section][key]) == told, (language, section, key)


def test_every_reason_and_trait_has_its_words() -> None:
    for language in LANGUAGES:
        assert set(Reason) <= locale(language)["reasons"].keys()
        assert set(ALL_TRAITS) <= locale(language)["traits"].keys()


def test_a_code_belongs_to_one_class_and_stands_in_the_tree_of_the_docstring() -> None:
    classes = PlumeError.__subclasses__()

    assert len({error.code for error in classes}) == len(classes)
    for error in classes:
        assert f"{error.__name__} " in str(errors.__doc__)
        assert error.code in str(errors.__doc__)


@pytest.mark.parametrize("error", all_errors().values(), ids=lambda error: error.code)
def test_a_failure_keeps_its_facts_as_json(error: type[PlumeError]) -> None:
    raised = error(**FACTS.get(error.code, {}))

    assert json.loads(json.dumps(raised.facts)) == dict(FACTS.get(error.code, {}))
    assert str(raised).startswith(error.code)


def test_every_bad_argument_is_refused_with_the_same_sentence() -> None:
    assert expected("quality", "1 to 100", 0) == "Expected 1 to 100 for quality, got 0."
    assert invalid("quality", "1 to 100", 0).facts == {"problem": expected("quality", "1 to 100", 0)}
    assert isinstance(invalid("a", "b", "c"), InvalidRequest)
