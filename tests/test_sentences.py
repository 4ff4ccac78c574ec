from __future__ import annotations

import ast
import errno
from pathlib import Path

import pytest

import plume_app
from plume_app.domain.file.refusals import refusal
from plume_app.sentences import facts_in, locale, notice_sentence, reason_sentence, sentence, trait_name


@pytest.mark.parametrize(
    ("what", "said"), [("file", "The file has 120.0 MB, more than the 100.0 MB"), ("decoded", "takes 120.0 MB")]
)
def test_the_fact_what_chooses_the_sentence(what: str, said: str) -> None:
    told = sentence("image_too_large", {"size": 120_000_000, "limit": 100_000_000, "what": what})

    assert said in told


def test_sizes_are_written_as_the_language_writes_them() -> None:
    facts = {"size": 1_234_567_890, "limit": 100_000_000, "what": "file"}

    assert "1,234.6 MB" in sentence("image_too_large", facts)
    assert "1\u202f234,6\u00a0Mo" in sentence("image_too_large", facts, "fr")


def test_a_missing_fact_takes_the_plain_sentence() -> None:
    assert sentence("disk_full") == locale("en")["errors"]["disk_full.plain"]
    assert sentence("disk_full", {"folder": "/out"}).startswith("The disk of /out is full.")


def test_facts_are_text_and_never_templates() -> None:
    assert "{size}" in sentence("disk_full", {"folder": "/a{size}b"})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_refusal_to_write_has_words_of_its_own(language: str) -> None:
    refused = (errno.EACCES, errno.EROFS, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EIO)

    told = {sentence("target_unwritable", refusal(OSError(one, ""), Path("/out")).facts, language) for one in refused}

    assert len(told) == len(refused)
    assert all("/out" in one for one in told)


def test_an_unknown_code_is_told_as_it_is_and_an_unknown_language_in_english() -> None:
    assert sentence("from_the_future", {"a": 1}) == "from_the_future"
    assert sentence("timed_out", {}, "tlh") == sentence("timed_out")
    assert sentence("timed_out", {}, "../../etc/passwd") == sentence("timed_out")


def test_reasons_traits_and_notices_have_sentences() -> None:
    assert reason_sentence("would_lose", {"losses": "animation"}) == "Would lose animation; allow it to go on."
    assert trait_name("gain_map", "fr") == "carte de gain HDR"
    assert "/x.damaged" in notice_sentence("database_set_aside", {"path": "/x.damaged"})


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_name_that_never_was_is_not_said_to_be_gone(language: str) -> None:
    assert sentence("source_missing", {"what": "named"}, language) != sentence("source_missing", {}, language)


def test_no_sentence_in_another_language_asks_for_the_english_fact() -> None:
    asking = [
        (section, key)
        for section in ("errors", "reasons", "notices", "ui")
        for key, text in locale("fr")[section].items()
        if "problem" in facts_in(text)
    ]

    assert asking == []
    told = sentence("corrupt_image", {"problem": "PNG ends early"}, "fr")
    assert "early" not in told
    assert told.startswith("L'image est endommag")


def test_facts_in_finds_every_placeholder() -> None:
    assert facts_in("{a} of {b|bytes}, {not so}") == {"a", "b"}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_notice_that_the_program_gives_has_a_sentence(language: str) -> None:
    given = set()
    for path in Path(plume_app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice":
                given |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}  # else an error's code
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("notices.append"):  # those of the start
                given |= {one.elts[0].value for one in node.args if isinstance(one, ast.Tuple)}  # type: ignore[attr-defined]

    assert given >= {"not_added", "list_full", "database_set_aside", "recovered"}
    assert given <= locale(language)["notices"].keys()
