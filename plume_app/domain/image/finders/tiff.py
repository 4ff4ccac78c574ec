"""The traits of a TIFF: those of its first page, and whether there are others.

Source: C2PA 2.1, A.3 (a manifest is a field of its own).
"""

from __future__ import annotations

from plume_app.domain.image.finders.found import Traits, names_of
from plume_app.domain.image.header import Header
from plume_app.domain.image.headers.look import look_into
from plume_app.domain.image.headers.tiff import MANIFEST, ORIENTATION, SUB_PAGES, Pages, has_alpha, is_cmyk, is_reduced

_MAX_PAGES = 64  # looked at for being a smaller copy; one more page than that is surely a picture


def find(data: bytes, header: Header) -> Traits:
    """Further pages count unless they are smaller copies of the first; pages below the first always do."""
    pages = Pages(look_into(data))
    offsets = pages.offsets() or []
    first = pages.fields(offsets[0]) if offsets else {}
    others = offsets[1:]
    has_others = len(others) > _MAX_PAGES or any(not is_reduced(pages.fields(offset)) for offset in others)
    orientation = first.get(ORIENTATION, (1,))[:1] or (1,)
    return Traits(
        names_of(
            bit_depth=header.bits > 8,
            alpha=has_alpha(first),
            cmyk=is_cmyk(first),
            embedded_pictures=has_others or SUB_PAGES in first,
            credentials=MANIFEST in first,
        ),
        frames=header.frames or 1,
        bits=header.bits,
        orientation=orientation[0] if 1 <= orientation[0] <= 8 else 1,
    )
