"""The header of a GIF: its canvas, and its frames as far as they can be counted.

Source: the GIF89a specification (CompuServe, 1990), sections 18 to 26.
"""

from __future__ import annotations

from plume_app.domain.image.headers.look import BudgetSpent, Header, Look, sized

_IMAGE, _EXTENSION = 0x2C, 0x21
_GRAPHIC_CONTROL = 0xF9


def read(look: Look) -> Header:
    """Raises CorruptImage. A canvas that the first frame leaves open counts as having an alpha channel."""
    screen = look.exactly(6, 7)
    width, height = int.from_bytes(screen[:2], "little"), int.from_bytes(screen[2:4], "little")
    offset = 13 + color_table_bytes(screen[4])
    frames: int | None = 0
    has_alpha = False
    try:
        frames, has_alpha = _walk(look, offset, (width, height))
    except BudgetSpent:
        frames, has_alpha = None, True
    return sized(Header("gif", width, height, channels=4 if has_alpha else 3, frames=frames))


def color_table_bytes(packed: int) -> int:
    """Length of the colour table that a packed field of a screen or image descriptor announces."""
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _walk(look: Look, offset: int, canvas: tuple[int, int]) -> tuple[int, bool]:
    """Frames, and whether the first one leaves anything of the canvas transparent; raises BudgetSpent."""
    frames, has_alpha, is_transparent = 0, False, False
    while kind := look.at(offset, 1):
        if kind[0] == _EXTENSION:
            head = look.at(offset, 4)
            if head[1:3] == bytes((_GRAPHIC_CONTROL, 4)) and len(head) == 4:
                is_transparent = bool(head[3] & 1)
            offset = _behind_blocks(look, offset + 2)
        elif kind[0] == _IMAGE:
            place = look.at(offset + 1, 9)
            if len(place) < 9:
                break
            if frames == 0:
                box = tuple(int.from_bytes(place[at : at + 2], "little") for at in (0, 2, 4, 6))
                has_alpha = is_transparent or box != (0, 0, *canvas)
            frames += 1
            is_transparent = False
            offset = _behind_blocks(look, offset + 11 + color_table_bytes(place[8]))  # a byte: LZW code size
        else:  # the trailer, or what no decoder goes beyond
            break
    return max(1, frames), has_alpha


def _behind_blocks(look: Look, offset: int) -> int:
    """The offset behind a chain of data blocks."""
    while (length := look.at(offset, 1)) and length[0]:
        offset += 1 + length[0]
    return offset + 1
