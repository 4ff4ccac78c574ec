"""Files that a person may have in a folder, drawn, and how to put them there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import images

PHOTO = images.jpeg_bytes(images.photo(90, 60), quality=97)
GIF = images.gif_bytes(images.palette(20, 20))
APNG = images.apng_bytes(images.frames(3))
GOOD = {
    "a.jpg": PHOTO,
    "sub/b.png": images.png_bytes(images.photo(60, 40)),
    "sub/c.webp": images.webp_bytes(images.photo(60, 40), quality=98),
}


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
