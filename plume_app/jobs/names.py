"""The names that the results of one batch may have: policy, registry and folder listings put together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.settings import KEEP
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import FOLDER, IN_PLACE, OutputPolicy, candidates
from plume_app.domain.file.siblings import Siblings, siblings_of
from plume_app.jobs.claims import Claims

_FOLDERS_IN_MIND = 64  # a walk goes folder by folder; named files may come from a few


class Names:
    """Asks `candidates` with what this batch knows; listings are made once per folder, before its results.

    `claims` are for a batch whose files come from several places; without them only the disk says what is taken.
    """

    def __init__(self, output: OutputPolicy, is_result: Callable[[Path], bool], claims: Claims | None = None) -> None:
        self.output = output
        self.claims = claims if output.policy == FOLDER else None  # elsewhere results stay in their sources' folders
        self.extensions = {codec.name: codec.extensions for codec in all_codecs().values()}
        self._is_result = is_result
        self._siblings = lru_cache(maxsize=_FOLDERS_IN_MIND)(self._list)

    def of(self, candidate: Candidate, input_format: str, output_format: str) -> Iterator[Path]:
        """The names for the result of one file, best first, without those that another file has claimed."""
        names = self._all_of(candidate, input_format, output_format)
        claims = self.claims
        return names if claims is None else (name for name in names if claims.allows(candidate.path, name))

    def claim(self, candidate: Candidate, output_format: str) -> None:
        """Before anything is written: takes what the file's result may be called, in both its possible formats.

        By its path alone, not by its bytes: whether it can be read or turns out to be kept changes no other's name.
        """
        if self.claims is None:
            return
        self.claims.claim(candidate.path, self._all_of(candidate, "", ""))
        if output_format != KEEP:
            self.claims.claim(candidate.path, self._all_of(candidate, "", output_format))

    def took(self, candidate: Candidate, name: Path) -> None:
        """A name that was not claimed, since the claimed ones were lost to somebody else's files."""
        if self.claims is not None:
            self.claims.take(candidate.path, name)

    def _all_of(self, candidate: Candidate, input_format: str, output_format: str) -> Iterator[Path]:
        converts = input_format != output_format
        source = candidate.real_path if self.output.policy == IN_PLACE else candidate.path
        return candidates(
            source,
            root=candidate.root if self.output.policy != IN_PLACE else None,
            policy=self.output,
            input_format=input_format,
            output_format=output_format,
            extensions=self.extensions,
            siblings=self._siblings(source.parent) if converts else Siblings(),
        )

    def _list(self, folder: Path) -> Siblings:
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if not entry.is_dir()]
        except OSError:
            return Siblings()
        return siblings_of((name for name in names if not self._is_result(folder / name)), self.extensions)
