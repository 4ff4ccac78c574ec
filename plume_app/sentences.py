"""Codes and facts to sentences for people, in the language of `web/locales/<language>.json`.

In "errors" a code has a sentence whose `{facts}` are filled in; `{size|bytes}` shows bytes as MB of
1,000,000. `code.<what>` is used where the fact `what` says so. `code.plain` needs no facts: it is the one
that is told when a fact is missing. "reasons", "traits" and "notices" are built the same way.

The fact `problem` is English, ours or a library's: only English sentences may ask for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from plume_app.paths import web_folder

DEFAULT_LANGUAGE = "en"
_FACT = re.compile(r"\{(\w+)(?:\|(\w+))?\}")


def sentence(code: str, facts: Mapping[str, Any] | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """What happened and what to do, for an error code; an unknown code is told as it is."""
    return _told("errors", code, facts or {}, language)


def reason_sentence(reason: str, facts: Mapping[str, Any] | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """Why a file was kept."""
    return _told("reasons", reason, facts or {}, language)


def trait_name(trait: str, language: str = DEFAULT_LANGUAGE) -> str:
    """What a picture has that could be lost, in words."""
    return _told("traits", trait, {}, language)


def notice_sentence(code: str, facts: Mapping[str, Any] | None = None, language: str = DEFAULT_LANGUAGE) -> str:
    """Something to know that is nobody's failure."""
    return _told("notices", code, facts or {}, language)


def facts_in(text: str) -> frozenset[str]:
    """The names of the facts that a sentence needs."""
    return frozenset(match[1] for match in _FACT.finditer(text))


@cache
def locale(language: str) -> Mapping[str, Any]:
    """Everything in one language; English where there is no file of that language."""
    folder = web_folder() / "locales"
    known = {path.stem: path for path in folder.glob("*.json")}
    found: Mapping[str, Any] = json.loads(known.get(language, known[DEFAULT_LANGUAGE]).read_text(encoding="utf-8"))
    return found


def _told(section: str, code: str, facts: Mapping[str, Any], language: str) -> str:
    texts: Mapping[str, str] = locale(language).get(section, {})
    for key in (f"{code}.{facts.get('what', '')}", code, f"{code}.plain"):
        text = texts.get(key)
        if text is not None and facts_in(text) <= facts.keys():
            return _FACT.sub(lambda match: _shown(facts[match[1]], match[2], language), text)
    return code


def _shown(value: object, form: str | None, language: str) -> str:
    if form == "bytes" and isinstance(value, int | float):
        megabytes = f"{value / 1_000_000:,.1f}"
        if language == "fr":
            return megabytes.replace(",", "\u202f").replace(".", ",") + "\u00a0Mo"
        return f"{megabytes} MB"
    return str(value)
