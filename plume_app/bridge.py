"""From a call of the page to a function of `commands/`, and back: the only door, and it is narrow.

A command is a function decorated with `@command`: it gets the context, and a request (a frozen dataclass) where it
takes one, and returns a dataclass. `functions` gives plain functions for `window.expose`; the page reaches those
names and nothing else. What comes in is decoded strictly, what can happen goes out as data, and a bug is logged
with its traceback and told as a code.
"""

from __future__ import annotations

import json
import logging
import types
from collections.abc import Callable, Hashable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from plume_app.context import AppContext
from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import InternalError, InvalidRequest, PlumeError, expected, invalid
from plume_app.wire import plain

Answer = dict[str, Any]
Shape = TypeVar("Shape")

_log = logging.getLogger(__name__)
_MOST_INT = 1 << 53  # what a page can count to
_MAX_ITEMS = 500_000  # of one list or object in a request: as many as the list may have rows


@dataclass(frozen=True, slots=True)
class Command:
    """One function that the page may call. `request` is None where it takes nothing."""

    name: str
    run: Callable[..., Any]
    request: type[Any] | None
    answer: Any


COMMANDS: dict[str, Command] = {}


def command(run: Callable[..., Any]) -> Callable[..., Any]:
    """Registers a function of `commands/` under its own name."""
    hints = get_type_hints(run)
    COMMANDS[run.__name__] = Command(run.__name__, run, hints.get("request"), hints["return"])
    return run


def functions(context: AppContext) -> list[Callable[..., Answer]]:
    """One plain function per command, named like it, for `window.expose`; each may be called from any thread."""
    return [_bound(context, one) for one in COMMANDS.values()]


def _bound(context: AppContext, known: Command) -> Callable[..., Answer]:
    def call(request: Any = None, *more: Any) -> Answer:
        return answer_to(context, known, [request, *more] if more else request)

    call.__name__ = call.__qualname__ = known.name
    call.__doc__ = known.run.__doc__
    return call


def answer_to(context: AppContext, known: Command, request: Any) -> Answer:
    """The envelope for one call: JSON values only, and no number that JSON does not have."""
    try:
        arguments = () if known.request is None else (decode(known.request, {} if request is None else request),)
        if known.request is None and request not in (None, {}):
            raise invalid("request", "no fields", request)
        with context.db.connection_context():
            data = plain(known.run(context, *arguments))
        json.dumps(data, allow_nan=False)  # a NaN would leave the page waiting for ever
        return {"ok": True, "data": data}
    except PlumeError as error:
        return failure(error)
    except Exception as error:  # the bridge's edge: a bug in one command must not cost the window
        _log.exception("command %s", known.name)
        return failure(InternalError(problem=type(error).__name__))


def failure(error: PlumeError) -> Answer:
    """The envelope of an expected failure."""
    return {"ok": False, "error": {"code": error.code, "message": str(error), "facts": error.facts}}


def decode(shape: type[Shape], value: Any) -> Shape:
    """`value`, as it came from JSON, as the dataclass `shape`.

    Raises InvalidRequest for a field that is unknown, missing or not of its type. A whole number counts as a
    decimal one, never the other way; true and false are no numbers.
    """
    decoded: Shape = _object(shape, value, "request")
    return decoded


@cache
def _fields_of(shape: Hashable) -> tuple[dict[str, Any], frozenset[str]]:
    """The types of its fields, and the names of those without a default."""
    hints = get_type_hints(shape)
    known = fields(shape)  # type: ignore[arg-type]
    required = {one.name for one in known if one.default is MISSING and one.default_factory is MISSING}
    return {one.name: hints[one.name] for one in known}, frozenset(required)


def _object(shape: type[Any], value: Any, name: str) -> Any:
    if shape is Settings:
        return Settings.from_json(value)
    if not isinstance(value, dict):
        raise invalid(name, "an object", value)
    types_of, required = _fields_of(shape)  # type: ignore[arg-type]
    unknown = sorted(str(key)[:40] for key in value if key not in types_of)
    if unknown:
        raise InvalidRequest(problem=f"Unknown field in {name}: {', '.join(unknown[:5])}.")
    missing = sorted(required - set(value))
    if missing:
        raise InvalidRequest(problem=f"Missing field in {name}: {', '.join(missing)}.")
    return shape(**{key: _decoded(types_of[key], one, key) for key, one in value.items()})


def _decoded(kind: Any, value: Any, name: str) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _decoded(next(one for one in inner if one is not type(None)), value, name)
    if origin is Literal:
        if not isinstance(value, str) or value not in inner:
            raise invalid(name, " or ".join(map(str, inner)), value)
        return value
    if origin is list:
        if not isinstance(value, list) or len(value) > _MAX_ITEMS:
            raise InvalidRequest(problem=expected(name, "a list", type(value).__name__))
        if inner[0] is int and set(map(type, value)) == {int} and max(value) < _MOST_INT and min(value) > -_MOST_INT:
            return value  # a hundred thousand ids, one by one, would take a quarter of a second
        return [_decoded(inner[0], one, name) for one in value]
    if origin is dict:
        if not isinstance(value, dict) or len(value) > _MAX_ITEMS:
            raise InvalidRequest(problem=expected(name, "an object", type(value).__name__))
        return {_key(inner[0], key, name): _decoded(inner[1], one, name) for key, one in value.items()}
    if is_dataclass(kind):
        return _object(kind, value, name)  # type: ignore[arg-type]
    return _scalar(kind, value, name)


def _key(kind: Any, value: Any, name: str) -> Any:
    """JSON's keys are text; a number in one is meant as that number."""
    if kind is int:
        if not (isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19):
            raise invalid(name, "keys that are ids", value)
        return int(value)
    return _scalar(kind, value, name)


_SCALARS: dict[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    str: ((str,), "text"),
}


def _scalar(kind: Any, value: Any, name: str) -> Any:
    wanted, words = _SCALARS[kind]
    if type(value) not in wanted:
        raise InvalidRequest(problem=expected(name, words, value if isinstance(value, int | float) else _short(value)))
    if kind is int and not -_MOST_INT < value < _MOST_INT:
        raise InvalidRequest(problem=expected(name, words, "one too large"))
    if kind is float and not -1e300 < value < 1e300:  # neither infinity nor NaN
        raise InvalidRequest(problem=expected(name, words, str(value)))
    return value


def _short(value: Any) -> str:
    return repr(value)[:80]
