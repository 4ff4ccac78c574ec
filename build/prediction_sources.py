"""Sources for predictions: pictures of a folder, pieces of them as a camera stored them, and all that encoded again.

What a source is drawn as follows from its name alone, so that it can be drawn again.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, JpegImagePlugin

SLOW_PIXELS = 400_000  # more would keep a lossless encoder busy for long
_SKIPPED = ("fuzz", "pngsuite", "heic", "png", "webp", "gif", "bmp", "tiff", "ico", "jpg")  # hostile and odd files
_PER_FOLDER = 24
_MAX_PIXELS = 1_600_000
_LEAST_SIDE = 96


def sources(folder: Path, done: set[str]) -> Iterator[tuple[str, str, bytes]]:
    """Name, folder and bytes of every source, folders in turn; those in `done` are passed over."""
    by_folder: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and len(inside.parts) > 1 and not set(inside.parts[:-1]) & set(_SKIPPED):
            by_folder[inside.parts[0]].append(path)
    for paths in by_folder.values():
        random.Random(7).shuffle(paths)  # noqa: S311 - a fixed order, no secret
    for row in itertools.zip_longest(*(paths[:_PER_FOLDER] for paths in by_folder.values())):
        for path in filter(None, row):
            inside = path.relative_to(folder)
            for kind in ("itself", "jpeg", "webp", "png", "webp-lossless"):
                name = f"{inside.as_posix()} {kind}"
                if name not in done:
                    data = drawn(path, name, kind)
                    if data is not None:
                        yield name, inside.parts[0], data


def chance_of(name: str) -> random.Random:
    """The same chances for the same name, in every run."""
    return random.Random(hashlib.sha256(name.encode()).digest())  # noqa: S311


def drawn(path: Path, name: str, kind: str) -> bytes | None:
    """One source; None where the picture is none, or chance leaves this kind out."""
    chance = chance_of(name)
    try:
        with Image.open(path) as image:
            if image.format not in ("JPEG", "PNG", "WEBP") or getattr(image, "n_frames", 1) > 1:
                return None
            if image.mode not in ("RGB", "RGBA", "L", "LA", "P") or min(image.size) < _LEAST_SIDE:
                return None
            return _encoded(path, image, kind, chance)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _encoded(path: Path, image: Image.Image, kind: str, chance: random.Random) -> bytes | None:
    is_jpeg = image.format == "JPEG"
    if kind == "itself":
        if image.width * image.height <= _MAX_PIXELS:
            return path.read_bytes()
        return _as_camera(image, chance) if is_jpeg else _saved(_piece(image, chance, _MAX_PIXELS), "PNG")
    if kind == "png":
        return _saved(_piece(image, chance, SLOW_PIXELS), "PNG") if is_jpeg and chance.random() < 0.4 else None
    if kind == "webp-lossless":
        return _saved(_piece(image, chance, SLOW_PIXELS), "WEBP", lossless=True) if chance.random() < 0.3 else None
    piece = _piece(image, chance, chance.choice((300_000, 800_000)))
    if kind == "webp":
        return _saved(piece, "WEBP", quality=chance.randint(50, 97))
    if piece.mode in ("RGBA", "LA", "P"):
        piece = piece.convert("RGB")
    how = {"subsampling": chance.choice((0, 2, 2)), "progressive": chance.random() < 0.3, "optimize": True}
    return _saved(piece, "JPEG", quality=chance.randint(60, 97), **how)


def _as_camera(image: Image.Image, chance: random.Random) -> bytes:
    """A piece of a photograph with the tables and the EXIF of the whole; aligned to its blocks."""
    sampling, tables = JpegImagePlugin.get_sampling(image), getattr(image, "quantization", None)
    keep = {name: image.info[name] for name in ("exif", "icc_profile") if name in image.info}
    piece = _piece(image, chance, _MAX_PIXELS)
    options = {"qtables": tables, "subsampling": max(0, sampling)}
    try:
        return _saved(piece, "JPEG", **options, **keep)
    except (OSError, ValueError):  # some cameras' EXIF is too large or too odd to be written again
        return _saved(piece, "JPEG", **options)


def _piece(image: Image.Image, chance: random.Random, pixels: int) -> Image.Image:
    share = min(1.0, (pixels / (image.width * image.height)) ** 0.5)
    width, height = (max(_LEAST_SIDE, int(side * share) // 16 * 16) for side in image.size)
    left, top = (
        chance.randint(0, max(0, side - part)) // 16 * 16
        for side, part in zip(image.size, (width, height), strict=True)
    )
    return image.crop((left, top, min(image.width, left + width), min(image.height, top + height)))


def _saved(image: Image.Image, file_format: str, **how: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **how)
    return out.getvalue()
