"""Animations, frame by frame: every picture as it is shown, for how long, and how often round."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image as PillowImage

from plume_app.domain.image.decode import open_pillow, open_webp, reading, reading_pillow
from plume_app.domain.shared.errors import CorruptImage, UnsupportedFormat

_PLUGINS = {"gif": "GIF", "png": "PNG", "webp": "WEBP"}
FORMATS = frozenset(_PLUGINS)
_PNG_FIRST_CHUNK = 8
_TURNS = {  # what brings a picture upright, by its EXIF orientation
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}
_PNG_INTERLACE_AT = 28


@dataclass(frozen=True, slots=True)
class Animation:
    """An animation that is decoded frame by frame.

    `loop` counts as WebP and APNG do: how often it is shown, 0 for ever. `first` is the decoder's number of
    the first frame: an APNG may begin with a picture for those who cannot animate. The frames are turned by
    `orientation` (EXIF, 1-8); width and height are those of the turned ones.
    """

    data: bytes
    format: str
    width: int
    height: int
    count: int
    loop: int
    first: int = 0
    orientation: int = 1

    def frames(self) -> Iterator[tuple[PillowImage.Image, int]]:
        """Each frame composited, RGB or RGBA, with its duration in milliseconds.

        Raises CorruptImage at the frame that cannot be decoded.
        """
        with reading_pillow():
            image = open_pillow(self.data, _PLUGINS[self.format])
        for number in range(self.first, self.first + self.count):
            with reading_pillow():
                image.seek(number)
                image.load()
                frame = image.convert("RGBA" if image.has_transparency_data else "RGB")
                duration_ms = round(float(image.info.get("duration") or 0))
            turn = _TURNS.get(self.orientation)
            yield (frame if turn is None else frame.transpose(turn)), duration_ms


def opened(data: bytes, image_format: str, orientation: int = 1) -> Animation:
    """The animation in a GIF, PNG or WebP file, not yet decoded; its frames will be turned by `orientation`.

    Raises CorruptImage for one that is cut off, UnsupportedFormat for an interlaced APNG.
    """
    if image_format == "png":
        if data[_PNG_INTERLACE_AT]:  # Pillow reads only the first frame of it, then raises TypeError
            raise UnsupportedFormat(problem="an interlaced animation")
        _check_chunks(data)
    elif image_format == "gif":
        with reading():  # Pillow takes a file that ends between two frames for a shorter animation
            _all_gif_frames(data)
    else:
        with reading():
            open_webp(data)
    with reading_pillow():
        image = open_pillow(data, _PLUGINS[image_format])
        first = 1 if getattr(image, "default_image", False) else 0
        count = int(getattr(image, "n_frames", 1)) - first
        loop = image.info.get("loop")
    if image_format == "gif":
        loop = 1 if loop is None else loop + 1 if loop else 0  # a GIF counts the times after the first
    width, height = (image.height, image.width) if orientation > 4 else image.size
    return Animation(data, image_format, width, height, count, int(loop or 0), first, orientation)


def _all_gif_frames(data: bytes) -> None:
    import pyvips

    pyvips.Image.gifload_buffer(data, n=-1, access="sequential", fail_on="error")


def _check_chunks(data: bytes) -> None:
    """Raises CorruptImage where a chunk of a PNG is cut off or fails its checksum: Pillow asks only of some."""
    at = _PNG_FIRST_CHUNK
    while True:
        size = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + size
        if end > len(data):
            raise CorruptImage(problem="it ends before its end chunk")
        if zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise CorruptImage(problem="a chunk fails its checksum")
        if data[at + 4 : at + 8] == b"IEND":
            return
        at = end
