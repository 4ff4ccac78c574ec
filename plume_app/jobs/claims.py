"""Who may have which name under an output folder where files from several places meet.

Every input claims its names before any result is written, in the order of the paths, so that neither the order in
which files were given nor which ends first decides who gets the plain name and who the marked one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from plume_app.domain.file.siblings import name_key
from plume_app.jobs.targets import RecordedAt


class Claims:
    """The claims of one batch; used by its feeder, asked by its saver.

    A claim takes about 150 bytes (names and owners are kept as hashes of 64 bits; two that are equal by chance cost a
    mark in a name), so a batch from one place, where no two files want one name, is better off without.
    """

    def __init__(self, recorded_at: RecordedAt) -> None:
        self._recorded_at = recorded_at
        self._owner: dict[int, int] = {}

    def claim(self, source: Path, names: Iterable[Path]) -> None:
        """Takes the names that the result of `source` may come to bear, best first, as the disk stands now.

        What stands at a name and is nobody's known result may be this input's from before the history was deleted: it
        is claimed, and so is the next name.
        """
        for path in names:
            is_free = not os.path.lexists(path)
            recorded = None if is_free else self._recorded_at(path)
            is_own = recorded is not None and recorded.source_path == os.fsencode(source)
            if recorded is not None and not is_own:
                continue  # another input's, of an earlier run
            if self.take(source, path) and (is_free or is_own):
                return

    def take(self, source: Path, name: Path) -> bool:
        """Makes `name` that of `source`, if it is nobody else's; whether it is now."""
        owner = hash(source)
        return self._owner.setdefault(_key(name), owner) == owner

    def allows(self, source: Path, name: Path) -> bool:
        """May the result of `source` have this name?"""
        owner = hash(source)
        return self._owner.get(_key(name), owner) == owner


def _key(name: Path) -> int:
    """The disk of the results may ignore case and Unicode form, so such names count as one."""
    return hash((str(name.parent), name_key(name.name)))
