"""What can go wrong without anyone having written a bug.

PlumeError                  code
  InvalidRequest            invalid_request         an argument is not what the contract says
  SourceMissing             source_missing          moved or deleted meanwhile
  SourceUnreadable          source_unreadable       permissions, an I/O error
  UnsupportedFormat         unsupported_format      not an image that we know
  CorruptImage              corrupt_image           an image, but broken
  ImageTooLarge             image_too_large         over a limit of `Limits`
  DimensionsUnsupported     dimensions_unsupported  the target format cannot be this wide or high
  TargetUnwritable          target_unwritable       folder read-only, name refused
  DiskFull                  disk_full               no room left on the disk
  SourceChanged             source_changed          the source is not what was read
  ChangedSince              changed_since           undo: the file is not what Plume wrote
  UndoStoreFull             undo_store_full         no room to keep one more original
  LosslessMismatch          lossless_mismatch       our own check said no; the original is kept
  TimedOut                  timed_out               the deadline of a picture has passed
  WorkerCrashed             worker_crashed          after one more try alone
  DatabaseTooNew            database_too_new        written by a newer Plume
  NoDisplay                 no_display              no screen to open a window on
  MissingBackend            missing_backend         no web engine for the window
  InternalError             internal_error          a bug: logged with its traceback, told as a code

"Not smaller", "would lose" and "cancelled" are not in the tree: they are results.
To add one: a class here, a sentence in every file of web/locales; tests/domain/shared/test_errors.py
checks that every code has its sentence and that every sentence uses known facts only.
"""

from __future__ import annotations

import reprlib
from typing import ClassVar

Facts = dict[str, str | int | float]


class PlumeError(Exception):
    """An expected failure: a `code` of the contract and the `facts` its sentence is built from.

    Facts are plain text and numbers (they cross processes and become JSON); never a path of a
    worker, never image bytes.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, /, **facts: str | int | float) -> None:
        super().__init__(self.code, facts)
        self.facts: Facts = facts

    @staticmethod
    def of(code: str, facts: Facts) -> PlumeError:
        """The failure that crossed a process border as data; an unknown code is a bug of ours."""
        return all_errors().get(code, InternalError)(**facts)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code}({told})"


class InvalidRequest(PlumeError):
    """An argument is not what the contract says."""

    code = "invalid_request"


class SourceMissing(PlumeError):
    """Moved or deleted meanwhile."""

    code = "source_missing"


class SourceUnreadable(PlumeError):
    """Permissions, an I/O error."""

    code = "source_unreadable"


class UnsupportedFormat(PlumeError):
    """Not an image that we know."""

    code = "unsupported_format"


class CorruptImage(PlumeError):
    """An image, but broken."""

    code = "corrupt_image"


class ImageTooLarge(PlumeError):
    """Over a limit of `Limits`."""

    code = "image_too_large"


class DimensionsUnsupported(PlumeError):
    """The target format cannot be this wide or high."""

    code = "dimensions_unsupported"


class TargetUnwritable(PlumeError):
    """Folder read-only, name refused."""

    code = "target_unwritable"


class DiskFull(PlumeError):
    """No room left on the disk."""

    code = "disk_full"


class SourceChanged(PlumeError):
    """The source is not what was read."""

    code = "source_changed"


class ChangedSince(PlumeError):
    """Undo: the file is not what Plume wrote."""

    code = "changed_since"


class UndoStoreFull(PlumeError):
    """No room to keep one more original."""

    code = "undo_store_full"


class LosslessMismatch(PlumeError):
    """Our own check said no; the original is kept."""

    code = "lossless_mismatch"


class TimedOut(PlumeError):
    """The deadline of a picture has passed."""

    code = "timed_out"


class WorkerCrashed(PlumeError):
    """After one more try alone."""

    code = "worker_crashed"


class DatabaseTooNew(PlumeError):
    """Written by a newer Plume."""

    code = "database_too_new"


class NoDisplay(PlumeError):
    """No screen to open a window on."""

    code = "no_display"


class MissingBackend(PlumeError):
    """No web engine for the window."""

    code = "missing_backend"


class InternalError(PlumeError):
    """A bug: logged with its traceback, told as a code."""

    code = "internal_error"


def all_errors() -> dict[str, type[PlumeError]]:
    """Every expected failure by its code."""
    return {error.code: error for error in PlumeError.__subclasses__()}


_BRIEF = reprlib.Repr()
_BRIEF.maxstring = _BRIEF.maxother = 200  # characters: what came may be a page's two megabytes


def expected(name: str, what: str, got: object) -> str:
    """The one sentence for every bad argument: what was expected, of which name, what came, as far as it is short."""
    return f"Expected {what} for {name}, got {_BRIEF.repr(got)}."


def invalid(name: str, what: str, got: object) -> InvalidRequest:
    """The refusal of a bad argument; its only fact, `problem`, is the sentence of `expected`."""
    return InvalidRequest(problem=expected(name, what, got))
