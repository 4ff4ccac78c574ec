"""The traits of a GIF: the header has counted and looked already."""

from __future__ import annotations

from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header


def find(data: bytes, header: Header) -> Traits:  # noqa: ARG001 - the shape of a finder
    """Alpha is told of the first frame: in later ones transparent means unchanged."""
    frames = header.frames or 1
    return Traits(names_of(animation=frames > 1, alpha=header.channels == 4), frames=frames)
