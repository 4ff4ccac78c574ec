"""Where the window was and how large, kept from one run to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MIN_SIZE = (720, 480)
DEFAULT_SIZE = (1120, 740)
_MAX_SIDE = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the window was: logical pixels; x and y None: in the middle of the screen."""

    width: int = DEFAULT_SIZE[0]
    height: int = DEFAULT_SIZE[1]
    x: int | None = None
    y: int | None = None
    maximized: bool = False

    @classmethod
    def from_json(cls, found: object) -> Place:
        """The place that was kept; nonsense of any kind is the default place."""
        if not isinstance(found, dict):
            return cls()
        width, height = _side(found.get("width"), MIN_SIZE[0]), _side(found.get("height"), MIN_SIZE[1])
        x, y = found.get("x"), found.get("y")
        known = type(x) is int and type(y) is int and max(abs(x), abs(y)) <= _MAX_SIDE
        if width is None or height is None:
            return cls(maximized=found.get("maximized") is True)
        return cls(width, height, x if known else None, y if known else None, found.get("maximized") is True)

    def to_json(self) -> dict[str, int | bool | None]:
        """Plain values for `from_json`."""
        return {"width": self.width, "height": self.height, "x": self.x, "y": self.y, "maximized": self.maximized}

    def within(self, screens: Sequence[tuple[int, int, int, int]]) -> Place:
        """This place, or centred where no title bar could be reached on `screens` (x, y, width, height)."""
        if self.x is None or self.y is None:
            return self
        for x, y, width, height in screens:
            if x <= self.x <= x + width - 120 and y <= self.y <= y + height - 80:  # enough to take hold of
                return self
        return Place(self.width, self.height, maximized=self.maximized)


def _side(value: object, least: int) -> int | None:
    return value if type(value) is int and least <= value <= _MAX_SIDE else None
