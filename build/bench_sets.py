"""Sets of distinct pictures, derived from a folder of real ones: the same folder gives the same sets.

Each member is a crop of one of them, perhaps mirrored: a JPEG is encoded again as its camera did (the same
quantisation tables, sampling, EXIF and profile), a PNG by zlib's usual level.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, JpegImagePlugin

_CAMERA_PIXELS = 1_500_000
_PNG_PIXELS = 512 * 512
_SKIPPED = ("fuzz", "pngsuite", "edge")  # folders of hostile files: nothing to learn about speed there


@dataclass(frozen=True, slots=True)
class Sources:
    """The usable pictures of a folder, shuffled once, always alike."""

    camera: tuple[Path, ...]
    png: tuple[Path, ...]


def find_sources(folder: Path) -> Sources:
    """Camera JPEGs of 1.5 megapixels or more, and PNGs of 512 x 512 pixels or more."""
    camera: list[Path] = []
    png: list[Path] = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not set(path.relative_to(folder).parts) & set(_SKIPPED):
            kind = _kind(path)
            if kind is not None:
                (camera if kind == "camera" else png).append(path)
    shuffle = random.Random(1).shuffle  # noqa: S311 - pictures in a fixed order, no secret
    shuffle(camera)
    shuffle(png)
    return Sources(tuple(camera), tuple(png))


def _kind(path: Path) -> str | None:
    try:
        with Image.open(path) as image:
            pixels = image.width * image.height
            if image.format == "JPEG" and image.mode == "RGB" and pixels >= _CAMERA_PIXELS:
                image.load()
                return "camera"
            if image.format == "PNG" and pixels >= _PNG_PIXELS and getattr(image, "n_frames", 1) == 1:
                image.load()
                return "png"
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        pass  # not a picture, or a broken one
    return None


class Pool:
    """A growing store of the pictures of one kind; sets are its first members, hard-linked."""

    def __init__(self, kind: str, sources: Sources, folder: Path) -> None:
        self._draw, chosen = _KINDS[kind]
        self._sources = chosen(sources)
        self._folder = folder / f"pool-{kind}"
        self._folder.mkdir(parents=True)
        self._made: list[Path] = []
        self.kind = kind
        if not self._sources:
            raise ValueError(f"the folder has no picture to make the set {kind!r} from")

    def first(self, count: int, target: Path) -> list[Path]:
        """Link the first `count` pictures into the new folder `target`."""
        missing = range(len(self._made), count)
        tasks = [(self._draw, self._sources[n % len(self._sources)], n, self._folder) for n in missing]
        if tasks:
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
                self._made += processes.map(_make, tasks, chunksize=4)
        target.mkdir(parents=True)
        return [_link(path, target / path.name) for path in self._made[:count]]


def _link(path: Path, target: Path) -> Path:
    try:
        target.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, target)
    return target


def _make(task: tuple[Callable[[Path, int], tuple[bytes, str]], Path, int, Path]) -> Path:
    draw, source, number, folder = task
    data, suffix = draw(source, number)
    path = folder / f"{number:05d}{suffix}"
    path.write_bytes(data)
    return path


def _changed(image: Image.Image, number: int) -> Image.Image:
    """A crop of 80 to 100 % of each side, perhaps mirrored; no two numbers alike."""
    chance = random.Random(number)  # noqa: S311
    width, height = (max(1, round(side * chance.uniform(0.8, 1.0))) for side in image.size)
    left, top = chance.randint(0, image.width - width), chance.randint(0, image.height - height)
    cropped = image.crop((left, top, left + width, top + height))
    return ImageOps.mirror(cropped) if chance.random() < 0.5 else cropped


def _camera(path: Path, number: int) -> tuple[bytes, str]:
    with Image.open(path) as image:
        sampling = JpegImagePlugin.get_sampling(image)
        tables: Any = getattr(image, "quantization", None)
        keep = {name: image.info[name] for name in ("exif", "icc_profile") if name in image.info}
        changed = _changed(image, number)
    out = io.BytesIO()
    options = {"qtables": tables, "subsampling": max(0, sampling)}
    with contextlib.suppress(OSError, ValueError):  # some cameras' EXIF is too large or too odd to be written again
        changed.save(out, "JPEG", **options, **keep)
        return out.getvalue(), ".jpg"
    out = io.BytesIO()
    changed.save(out, "JPEG", **options)
    return out.getvalue(), ".jpg"


def _png(path: Path, number: int) -> tuple[bytes, str]:
    out = io.BytesIO()
    with Image.open(path) as image:
        _changed(image, number).save(out, "PNG", compress_level=6)
    return out.getvalue(), ".png"


def _small(path: Path, number: int, *, size: tuple[int, int] = (620, 465), quality: int = 85) -> tuple[bytes, str]:
    out = io.BytesIO()
    with Image.open(path) as image:
        image.draft("RGB", (size[0] * 2, size[1] * 2))
        ImageOps.fit(_changed(image.convert("RGB"), number), size).save(out, "JPEG", quality=quality)
    return out.getvalue(), ".jpg"


def _tiny_fine(path: Path, number: int) -> tuple[bytes, str]:
    """Above the default quality: Plume encodes it anew."""
    return _small(path, number, size=(360, 270), quality=92)


def _tiny_coarse(path: Path, number: int) -> tuple[bytes, str]:
    """At the default quality already: Plume rewrites it without loss, and checks the pixels."""
    return _small(path, number, size=(456, 342), quality=80)


def huge(sources: Sources, target: Path, *, side: tuple[int, int] = (11_600, 8_700)) -> Path:
    """One 100-megapixel baseline JPEG, 4:2:0, tiled from a photograph."""
    with Image.open(sources.camera[0]) as image:
        tile = image.convert("RGB")
    canvas = Image.new("RGB", side)
    for left, top in _grid(tile.size, side):
        canvas.paste(tile, (left, top))
    canvas.save(target, "JPEG", quality=90, subsampling=2)
    return target


def _grid(step: tuple[int, int], side: tuple[int, int]) -> Iterator[tuple[int, int]]:
    return ((left, top) for top in range(0, side[1], step[1]) for left in range(0, side[0], step[0]))


_KINDS: dict[str, tuple[Callable[[Path, int], tuple[bytes, str]], Callable[[Sources], tuple[Path, ...]]]] = {
    "camera": (_camera, lambda sources: sources.camera),
    "png": (_png, lambda sources: sources.png),
    "small": (_small, lambda sources: sources.camera + sources.png),
    "tiny-fine": (_tiny_fine, lambda sources: sources.camera + sources.png),
    "tiny-coarse": (_tiny_coarse, lambda sources: sources.camera + sources.png),
}
