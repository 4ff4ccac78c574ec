"""JPEG: lossless by mozjpeg on the file's own coefficients, lossy by mozjpeg's trellis encoder in libvips.

Measured on four camera files (3.7 MB; CPU of one core, bytes, SSIMULACRA2) at quality 80:

  all of mozjpeg              1.27 s   1.601 MB   81.1   balanced
  without the scan search     0.86 s   1.630 MB   81.1
  nor the trellis             0.38 s   1.883 MB   82.9
  the same at quality 78      0.38 s   1.696 MB   81.3   fast
  libjpeg-turbo at 75         0.32 s   1.796 MB   80.9

`fast` stores the sequential layout: 0.74 of the time of the progressive one for 1.9 % more bytes (nine camera files);
deringing stays: it takes a quarter of the time, and without it black letters on white lose 10 points of score.
`max` adds what pays for small pictures only: the sequential layout, 2 to 3 % smaller on icons of 1.7 to 2.3 kB, larger
from about 4 kB on. Other quantisation tables were tried for it on 15 pictures at three qualities: the
best (Klein's) is worth a quarter of a point of score at the same size, too little for a file whose
quality no one can tell afterwards.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from plume_app.domain.compression.codecs import Codec, Encoded
from plume_app.domain.compression.codecs.jpeg_tables import is_sequential_at, merged
from plume_app.domain.image.header import is_jpeg
from plume_app.domain.image.traits import CMYK
from plume_app.domain.shared.errors import CorruptImage

if TYPE_CHECKING:
    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.pixels import Picture, Source

NAME = "jpeg"
MAX_SIDE_PX = 65_500  # libjpeg's own limit (JPEG_MAX_DIMENSION), a little under the format's 65535
BACKGROUND = 255  # what shows through where the source is transparent: white
MAX_IN_MEMORY_BYTES = 200_000_000  # larger pictures are streamed, so their colours cannot be looked at first
_ALL_COLOUR_QUALITY = 90  # from here on half the colour resolution would be the largest error
_HALF_COLOUR = ("4:2:0", "4:1:1", "4:1:0")  # the source has no more to keep
_SMALL_PIXELS = 65_536  # up to here `max` tries the sequential layout too
_WITHOUT_TRELLIS = 2  # quality steps that the trellis is worth: the same score at the same setting
_ROBIDOUX_TABLE = 3  # the quantisation tables that mozjpeg itself uses


def encode(source: Source, settings: Settings) -> Encoded:
    """The picture as a JPEG file, without metadata where it was encoded anew.

    From JPEG: rewritten without loss when that is asked for, when the source is CMYK, when its quality is
    not above the target's, and when a new encoding would not be smaller. Otherwise encoded at
    `settings.quality`; what is transparent becomes white. What effort fast would write with the very
    tables that the source has comes back as it is: its result is not to be worked on again.
    Raises CorruptImage and UnsupportedFormat.
    """
    if source.header.format != NAME:
        return _encoded(source, settings, upright=True)
    known = source.traits.source_quality
    if (
        not settings.lossless
        and settings.effort == "fast"
        and is_sequential_at(source.data, _written_quality(settings))
    ):
        return Encoded(source.data, carries_metadata=True, same_pixels=True)
    if settings.lossless or CMYK in source.traits.names or (known is not None and known <= settings.quality):
        return _rewritten(source)
    made = _encoded(source, settings, upright=False)
    return made if len(made.data) < len(source.data) else _rewritten(source)


def _rewritten(source: Source) -> Encoded:
    """The same coefficients in fewer bytes, every marker kept; the source itself where that fails."""
    source.check()  # libjpeg ends the process at a hard error; a file that decodes strictly never met one
    data = source.data
    with suppress(CorruptImage):  # whole, as was seen, but of arithmetic or lossless coding, which it does not read
        # Its scan search knows three components at most, and skips what is done.
        data = min(data, _optimised(data), key=len)
    return Encoded(data, carries_metadata=True, same_pixels=True)


def _optimised(data: bytes) -> bytes:
    """What `mozjpeg_lossless_optimization.optimize(data, COPY_MARKERS.ALL)` gives, asked of its C function.

    The package's own function makes a list of one number for each byte of the result: 6 % of the time of the
    whole pass, and eight times the bytes. The C function is private: pyproject.toml pins the versions that have it.
    """
    from mozjpeg_lossless_optimization import COPY_MARKERS
    from mozjpeg_lossless_optimization._mozjpeg_opti import ffi, lib

    made = ffi.gc(ffi.new("unsigned char **"), lib.mozjpeg_lossless_optimization_free_bytes)
    size = lib.mozjpeg_lossless_optimization(data, len(data), made, COPY_MARKERS.ALL.value)
    if size == 0:
        raise CorruptImage(problem="its coefficients cannot be read")
    return bytes(ffi.buffer(made[0], size))


def rewrite_quickly(data: bytes) -> bytes | None:
    """Of `Codec.rewrite_quickly`: here the very run."""
    try:
        return min(_optimised(data), data, key=len)
    except CorruptImage:
        return None


def _encoded(source: Source, settings: Settings, *, upright: bool) -> Encoded:
    from plume_app.domain.image.decode import reading

    picture = source.picture(upright).eight_bits()
    image = picture.image
    with reading():
        if picture.has_alpha:
            image = image.flatten(background=BACKGROUND)
        halved = _halves_colour(source, picture, settings)
        if halved is None:
            image, pixels = _in_memory(image)
            halved = not _fine(pixels, image.width, image.height)
        small = settings.effort == "max" and image.width * image.height <= _SMALL_PIXELS
        if small:
            image = image.copy_memory()
        data = _saved(image, settings, halved=halved)
        if small:
            data = min(data, _saved(image, settings, halved=halved, sequential=True), key=len)
    return Encoded(data, upright=upright, icc=picture.icc)


def _saved(image: Any, settings: Settings, *, halved: bool, sequential: bool = False, quick: bool = False) -> bytes:
    trellis = settings.effort != "fast"
    made = image.jpegsave_buffer(
        Q=_written_quality(settings),
        subsample_mode="on" if halved else "off",
        keep="none",
        optimize_coding=True,
        interlace=trellis and not sequential,
        trellis_quant=trellis,
        overshoot_deringing=True,
        optimize_scans=trellis and not sequential and not quick,
        quant_table=_ROBIDOUX_TABLE,
    )
    return merged(bytes(made))


def _written_quality(settings: Settings) -> int:
    return max(1, settings.quality - _WITHOUT_TRELLIS) if settings.effort == "fast" else settings.quality


def encode_piece(image: Any, settings: Settings, halved: bool, ground: Any) -> bytes:
    """Of `Codec.encode_piece`. Of a part no best scans are sought: a third of the time, 1 or 2 % of the bytes."""
    if image.bands in (2, 4):
        image = image.flatten(background=BACKGROUND)
    return _saved(image, settings, halved=halved or image.bands == 1, quick=ground is not None)


def _halves_colour(source: Source, picture: Picture, settings: Settings) -> bool | None:
    """Half the colour resolution, or all of it? None: only the pixels can tell."""
    stored = source.traits.chroma_subsampling
    if picture.is_grey or stored in _HALF_COLOUR:
        return True
    if stored in (None, "4:4:4") and settings.quality >= _ALL_COLOUR_QUALITY:
        return False
    size = picture.image.width * picture.image.height * picture.image.bands
    return None if size <= MAX_IN_MEMORY_BYTES else stored not in (None, "4:4:4")


def _in_memory(image: Any) -> tuple[Any, Any]:
    """An 8-bit RGB image as one in memory, and that memory: libvips would copy it once more to show it."""
    pixels = image.write_to_memory()
    held = type(image).new_from_memory(pixels, image.width, image.height, image.bands, "uchar")
    return held.copy(interpretation="srgb"), pixels


def _fine(pixels: Any, width: int, height: int) -> bool:
    from plume_app.domain.compression.codecs.jpeg_chroma import has_fine_colour

    return has_fine_colour(pixels, width, height)


def preload() -> None:
    """Load all that `encode` needs, before a worker gives up its files."""
    from mozjpeg_lossless_optimization import _mozjpeg_opti  # noqa: F401

    from plume_app.domain.compression.codecs import jpeg_chroma  # noqa: F401
    from plume_app.domain.image import pixels

    pixels.preload()


@cache  # read from files, which a worker gives up
def version() -> str:
    """The encoders behind this format."""
    packages = ("pyvips-binary", "mozjpeg-lossless-optimization")
    return " ".join(f"{name}/{metadata.version(name)}" for name in packages)


CODEC = Codec(
    name=NAME,
    label="JPEG",
    extensions=("jpg", "jpeg", "jpe", "jfif"),
    mime_type="image/jpeg",
    matches=is_jpeg,
    max_side_px=MAX_SIDE_PX,
    keeps_from_itself=frozenset({CMYK}),
    lossless_from=frozenset({NAME}),  # its coefficients cannot hold what another format's decoder gives
    encode=encode,
    encode_piece=encode_piece,
    rewrite_quickly=rewrite_quickly,
    preload=preload,
    version=version,
)
