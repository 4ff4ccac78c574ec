"""What pywebview gets in place of an object that the page could walk."""

from __future__ import annotations

from typing import Any


class Nothing:
    """Stands where pywebview would have an object for the page to walk: it has no names at all."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        return []
