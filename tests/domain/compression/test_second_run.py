"""A result is the end of the road: the same settings keep it, also where nothing remembers that it is one."""

from __future__ import annotations

import pytest

import images
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.compression.verdict import Kept, Reason, Written

SOURCES = {
    "photo.jpg": images.jpeg_bytes(images.photo(240, 180)),
    "half.jpg": images.jpeg_bytes(images.photo(240, 180), 92, "4:2:0", comment=b"kept where the policy keeps it"),
    "grey.jpg": images.jpeg_bytes(images.photo(160, 120).convert("L"), 90),
    "coarse.jpg": images.jpeg_bytes(images.photo(160, 120), 60, "4:2:0"),
    "icon.jpg": images.jpeg_bytes(images.photo(48, 48), 90),
    "text.jpg": images.jpeg_bytes(images.text(160, 120), 92),
    "photo.png": images.png_bytes(images.photo(160, 120)),
    "text.png": images.png_bytes(images.text(160, 120)),
    "photo.webp": images.webp_bytes(images.photo(160, 120), quality=95),
    "text.webp": images.webp_bytes(images.text(160, 120), lossless=True),
}
CASES = [
    (output_format, effort, lossless)
    for output_format in ("keep", "jpeg", "png", "webp")
    for effort in EFFORTS
    for lossless in (False, True)
]


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(("output_format", "effort", "lossless"), CASES)
def test_a_result_is_kept_by_the_settings_that_made_it(
    output_format: str, effort: str, lossless: bool, name: str
) -> None:
    for quality in (80,) if lossless else (60, 80):
        settings = Settings(output_format=output_format, effort=effort, quality=quality, lossless=lossless)
        first = compress(SOURCES[name], settings)
        if not isinstance(first.verdict, Written):
            continue
        assert first.data is not None
        assert compress(first.data, settings).verdict == Kept(Reason.NOT_SMALLER)
