"""Animated WebP, frame for frame: as many frames as the source, each as long, as often round.

libwebp's own animation encoder merges frames that are equal and moves key frames about; a file that went
through it has other frames than before. So each frame is encoded here as a still picture and the container is
written by hand. Source of the layout: RFC 9649, 2.7.1 (VP8X, ANIM, ANMF).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PIL import Image as PillowImage
from PIL import ImageChops

from plume_app.domain.compression.codecs import Encoded
from plume_app.domain.compression.codecs.webp import NAME, lossless_bytes, lossy_bytes, smallest_bytes
from plume_app.domain.image import decode
from plume_app.domain.image.containers.webp import chunks
from plume_app.domain.image.finders import vp8

if TYPE_CHECKING:
    from plume_app.domain.compression.settings import Settings
    from plume_app.domain.image.pixels import Source

_HEAD_BYTES = 16  # of an ANMF chunk: place, size, duration, flags; the frame's own chunks follow
_MAX_DURATION_MS = 0xFF_FFFF
_ANIMATION_FLAG, _ALPHA_FLAG = 0x02, 0x10
_OVERWRITE = 0x02  # ANMF flag: do not blend with what is there
_PICTURE = ("ALPH", "VP8 ", "VP8L")
_MIN_SAME_SHARE = 0.1  # of the pixels of a tile: with fewer, holes cost more than they save
Box = tuple[int, int, int, int]


def encode(source: Source, settings: Settings) -> Encoded:
    """The animation as WebP. Raises CorruptImage at the first frame that cannot be decoded."""
    if source.header.format == NAME:
        return _recompressed(source, settings)
    return Encoded(_converted(source, settings), upright=True, same_pixels=settings.lossless)


def _recompressed(source: Source, settings: Settings) -> Encoded:
    """Every frame's picture encoded anew where that is smaller; the rest of the file stays byte for byte.

    A frame that is lossy already is left alone when nothing may be lost or its quality is not above
    the target's.
    """
    data, body, changed, lossy = source.data, [], False, False
    found, end = chunks(data)
    for name, start, stop in found:
        payload = data[start:stop]
        if name == "ANMF":
            picture = payload[_HEAD_BYTES:]
            smaller, is_lossy = _smaller(picture, payload, settings)
            if len(smaller) < len(picture):
                payload, changed, lossy = payload[:_HEAD_BYTES] + smaller, True, lossy or is_lossy
        body.append(_chunk(name, payload))
    if not changed:
        return Encoded(data, carries_metadata=True, same_pixels=True)
    return Encoded(_riff(b"".join(body)) + data[end:], carries_metadata=True, same_pixels=not lossy)


def _smaller(picture: bytes, payload: bytes, settings: Settings) -> tuple[bytes, bool]:
    """The chunks of one frame, encoded anew, and whether that lost something."""
    width, height = (int.from_bytes(payload[at : at + 3], "little") + 1 for at in (6, 9))
    still = _still(picture, width, height)
    lossy_part = next((still[start:stop] for name, start, stop in chunks(still)[0] if name == "VP8 "), None)
    if lossy_part is not None:
        known = vp8.quality_of(lossy_part[:128])
        if settings.lossless or (known is not None and known <= settings.quality):
            return picture, False
    with decode.reading():
        image = decode.open_webp(still)
        if settings.lossless:
            return _picture_of(lossless_bytes(image, settings.effort)), False
        make = smallest_bytes if lossy_part is None else lossy_bytes
        return _picture_of(make(image, settings.quality, settings.effort)), True


def _still(picture: bytes, width: int, height: int) -> bytes:
    """A frame's chunks as a WebP file of its own."""
    flags = _ALPHA_FLAG if picture[:4] == b"ALPH" else 0
    return _riff(_extended(flags, width, height) + picture if flags else picture)


def _converted(source: Source, settings: Settings) -> bytes:
    animation = source.animation(upright=True)
    frames: list[bytes] = []
    before: PillowImage.Image | None = None
    for shown, duration_ms in animation.frames():
        frame = shown.convert("RGBA")
        frames.append(_frame(frame, before, duration_ms, settings))
        before = frame
    head = _extended(_ANIMATION_FLAG | _ALPHA_FLAG, animation.width, animation.height)
    head += _chunk("ANIM", bytes(4) + min(animation.loop, 0xFFFF).to_bytes(2, "little"))
    return _riff(head + b"".join(frames))


def _frame(frame: PillowImage.Image, before: PillowImage.Image | None, duration_ms: int, settings: Settings) -> bytes:
    """One ANMF chunk: what changed since the frame before, in the smallest of the ways to say it."""
    box = (0, 0, frame.width, frame.height) if before is None else _changed(frame, before)
    tries = [(_encoded(tile, settings), flags) for tile, flags in _tiles(frame, before, box)]
    picture, flags = min(tries, key=lambda made: len(made[0]))
    left, top, right, bottom = box
    head = b"".join(
        value.to_bytes(3, "little")
        for value in (left // 2, top // 2, right - left - 1, bottom - top - 1, min(duration_ms, _MAX_DURATION_MS))
    )
    return _chunk("ANMF", head + bytes([flags]) + picture)


def _changed(frame: PillowImage.Image, before: PillowImage.Image) -> Box:
    """Where the two differ, begun at even pixels as the format wants; one pixel where they do not."""
    found = ImageChops.difference(frame, before).getbbox(alpha_only=False) or (0, 0, 1, 1)
    left, top, right, bottom = found
    return left // 2 * 2, top // 2 * 2, right, bottom


def _tiles(
    frame: PillowImage.Image, before: PillowImage.Image | None, box: Box
) -> Iterator[tuple[PillowImage.Image, int]]:
    """The ways to bring `before` to `frame`: write the box over it; or blend it, see-through where nothing changed."""
    tile = frame.crop(box)
    yield tile, _OVERWRITE
    if before is None:
        return
    channels = ImageChops.difference(tile, before.crop(box)).split()
    same = channels[0]
    for channel in channels[1:]:
        same = ImageChops.lighter(same, channel)
    same = same.point([255] + [0] * 255)
    if same.histogram()[255] < _MIN_SAME_SHARE * tile.width * tile.height:
        return
    opaque = tile.getchannel("A").point([0] * 255 + [255])
    if ImageChops.lighter(same, opaque).getextrema() != (255, 255):
        return  # a changed pixel that is not opaque would mix with what is below it
    blended = tile.copy()
    blended.paste((0, 0, 0, 0), (0, 0), same)
    yield blended, 0


def _encoded(tile: PillowImage.Image, settings: Settings) -> bytes:
    has_alpha = tile.getchannel("A").getextrema() != (255, 255)
    image = decode.from_pillow(tile if has_alpha else tile.convert("RGB"))
    if settings.lossless:
        return _picture_of(lossless_bytes(image, settings.effort))
    return _picture_of(smallest_bytes(image, settings.quality, settings.effort))


def _picture_of(still: bytes) -> bytes:
    """The chunks of a still file that are its picture."""
    return b"".join(_chunk(name, still[start:stop]) for name, start, stop in chunks(still)[0] if name in _PICTURE)


def _extended(flags: int, width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _chunk("VP8X", bytes([flags, 0, 0, 0]) + sides)


def _chunk(name: str, payload: bytes) -> bytes:
    return name.encode("ascii") + len(payload).to_bytes(4, "little") + payload + b"\0" * (len(payload) & 1)


def _riff(body: bytes) -> bytes:
    return b"RIFF" + (4 + len(body)).to_bytes(4, "little") + b"WEBP" + body
