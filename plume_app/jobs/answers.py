"""What comes back from a worker is read with suspicion: a picture may have taken the worker over.

pebble's pipes carry pickles, and a pickle can name any function for the reader to call. So only the records of this
list, and Python's own errors, are built from what a worker sends; no other name is found. To let a new kind of answer
through, add the module of its dataclass, frozen and with slots. A pickle can also set attributes of whatever a name
gives it, so every class here has a `__setstate__`, which pickle then calls instead, and which wants a record.
"""

from __future__ import annotations

import builtins
import importlib
import io
import math
import pickle
import types
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from plume_app.domain.compression.codecs import all_codecs
from plume_app.jobs.messages import (
    Cancelled,
    Done,
    Failed,
    Inspect,
    Inspected,
    Job,
    Preview,
    Previewed,
    Probe,
    Probed,
    Task,
    Thumbnail,
    Thumbnailed,
)

_OUR_MODULES = frozenset(
    {
        "plume_app.domain.compression.curves",
        "plume_app.domain.compression.features",
        "plume_app.domain.compression.verdict",
        "plume_app.domain.image.finders.found",
        "plume_app.domain.image.headers.look",
        "plume_app.jobs.messages",
        "plume_app.jobs.sandbox",
    }
)
_PEBBLE_RECORDS = frozenset({"Acknowledgement", "Result", "ResultStatus", "TaskProblem", "TaskResult"})
_PEBBLE_MODULES = frozenset({"pebble.common.types", "pebble.pool.process"})

_REBUILT = ("pebble.common.types", "RemoteException.rebuild_exception")  # puts a traceback's text on an error


_ANSWERS: dict[type, type] = {
    Job: Done, Inspect: Inspected, Thumbnail: Thumbnailed, Preview: Previewed, Probe: Probed
}  # fmt: skip
_LARGEST = 1 << 53  # of numbers; sums of them still fit into the database
_LARGEST_SIDE, _LONGEST_MS = (1 << 31) - 1, 604_800_000  # as the tables check
_MOST_TEXT, _MOST_PARTS = 10_000, 1_000  # characters of a text, members of a list


class _Suspicious(pickle.Unpickler):
    """Builds dataclasses and enumerations of the list, and refuses every other name."""

    def find_class(self, module_name: str, name: str) -> Any:
        """The record of that name. Raises pickle.UnpicklingError for anything else."""
        return _found(module_name, name)


def _unchangeable(*_: object) -> None:
    raise pickle.UnpicklingError("a worker may not change what is not its own")


def _fill(record: object, state: dict[str, Any]) -> None:
    """As pickle does it by itself, but not for a class."""
    record.__dict__.update(state)


@lru_cache(maxsize=128)  # the same five names in every answer; what is refused is not remembered
def _found(module_name: str, name: str) -> Any:
    ours = module_name in _OUR_MODULES and "." not in name
    if ours or (module_name in _PEBBLE_MODULES and name in _PEBBLE_RECORDS):
        found = getattr(importlib.import_module(module_name), name, None)
        if isinstance(found, type) and issubclass(found, Enum):
            found.__setstate__ = _unchangeable  # type: ignore[attr-defined] # its members are there once, for everybody
            return found
        if isinstance(found, type) and is_dataclass(found):
            if not ours:
                found.__setstate__ = _fill  # type: ignore[attr-defined] # as those with slots and frozen have one
            if hasattr(found, "__setstate__"):
                return found
    if (module_name, name) == _REBUILT:
        from pebble.common.types import RemoteException

        return RemoteException.rebuild_exception
    if module_name == "builtins":  # an error of the work itself; to build one does nothing
        found = getattr(builtins, name, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found
    raise pickle.UnpicklingError(f"a worker may not send {module_name}.{name}")


def read_answer(data: bytes) -> Any:
    """The record in `data`. Raises pickle.UnpicklingError, or what a damaged pickle makes pickle raise."""
    return _Suspicious(io.BytesIO(data)).load()


def guard(pool: Any) -> None:
    """Let a pebble ProcessPool of one worker, started already, read that worker's answers by `read_answer`."""
    channel = pool._pool_manager.worker_manager.pool_channel  # noqa: SLF001 - pebble offers no other place

    def receive() -> Any:
        data = channel.reader.recv_bytes()
        try:
            return read_answer(data)
        except Exception as error:  # a third edge: whatever a hostile pickle makes pickle raise
            raise pickle.PicklingError("not an answer") from error  # pebble then gives the worker up

    channel.recv = receive


def is_sound(outcome: Any, task: Task) -> bool:
    """Is it an answer to `task`, with values of the types that its record promises?

    Pickle puts anything into a field, and what trusts a field would fail far from here: in the middle of a batch.
    """
    try:
        fits = type(outcome) in (_ANSWERS[type(task)], Failed, Cancelled) and _fits(outcome, type(outcome))
        return fits and outcome.id == task.id and (type(outcome) is not Done or _can_be_recorded(outcome))
    except Exception:  # a fourth edge: half a record has attributes missing, a lying one cannot be made again
        return False


def _can_be_recorded(done: Done) -> bool:
    """Do its numbers stay within what the database takes, and its formats within those that have names for files?"""
    sides = 1 <= done.header.width <= _LARGEST_SIDE and 1 <= done.header.height <= _LARGEST_SIDE
    known = {done.input_format, done.output_format} <= all_codecs().keys()
    return sides and known and 0 <= done.duration_ms <= _LONGEST_MS


def _fits(value: Any, hint: Any) -> bool:
    if hint is None or hint is types.NoneType:
        return value is None
    if hint in (int, float):
        return (type(value) is int or type(value) is hint) and math.isfinite(value) and abs(value) <= _LARGEST
    if hint is str:
        return type(value) is str and len(value) <= _MOST_TEXT
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(_fits(value, one) for one in parts)
    if origin is None:
        return type(value) is hint and (not is_dataclass(hint) or _is_record(value))
    if type(value) is not origin or len(value) > _MOST_PARTS:
        return False
    if origin is dict:
        return all(_fits(key, parts[0]) and _fits(one, parts[1]) for key, one in value.items())
    if origin is tuple and parts[-1] is not Ellipsis:
        return len(value) == len(parts) and all(map(_fits, value, parts))
    return all(_fits(one, parts[0]) for one in value)


def _is_record(value: Any) -> bool:
    hints, derived = _hints(type(value))  # type: ignore[arg-type] # a class can be hashed
    if not all(_fits(getattr(value, name), hint) for name, hint in hints.items()):
        return False
    return not derived or all(getattr(replace(value), name) == getattr(value, name) for name in derived)


@cache
def _hints(record: type) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The types of its fields, and the fields that it works out by itself."""
    hints = get_type_hints(record)
    return {one.name: hints[one.name] for one in fields(record)}, tuple(o.name for o in fields(record) if not o.init)
