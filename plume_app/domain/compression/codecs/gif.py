"""GIF: read, animated or still; not written (WebP keeps every frame in less)."""

from __future__ import annotations

from plume_app.domain.compression.codecs import Codec
from plume_app.domain.image.header import is_gif

CODEC = Codec(
    name="gif",
    label="GIF",
    extensions=("gif",),
    mime_type="image/gif",
    matches=is_gif,
    lossy=False,
    max_side_px=65_535,
)
