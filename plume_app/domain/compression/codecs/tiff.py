"""TIFF, classic and BigTIFF: read, not written."""

from __future__ import annotations

from plume_app.domain.compression.codecs import Codec
from plume_app.domain.image.header import is_tiff

CODEC = Codec(
    name="tiff",
    label="TIFF",
    extensions=("tif", "tiff"),
    mime_type="image/tiff",
    matches=is_tiff,
)
