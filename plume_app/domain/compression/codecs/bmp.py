"""BMP, every version of Windows and OS/2: read, not written."""

from __future__ import annotations

from plume_app.domain.compression.codecs import Codec
from plume_app.domain.image.header import is_bmp

CODEC = Codec(
    name="bmp",
    label="BMP",
    extensions=("bmp", "dib"),
    mime_type="image/bmp",
    matches=is_bmp,
    lossy=False,
)
