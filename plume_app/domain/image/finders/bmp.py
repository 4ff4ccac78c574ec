"""The traits of a BMP: at most an alpha channel."""

from __future__ import annotations

from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header


def find(data: bytes, header: Header) -> Traits:  # noqa: ARG001 - the shape of a finder
    """Alpha is there where a mask names it; the fourth byte of a plain 32-bit pixel means nothing."""
    return Traits(names_of(alpha=header.channels == 4))
