"""From what the user named to the files to compress: folders are walked, streamed, in a fixed order.

A file that was named is always tried. In a folder count the registered extensions, and the first bytes of
files without an extension. Hidden files, Plume's own results, the output folder, the undo store and
everything that is not a plain file are ignored, and said to be. In a walk no link is followed, neither to
a folder nor to a file: a link inside the tree would give a picture twice, one that leads out would reach
what nobody named. A link that was named is tried, or walked.

Nothing is opened but folders and files without an extension; a pipe or a device never.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from plume_app.domain.file.found import (
    EXTENSION,
    HIDDEN,
    LINK,
    OUTPUT_FOLDER,
    OWN_RESULT,
    SPECIAL,
    STAGED,
    TWICE,
    UNDO_STORE,
    Candidate,
    Found,
    Ignored,
    Problem,
    Scan,
)
from plume_app.domain.file.naming import is_staged_name
from plume_app.domain.file.refusals import unreadable
from plume_app.domain.file.siblings import name_key, origin_keys, split_name
from plume_app.domain.shared.errors import PlumeError, SourceMissing, SourceUnreadable

_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_HEAD_BYTES = 64  # as many as the codecs' signatures need; the caller's `known_head` gets fewer at the end of a file


def scan(paths: Iterable[Path], wanted: Scan) -> Iterator[Found]:
    """Everything under `paths`, each file once, whatever the order and overlap of `paths`.

    Named files come first, then the folders, each sorted by its bytes. A named file that lies in a named
    folder gets that folder as its root, so that its result has the same place either way. What is kept in
    mind while walking is the named files, one entry for each folder, and the names of one folder.
    """
    files: dict[Path, Path] = {}
    folders: dict[Path, Path] = {}
    for path in sorted({_absolute(path) for path in paths}, key=os.fsencode):
        try:
            real = path.resolve(strict=True)
            mode = real.stat().st_mode
        except OSError as error:
            problem = unreadable(error)
            yield Problem(path, SourceMissing(what="named") if isinstance(problem, SourceMissing) else problem)
            continue
        except RuntimeError:  # how Python before 3.13 tells of links in a ring
            yield Problem(path, SourceUnreadable(problem="too many levels of symbolic links"))
            continue
        if (folders if stat.S_ISDIR(mode) else files).setdefault(real, path) != path:
            yield Ignored(path, TWICE)
    for real, path in files.items():
        yield _named(path, real, folders)
    walk = _Walk(wanted, _real(wanted.output_folder), _real(wanted.undo_store), frozenset(files))
    for real, path in sorted(folders.items(), key=lambda both: os.fsencode(both[0])):
        yield from walk.tree(path, real)


def _absolute(path: Path) -> Path:
    """`path` from the root of the file system, without `..` (which means something else behind a link)."""
    path = path.absolute()
    return Path(os.path.realpath(path.parent)) / path.name if ".." in path.parts[:-1] else path


def _real(folder: Path | None) -> Path | None:
    return None if folder is None else Path(os.path.realpath(folder))


def _named(path: Path, real: Path, folders: dict[Path, Path]) -> Found:
    try:
        facts = real.stat()
    except OSError as error:
        return Problem(path, unreadable(error))
    if not stat.S_ISREG(facts.st_mode):
        return Problem(path, SourceUnreadable(problem="not a regular file"))
    # The outermost named folder, which is where the walk would have found it.
    above = path.parent.resolve()
    root = next((folders[folder] for folder in (*reversed(above.parents), above) if folder in folders), None)
    if root is not None and not path.is_relative_to(root):
        root = None
    return Candidate(path, root, real, facts.st_size, facts.st_mtime_ns)


@dataclass(slots=True)
class _Walk:
    """One run over all named folders; remembers the folders it has been in, by device and inode."""

    wanted: Scan
    output: Path | None
    store: Path | None
    named: frozenset[Path]
    been: set[tuple[int, int]] = field(default_factory=set)

    def tree(self, root: Path, real_root: Path) -> Iterator[Found]:
        """The files of `root` and of the folders in it; each folder's own files before its folders."""
        todo = [Path()]
        while todo:
            at = todo.pop()
            if self.store is not None and (real_root / at).is_relative_to(self.store):
                yield Ignored(root / at, UNDO_STORE)
                continue
            if self.output is not None and real_root / at == self.output:
                yield Ignored(root / at, OUTPUT_FOLDER)
                continue
            try:
                # Of the folders in a tree none is entered through a link, also when it became one just now.
                opened = os.open(real_root / at, _FOLDER | getattr(os, "O_NOFOLLOW", 0))
            except OSError as error:
                yield Problem(root / at, _closed(error))
                continue
            try:
                facts = os.fstat(opened)
                if (facts.st_dev, facts.st_ino) in self.been:
                    continue
                self.been.add((facts.st_dev, facts.st_ino))
                inner: list[str] = []
                yield from self._folder(root, real_root, at, opened, inner)
            finally:
                os.close(opened)
            todo += [at / name for name in reversed(inner)]

    def _folder(self, root: Path, real_root: Path, at: Path, opened: int, inner: list[str]) -> Iterator[Found]:
        """The files of one open folder; the names of its folders go to `inner`."""
        try:
            with os.scandir(opened) as entries:
                # Few words for each name: a folder may hold 100,000.
                names = sorted(((entry.name, _kind(entry)) for entry in entries), key=lambda one: os.fsencode(one[0]))
        except OSError as error:
            yield Problem(root / at, _closed(error))
            return
        results = self._results_beside(names)
        folder, real_folder = root / at, real_root / at
        for name, kind in names:
            path = folder / name
            real = path if real_folder == folder else real_folder / name
            if is_staged_name(name):
                yield Ignored(path, STAGED)
            elif real in self.named:
                continue  # a named file was given already
            elif name.startswith("."):
                yield Ignored(path, HIDDEN)
            elif kind == "folder":
                inner.append(name)
            elif kind != "file":
                yield Ignored(path, kind)
            else:
                yield self._file(path, root, real, opened, results)

    def _file(self, path: Path, root: Path, real: Path, opened: int, results: frozenset[str]) -> Found:
        name = path.name
        extension = split_name(name, self.wanted.extensions)[1]
        if not extension and ("." in name or not self._looks_known(name, opened)):
            return Ignored(path, EXTENSION)
        if name in results or any(self.wanted.is_own_result(known) for known in {path, real}):
            return Ignored(path, OWN_RESULT)
        try:
            facts = os.stat(name, dir_fd=opened, follow_symlinks=False)
        except OSError as error:
            return Problem(path, unreadable(error))
        return Candidate(path, root, real, facts.st_size, facts.st_mtime_ns)

    def _looks_known(self, name: str, folder: int) -> bool:
        try:
            opened = os.open(name, _FILE, dir_fd=folder)
            try:
                return stat.S_ISREG(os.fstat(opened).st_mode) and self.wanted.known_head(os.read(opened, _HEAD_BYTES))
            finally:
                os.close(opened)
        except OSError:
            return False

    def _results_beside(self, names: list[tuple[str, str]]) -> frozenset[str]:
        """The names that are made of another name here and the suffix."""
        suffix, known = self.wanted.suffix, self.wanted.extensions
        if suffix is None:
            return frozenset()
        origins = {name: keys for name, _ in names if (keys := origin_keys(name, suffix, known))}
        asked = {key for keys in origins.values() for key in keys}
        there = (
            asked & {name_key(split_name(name, known)[0]) for name, kind in names if kind == "file"} if asked else asked
        )
        return frozenset(name for name, keys in origins.items() if not there.isdisjoint(keys))


def _closed(error: OSError) -> PlumeError:
    """Why a folder could not be read."""
    told = unreadable(error)
    return SourceUnreadable(**told.facts, what="folder") if isinstance(told, SourceUnreadable) else told


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return LINK
    if entry.is_file(follow_symlinks=False):
        return "file"
    return "folder" if entry.is_dir(follow_symlinks=False) else SPECIAL
