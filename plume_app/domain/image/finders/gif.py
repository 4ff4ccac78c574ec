"""The traits of a GIF: the header has counted and looked already.

Source: C2PA 2.1, A.3 (a manifest is an application extension).
"""

from __future__ import annotations

from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header

_MANIFEST = b"\x21\xff\x0bC2PA_GIF"


def find(data: bytes, header: Header) -> Traits:
    """Alpha is told of the first frame: in later ones transparent means unchanged."""
    frames = header.frames or 1
    is_signed = _MANIFEST in data
    return Traits(names_of(animation=frames > 1, alpha=header.channels == 4, credentials=is_signed), frames=frames)
