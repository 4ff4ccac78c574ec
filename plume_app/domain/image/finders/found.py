"""The names of the traits, and `Traits`, what a finder returns."""

from __future__ import annotations

from dataclasses import dataclass

ANIMATION = "animation"
BIT_DEPTH = "bit_depth"
ALPHA = "alpha"
CMYK = "cmyk"
GAIN_MAP = "gain_map"
MOTION_PHOTO = "motion_photo"
EMBEDDED_PICTURES = "embedded_pictures"  # further pictures of an MPO, further pages of a TIFF
HDR = "hdr"  # brighter than white by the picture's own transfer function (PQ, HLG), not by a gain map
CREDENTIALS = "credentials"  # a signed C2PA manifest: its hash is over the file's bytes, so every new file breaks it

ALL_TRAITS = (ANIMATION, BIT_DEPTH, ALPHA, CMYK, GAIN_MAP, MOTION_PHOTO, EMBEDDED_PICTURES, HDR, CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Traits:
    """Found by `find_traits`; plain data that crosses processes.

    `names` are of ALL_TRAITS. `orientation` is EXIF's 1-8. `source_quality` is the estimated quality
    (1-100) of a lossy source on the scale of its own encoder, None where it is lossless or unknown.
    `chroma_subsampling` is "4:4:4", "4:2:0", ... for JPEG. `private` lists what the policy "safe"
    removes and this file has: of gps, serials, maker_notes, thumbnails; `find_traits` leaves it empty,
    the metadata know.
    """

    names: frozenset[str] = frozenset()
    frames: int = 1
    bits: int = 8
    orientation: int = 1
    source_quality: int | None = None
    chroma_subsampling: str | None = None
    private: tuple[str, ...] = ()


def names_of(**has: bool) -> frozenset[str]:
    """The traits whose keyword is true: `names_of(alpha=True, cmyk=False)`."""
    return frozenset(name for name, is_there in has.items() if is_there)
