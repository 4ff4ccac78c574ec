"""Pictures drawn for the tests: small, seeded, without a licence; every function that ends in `_bytes` gives a file.

Pillow pictures:  `photo` (soft, noisy, like a camera's), `gradient`, `noise`, `text` (flat colours, hard edges), in
any of the modes L, LA, RGB, RGBA; `palette`.
Files:  `png_bytes`, `jpeg_bytes`, `webp_bytes`, `gif_bytes`, `tiff_bytes`, `bmp_bytes` (of any Pillow picture),
`png16_bytes`, `tiff16_bytes` (16 bits a channel), `cmyk_jpeg_bytes`, and with frames `apng_bytes`,
`animated_webp_bytes`, `gif_bytes(frames(...))`.
Metadata:  `exif_bytes(orientation=6, ...)` for the `exif=` of the writers, `icc_bytes(...)` for `icc_profile=`, and
`turned(image, orientation)`: the picture as a camera would store it with that tag.
Damage:  `truncated(data, percent)`, `flipped(data, seed)`.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from profiles import grey_icc_bytes as grey_icc_bytes
from profiles import icc_bytes as icc_bytes

ORIENTATIONS = range(1, 9)
EXIF_ORIENTATION = 0x0112
EXIF_COPYRIGHT = 0x8298
_STORED_AS = {  # how the upright picture is turned so that showing it with the tag gives it back
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def noise(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Every byte random: nothing compresses, every pixel counts."""
    size = width * height * len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, (width, height), random.Random(seed).randbytes(size))


