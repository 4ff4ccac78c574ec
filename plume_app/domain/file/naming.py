"""Where a result goes. Pure: names in, names out; the file system is asked through parameters.

The choices depend on the path of the input and on the names beside it, not on order, time or what else was
chosen. The first is the input's own name (same format) or its stem with the new extension (conversion);
where another file of the source folder could want that too, the source's extension joins the stem. Only
when a name is taken by something that is not this input's own result do further, equally fixed, choices
follow. Beside the originals, in place, and under a folder for one walked tree the first choice is therefore
everybody's own. Where files from several places meet under one folder, two may want one name: the first by
its path has it (files that were named before those of folders), the others carry a mark of their folder
(`jobs/claims.py`). Who is first then depends on the paths of the whole batch, and still not on their order
or on time.

Bytes that are not UTF-8 stay what they are (surrogate escapes). Nothing is done for the names that Windows
reserves or shortens (trailing dots and spaces): there the sources cannot have them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from plume_app.domain.file.siblings import Extensions, Siblings, known_extensions, name_key, split_name
from plume_app.domain.shared.errors import invalid

SUFFIX, FOLDER, IN_PLACE = "suffix", "folder", "in_place"
POLICIES = (SUFFIX, FOLDER, IN_PLACE)
DEFAULT_SUFFIX = "_compressed"
MAX_NAME_BYTES = 255  # NAME_MAX of every Linux file system in use; eCryptfs has less, and says so when asked
_MAX_SUFFIX_BYTES = 100
_STAGED_NAME = re.compile(r"\.plume-[0-9a-zA-Z_-]{1,64}\.tmp")


@dataclass(frozen=True, slots=True)
class OutputPolicy:
    """Where results go: beside the originals, under a folder, or in their place. Valid from birth.

    Raises InvalidRequest for an unknown policy, a missing folder, or a suffix that is empty, too long, of
    dots only, or holds a slash or NUL.
    """

    policy: str = SUFFIX
    suffix: str = DEFAULT_SUFFIX
    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise invalid("policy", " or ".join(POLICIES), self.policy)
        if (self.folder is not None) != (self.policy == FOLDER):
            raise invalid("folder", "a folder for the policy folder, and for no other", self.folder)
        if not isinstance(self.suffix, str) or not self.suffix.strip(".") or re.search(r"[/\0]", self.suffix):
            raise invalid("suffix", "some text without slashes, not only dots", self.suffix)
        try:
            size = len(os.fsencode(self.suffix))
        except UnicodeEncodeError as error:
            raise invalid("suffix", "text that a file name can hold", self.suffix) from error
        if size > _MAX_SUFFIX_BYTES:
            raise invalid("suffix", f"at most {_MAX_SUFFIX_BYTES} bytes", self.suffix)


def candidates(
    source: Path,
    *,
    root: Path | None,
    policy: OutputPolicy,
    input_format: str,
    output_format: str,
    extensions: Extensions,
    siblings: Siblings,
) -> Iterator[Path]:
    """The names that the result of `source` may have, best first, without end; all in one folder.

    `root` is the walked folder that `source` was found in (its tree is kept under the output folder),
    None for a file named directly. In place within the format there is one name only, the source's own.
    Apart from that no name is ever the source's.

    Raises InvalidRequest when `source` is not under `root`, ValueError for a format that is not in
    `extensions`.
    """
    converts = input_format != output_format
    if policy.policy == IN_PLACE and not converts:
        yield source
        return
    folder = _folder(source, root, policy)
    suffix = policy.suffix if policy.policy == SUFFIX else ""
    stem, extension = split_name(source.name, known_extensions(extensions))
    if converts:
        if not extensions.get(output_format):
            raise ValueError(f"no extension is known for {output_format!r}")
        stems = _converted_stems(source, stem, extension, policy, siblings)
        extension = extensions[output_format][0]
    else:
        stems = _stems(stem, source, policy)
    for chosen, number in stems:
        target = folder / _fitted(chosen, suffix + number, extension, source.name)
        if policy.policy == IN_PLACE or target != source:
            yield target


def _folder(source: Path, root: Path | None, policy: OutputPolicy) -> Path:
    if policy.folder is None:
        return source.parent
    if root is None:
        return policy.folder
    try:
        below = source.relative_to(root)
    except ValueError:
        below = None
    if below is None or ".." in below.parts:
        raise invalid("source", f"a path under {root}", str(source))
    return policy.folder / below.parent


def _stems(stem: str, source: Path, policy: OutputPolicy) -> Iterator[tuple[str, str]]:
    """The stem and what is added to it to make it free: nothing, where it came from, then numbers.

    Under one output folder the usual other owner of a name is a file of the same name from elsewhere: the
    hash of the source's own folder tells the two apart. Which of them goes without is not decided here.
    """
    yield stem, ""
    mark = ""
    if policy.policy == FOLDER:
        mark = "-" + hashlib.sha256(os.fsencode(source.parent)).hexdigest()[:6]
        yield stem, mark
    for number in itertools.count(2):
        yield stem, f"{mark}-{number}"


def _converted_stems(
    source: Path, stem: str, extension: str, policy: OutputPolicy, siblings: Siblings
) -> Iterator[tuple[str, str]]:
    if name_key(stem) not in siblings.shared:
        yield stem, ""
    if not extension:  # nothing to join: the whole name is the stem already
        yield from itertools.islice(_stems(stem, source, policy), 1, None)
        return
    for joined, number in _stems(source.name, source, policy):
        if name_key(joined + number) not in siblings.stacked:
            yield joined, number


def _fitted(stem: str, ending: str, extension: str, source_name: str) -> str:
    """The name, its stem shortened between characters where it would be over MAX_NAME_BYTES.

    A shortened stem carries six hex digits of the whole source name: long names differ at their end.
    """
    tail = ending + ("." + extension if extension else "")
    if len(os.fsencode(stem + tail)) <= MAX_NAME_BYTES:
        return stem + tail
    tail = "-" + hashlib.sha256(os.fsencode(source_name)).hexdigest()[:6] + tail
    room = MAX_NAME_BYTES - len(os.fsencode(tail))
    sizes = itertools.accumulate(len(os.fsencode(character)) for character in stem)
    return stem[: sum(size <= room for size in sizes)] + tail


def staged_name(target: Path, token: str) -> Path:
    """The hidden name beside `target` under which its bytes are written first.

    `token` (letters, digits, `-`, `_`; at most 64) is the caller's and unique to it.
    """
    name = f".plume-{token}.tmp"
    if not is_staged_name(name):
        raise ValueError(f"not a token for a staged name: {token!r}")
    return target.with_name(name)


def is_staged_name(name: str) -> bool:
    """Is `name` one that `staged_name` makes? Such files are never walked and never a source."""
    return _STAGED_NAME.fullmatch(name) is not None
