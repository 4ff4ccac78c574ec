"""Names that stand in one folder, and which of their results would want one name. Pure.

Names are compared without case and in one Unicode form, because the folder of the results may be on a
disk that does so.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"-[0-9a-f]{6}(-[0-9]+)?\Z|-[0-9]+\Z")  # what a further choice adds to a stem

Extensions = Mapping[str, Sequence[str]]
"""Every registered format and its extensions, lower case, without the dot, the usual one first."""


@dataclass(frozen=True, slots=True)
class Siblings:
    """What the names of one folder say about collisions; small even for a folder of 100,000 files.

    `shared` are the stems that several files have, `stacked` those that look like a file with a joined
    extension (`a.png` of `a.png.webp`); both as `name_key` spells them.
    """

    shared: frozenset[str] = frozenset()
    stacked: frozenset[str] = frozenset()


def name_key(name: str) -> str:
    """The name as a disk compares it that ignores case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_name(name: str, known: frozenset[str]) -> tuple[str, str]:
    """Stem and extension without dot; the extension is "" unless it is one of `known` (lower case).

    What follows a dot but is no picture's extension (`trip.2023`) belongs to the stem.
    """
    stem, dot, extension = name.rpartition(".")
    return (stem, extension) if dot and stem.strip(".") and extension.lower() in known else (name, "")


def siblings_of(names: Iterable[str], extensions: Extensions) -> Siblings:
    """What the names of the files of one folder (no folders) say about collisions.

    A joined name whose source has gone (`a.png.webp`, from an earlier conversion in place) still speaks for
    it: what `a.jpg` becomes must not depend on whether `a.png` went first.
    """
    known = known_extensions(extensions)
    keys = [name_key(name) for name in names]
    there = frozenset(keys)
    owners: Counter[str] = Counter()
    stacked: set[str] = set()
    for key in keys:
        stem = split_name(key, known)[0]
        owners[stem] += 1
        joined = _NUMBER.sub("", stem)
        inner, extension = split_name(joined, known)
        if extension:
            stacked.add(stem)
            if joined not in there:
                owners[inner] += 1
    return Siblings(frozenset(stem for stem, count in owners.items() if count > 1), frozenset(stacked))


def known_extensions(extensions: Extensions) -> frozenset[str]:
    """All extensions of all formats, lower case."""
    return frozenset(extension.lower() for several in extensions.values() for extension in several)


def origin_keys(name: str, suffix: str, known: frozenset[str]) -> tuple[str, ...]:
    """Stems that the original of a result called `name` under the policy "suffix" may have, as keys.

    Empty when the name does not end as such results do. A folder walk asks, so that results stay results
    when the database is gone.
    """
    stem = split_name(name, known)[0]
    for ending in (stem, _NUMBER.sub("", stem)):
        if ending.endswith(suffix) and ending != suffix:
            origin = ending.removesuffix(suffix)
            return tuple(dict.fromkeys((name_key(origin), name_key(split_name(origin, known)[0]))))
    return ()
