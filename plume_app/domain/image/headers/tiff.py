"""The header of a TIFF: the fields of its first page, and how many pages there are.

Classic and BigTIFF, both byte orders. `Pages` is also what finds the traits of a TIFF.

Source: TIFF 6.0 (Adobe, 1992), section 2; the BigTIFF design (libtiff), for the wider fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from plume_app.domain.image.headers.look import BudgetSpent, Endian, Header, Look, sized
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

SUBFILE_TYPE, WIDTH, HEIGHT, BITS, PHOTOMETRIC, ORIENTATION, CHANNELS = 254, 256, 257, 258, 262, 274, 277
SUB_PAGES, EXTRA_SAMPLES, SAMPLE_FORMAT = 330, 338, 339
MANIFEST = 52545  # of C2PA: its seal is over the bytes of this very file
_DNG_VERSION = 50706
_PALETTE, _CMYK, _LAB = 3, 5, 8
# White or black is zero, RGB, palette, CMYK, YCbCr, Lab, LogL, LogLuv. Others (raw sensors, ICC Lab, masks) have pixels
# too, but a decoder that took them for grey or RGB would show another picture.
_KNOWN_COLOURS = {(0,), (1,), (2,), (_PALETTE,), (_CMYK,), (6,), (_LAB,), (32844,), (32845,)}
_COMPLEX = {5, 6}  # sample formats: pairs of numbers, of measuring programs
# Bytes of each field type of whole numbers or plain bytes.
_SIZES = {1: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}
_MAX_FIELDS = 512  # of a page; real ones have some twenty
_MAX_VALUES = 16  # of a field; a value list that matters here is a handful long

Fields = dict[int, tuple[int, ...]]


class Pages:
    """The pages of a TIFF file, seen through a `Look`."""

    def __init__(self, look: Look) -> None:
        head = look.exactly(0, 8)
        self._look = look
        self._endian: Endian = "little" if head[:2] == b"II" else "big"
        self._is_big = 43 in head[2:4]
        self._word = 8 if self._is_big else 4
        self._first = look.number(8 if self._is_big else 4, self._word, self._endian)

    def fields(self, offset: int | None = None) -> Fields:
        """The whole-number fields of the page at `offset` (the first) by tag; at most `_MAX_VALUES` values of each.

        Raises CorruptImage where the page lies outside the file, BudgetSpent where it is too large.
        """
        offset = self._first if offset is None else offset
        count_bytes, entry_bytes, inline_bytes = (8, 20, 8) if self._is_big else (2, 12, 4)
        count = min(self._look.number(offset, count_bytes, self._endian), _MAX_FIELDS)
        table = self._look.at(offset + count_bytes, count * entry_bytes)
        found: Fields = {}
        for at in range(0, len(table) - entry_bytes + 1, entry_bytes):
            entry = table[at : at + entry_bytes]
            tag, kind = (int.from_bytes(entry[part : part + 2], self._endian) for part in (0, 2))
            size = _SIZES.get(kind)
            if size is None:
                continue
            values = min(int.from_bytes(entry[4 : 4 + self._word], self._endian), _MAX_VALUES)
            held = entry[4 + self._word :]
            if values * size > inline_bytes:
                held = self._look.at(int.from_bytes(held, self._endian), values * size)
            found[tag] = tuple(
                int.from_bytes(held[part : part + size], self._endian)
                for part in range(0, min(values * size, len(held) - size + 1), size)
            )
        return found

    def offsets(self) -> list[int] | None:
        """Where the pages are; None where the budget ends first. A chain that bites its tail ends there."""
        try:
            return list(self._chain())
        except BudgetSpent:
            return None

    def _chain(self) -> Iterator[int]:
        count_bytes, entry_bytes = (8, 20) if self._is_big else (2, 12)
        offset, seen = self._first, set[int]()
        while 0 < offset < self._look.size and offset not in seen:
            seen.add(offset)
            yield offset
            count = self._look.at(offset, count_bytes)
            behind = offset + count_bytes + int.from_bytes(count, self._endian) * entry_bytes
            offset = int.from_bytes(self._look.at(behind, self._word), self._endian)


def read(look: Look) -> Header:
    """Raises CorruptImage, and UnsupportedFormat for raw camera files and colours that are not read."""
    pages = Pages(look)
    fields = pages.fields()
    offsets = pages.offsets()
    if look.head[8:10] == b"CR" or _DNG_VERSION in fields:
        raise UnsupportedFormat  # the first page is a thumbnail; the picture itself needs a raw converter
    if not fields.get(WIDTH) or not fields.get(HEIGHT):
        raise CorruptImage(problem="the first page has no size")
    _check_colours(fields)
    channels = fields.get(CHANNELS, (1,))[:1] or (1,)
    is_palette = fields.get(PHOTOMETRIC) == (_PALETTE,)
    return sized(
        Header(
            format="tiff",
            width=fields[WIDTH][0],
            height=fields[HEIGHT][0],
            channels=max(1, channels[0] + 2 * is_palette),
            bits=8 if is_palette else max(fields.get(BITS, (1,)), default=1),
            frames=None if offsets is None else max(1, len(offsets)),
        )
    )


def _check_colours(fields: Fields) -> None:
    """Raises UnsupportedFormat for whole files whose numbers no decoder here turns into colours."""
    colours = fields.get(PHOTOMETRIC)
    if colours is not None and colours not in _KNOWN_COLOURS:
        raise UnsupportedFormat(problem=f"a TIFF of colour kind {colours[0] if colours else '?'}")
    if colours == (_LAB,) and max(fields.get(BITS, (8,)), default=8) <= 8:
        raise UnsupportedFormat(problem="a TIFF of Lab colours with 8 bits")
    if _COMPLEX.intersection(fields.get(SAMPLE_FORMAT, ())):
        raise UnsupportedFormat(problem="a TIFF of complex numbers")


def has_alpha(fields: Fields) -> bool:
    """The page has a channel beside its colours."""
    return bool(fields.get(EXTRA_SAMPLES))


def is_cmyk(fields: Fields) -> bool:
    """The page's colours are inks."""
    return fields.get(PHOTOMETRIC) == (_CMYK,)


def is_reduced(fields: Fields) -> bool:
    """The page is a smaller copy of another one."""
    return bool(sum(fields.get(SUBFILE_TYPE, ())[:1]) & 1)
