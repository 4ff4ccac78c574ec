"""What an image file carries beside its pixels, and where each container keeps it.

One module per container; each splices with a few lines of its own and knows nothing of what EXIF or XMP
mean. To add a container: a module with `read(data) -> Metadata` (and `write(data, metadata) -> bytes`
where Plume writes it), and a line in the tables of domain/image/metadata.py.
"""

from __future__ import annotations

from dataclasses import dataclass

INCH_M = 0.0254
CENTIMETRE_M = 0.01


@dataclass(frozen=True, slots=True)
class Density:
    """Dots per `unit`: "inch", "cm", "metre", or "" where x and y only tell the shape of a pixel."""

    x: float
    y: float
    unit: str = "inch"

    @property
    def is_square(self) -> bool:
        """Are pixels as wide as high? Within a thousandth."""
        return abs(self.x - self.y) <= 0.001 * max(self.x, self.y)

    def per(self, unit: str) -> Density | None:
        """The same density per another unit; None where none is known."""
        metres = {"inch": INCH_M, "cm": CENTIMETRE_M, "metre": 1.0}
        if self.unit not in metres or unit not in metres:
            return self if self.unit == unit else None
        factor = metres[unit] / metres[self.unit]
        return self if factor == 1 else Density(self.x * factor, self.y * factor, unit)


@dataclass(frozen=True, slots=True)
class Text:
    """One PNG text: `keyword` (Latin-1, 1-79 bytes) and what it says."""

    keyword: str
    text: str
    language: str = ""
    translated: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that only one container knows: an APPn segment, a Photoshop resource, a chunk.

    `kind` is "APP4", "8BIM 0x03ed" or the name of a chunk; `data` is its payload.
    """

    format: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Metadata:
    """All that a file says beside its pixels, lifted out of its container.

    `exif` is a TIFF structure without the "Exif" prefix; `xmp` a packet; `extended_xmp` the second
    packet of a JPEG that needs two; `iptc` bare IIM data sets; `icc` a profile; `comments` are unlabelled
    remarks (JPEG COM, GIF). `density` is what the container itself states. `colour` are the colour chunks
    of a PNG. `others` are parts that only their own container understands.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    extended_xmp: bytes | None = None
    iptc: bytes | None = None
    icc: bytes | None = None
    comments: tuple[bytes, ...] = ()
    texts: tuple[Text, ...] = ()
    density: Density | None = None
    colour: tuple[Part, ...] = ()
    others: tuple[Part, ...] = ()