def gradient(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """Smooth ramps, a different one in each channel."""
    ramp = Image.linear_gradient("L")
    turns = [ramp, ramp.transpose(Image.Transpose.ROTATE_90), ramp.transpose(Image.Transpose.ROTATE_180), ramp]
    turns = turns[seed % 4 :] + turns[: seed % 4]
    bands = len(Image.new(mode, (1, 1)).getbands())
    channels = [turns[band].resize((width, height)) for band in range(bands)]
    return channels[0] if bands == 1 else Image.merge(mode, channels)


def photo(width: int, height: int, seed: int = 1, mode: str = "RGB") -> Image.Image:
    """Soft shapes in muted colours under fine noise: compresses about as a photograph does."""
    small = noise(max(2, width // 24), max(2, height // 24), "RGB", seed)
    soft = small.resize((width, height), Image.Resampling.BICUBIC)
    finer = noise(max(2, width // 5), max(2, height // 5), "L", seed + 1).resize((width, height)).convert("RGB")
    grain = noise(width, height, "L", seed + 2).filter(ImageFilter.BoxBlur(1)).convert("RGB")
    image = Image.blend(Image.blend(soft, finer, 0.25), grain, 0.08)
    if mode in ("RGBA", "LA"):
        alpha = gradient(width, height, "L", seed)
        image = image.convert(mode[:-1])
        image.putalpha(alpha)
        return image
    return image.convert(mode)


def text(width: int, height: int, mode: str = "RGB", seed: int = 1) -> Image.Image:
    """A screenshot of sorts: black and red letters and boxes with hard edges on white."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    rng = random.Random(seed)
    for line in range(0, height, 12):
        words = " ".join("".join(rng.choices("abcdefgh", k=rng.randint(2, 8))) for _ in range(max(1, width // 30)))
        draw.text((2, line), words, fill=rng.choice(["black", "red", "blue", "red"]))
    draw.rectangle((width // 2, height // 2, width - 3, height - 3), outline="red", fill="#ffeeaa")
    return image.convert(mode)


def palette(width: int, height: int, colours: int = 16, seed: int = 1, transparent: bool = False) -> Image.Image:
    """A picture of mode P; `transparent`: its first colour is see-through."""
    image = photo(width, height, seed).quantize(colours)
    if transparent:
        image.info["transparency"] = 0
    return image


def frames(count: int, width: int = 40, height: int = 30, mode: str = "RGBA", seed: int = 1) -> list[Image.Image]:
    """The pictures of an animation: a box that moves over a still photograph; all differ."""
    background = photo(width, height, seed, mode)
    made = []
    for index in range(count):
        frame = background.copy()
        colour: Any = {"L": 255, "RGB": (255, 0, 0), "RGBA": (255, 0, 0, 255)}[mode]
        left = 2 + index * 3 % max(1, width - 10)
        ImageDraw.Draw(frame).rectangle((left, 4, left + 6, 10), fill=colour)
        made.append(frame)
    return made


def saved(image: Image.Image, image_format: str, **options: Any) -> bytes:
    """The picture as a file of any format that Pillow writes."""
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def png_bytes(image: Image.Image, **options: Any) -> bytes:
    """A PNG file; palette transparency is kept."""
    if "transparency" in image.info:
        options.setdefault("transparency", image.info["transparency"])
    return saved(image, "PNG", **options)


def jpeg_bytes(image: Image.Image, quality: int = 95, subsampling: str = "4:4:4", **options: Any) -> bytes:
    """A JPEG file; `subsampling` 4:4:4, 4:2:2 or 4:2:0; `progressive=True` if wanted."""
    return saved(image, "JPEG", quality=quality, subsampling=subsampling, **options)


def webp_bytes(image: Image.Image, lossless: bool = False, quality: int = 90, **options: Any) -> bytes:
    """A WebP file; lossless ones keep the colours under full transparency."""
    return saved(image, "WEBP", lossless=lossless, quality=quality, exact=lossless, **options)


def bmp_bytes(image: Image.Image) -> bytes:
    """A BMP file."""
    return saved(image, "BMP")


def tiff_bytes(image: Image.Image, compression: str = "tiff_lzw", **options: Any) -> bytes:
    """A TIFF file."""
    return saved(image, "TIFF", compression=compression, **options)


def gif_bytes(
    pictures: Image.Image | Sequence[Image.Image], duration_ms: int | list[int] = 100, loop: int = 0
) -> bytes:
    """A GIF file, animated for a sequence; a duration for all frames or one each."""
    if isinstance(pictures, Image.Image):
        return saved(pictures, "GIF")
    rest = list(pictures[1:])
    return saved(
        pictures[0].convert("RGB"), "GIF", save_all=True, append_images=[frame.convert("RGB") for frame in rest],
        duration=duration_ms, loop=loop,
    )  # fmt: skip


def apng_bytes(
    pictures: Sequence[Image.Image], duration_ms: int | list[int] = 100, loop: int = 0, **options: Any
) -> bytes:
    """An animated PNG file."""
    return saved(
        pictures[0], "PNG", save_all=True, append_images=list(pictures[1:]), duration=duration_ms, loop=loop, **options
    )


def animated_webp_bytes(
    pictures: Sequence[Image.Image],
    duration_ms: int | list[int] = 100,
    loop: int = 0,
    lossless: bool = True,
    **options: Any,
) -> bytes:
    """An animated WebP file."""
    return saved(
        pictures[0], "WEBP", save_all=True, append_images=list(pictures[1:]), duration=duration_ms, loop=loop,
        lossless=lossless, exact=lossless, **options,
    )  # fmt: skip


def png16_bytes(width: int, height: int, channels: int = 3, seed: int = 1) -> bytes:
    """A PNG with 16 random bits a channel: grey (1), grey and alpha (2), RGB (3) or RGBA (4)."""
    rng = random.Random(seed)
    rows = b"".join(b"\0" + rng.randbytes(width * channels * 2) for _ in range(height))
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    return png_of_chunks(
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )


def png_of_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of these chunks, lengths and checksums added."""
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def tiff16_bytes(width: int, height: int, channels: int = 3, seed: int = 1) -> bytes:
    """An uncompressed little-endian TIFF with 16 random bits a channel: grey (1), RGB (3) or RGBA (4)."""
    pixels = random.Random(seed).randbytes(width * height * channels * 2)
    entries = [
        (256, 4, 1, width), (257, 4, 1, height), (259, 3, 1, 1), (262, 3, 1, 1 if channels == 1 else 2),
        (277, 3, 1, channels), (278, 4, 1, height), (279, 4, 1, len(pixels)), (284, 3, 1, 1),
    ]  # fmt: skip
    count = len(entries) + 2 + (channels == 4)
    after = 8 + 2 + 12 * count + 4
    bits = struct.pack(f"<{channels}H", *[16] * channels)
    entries.append((258, 3, channels, after if channels > 2 else 16))
    entries.append((273, 4, 1, after + 8))
    if channels == 4:
        entries.append((338, 3, 1, 2))
    directory = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    head = b"II*\0" + struct.pack("<IH", 8, count) + directory + b"\0\0\0\0"
    return head + bits.ljust(8, b"\0") + pixels


def cmyk_jpeg_bytes(width: int = 48, height: int = 32, seed: int = 1, **options: Any) -> bytes:
    """A CMYK JPEG with Adobe's marker and inverted inks, as Photoshop writes them."""
    return saved(photo(width, height, seed).convert("CMYK"), "JPEG", quality=95, **options)


def exif_bytes(orientation: int | None = None, copyright_notice: str = "") -> bytes:
    """A small EXIF block for the `exif=` of the writers."""
    exif = Image.Exif()
    if orientation is not None:
        exif[EXIF_ORIENTATION] = orientation
    if copyright_notice:
        exif[EXIF_COPYRIGHT] = copyright_notice
    return exif.tobytes()


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """The upright picture as it is stored under this orientation tag."""
    way = _STORED_AS.get(orientation)
    return image.copy() if way is None else image.transpose(way)


def truncated(data: bytes, percent: int) -> bytes:
    """The first `percent` of the file."""
    return data[: len(data) * percent // 100]


def flipped(data: bytes, seed: int = 1, flips: int = 3) -> bytes:
    """The file with some bits of its later two thirds turned over."""
    rng = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(flips):
        damaged[rng.randrange(len(data) // 3, len(data))] ^= 1 << rng.randrange(8)
    return bytes(damaged)
