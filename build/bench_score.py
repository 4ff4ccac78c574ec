"""Scores of pairs of pictures; runs in the environment of the benchmark, which has `ssimulacra2`.

Standard input: a JSON list of [original, result] paths. Standard output: a JSON list of
{"score": SSIMULACRA2 or null where the sizes differ, "identical": the same pixels?}.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

_MAX_SIDE = 1024  # a score costs about a second for each megapixel: the middle of a large picture speaks for it


def score(pair: list[str]) -> dict[str, Any]:
    """Compare the middles of two pictures, both turned upright and laid on grey."""
    from ssimulacra2 import compute_ssimulacra2

    before, after = (_upright(Path(path)) for path in pair)
    if before.size != after.size:
        return {"score": None, "identical": False}
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder) / name) for name in ("before.png", "after.png")]
        for picture, name in zip((before, after), names, strict=True):
            _middle(_flat(picture)).save(name, compress_level=1)
        return {"score": float(compute_ssimulacra2(*names)), "identical": _same(before, after)}


def _upright(path: Path) -> Image.Image:
    with Image.open(path) as image:
        image.load()
        return ImageOps.exif_transpose(image)


def _flat(image: Image.Image) -> Image.Image:
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, (127, 127, 127, 255)), rgba).convert("RGB")


def _middle(image: Image.Image) -> Image.Image:
    left, top = (max(0, (side - _MAX_SIDE) // 2) for side in image.size)
    return image.crop((left, top, min(image.width, left + _MAX_SIDE), min(image.height, top + _MAX_SIDE)))


def _same(before: Image.Image, after: Image.Image) -> bool:
    mode = "RGBA" if "A" in before.getbands() or "A" in after.getbands() or "transparency" in before.info else "RGB"
    return before.convert(mode).tobytes() == after.convert(mode).tobytes()


if __name__ == "__main__":
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        json.dump(list(processes.map(score, json.load(sys.stdin))), sys.stdout)
