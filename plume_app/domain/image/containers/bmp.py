"""BMP: read only; a resolution, and in version 5 a colour profile."""

from __future__ import annotations

import struct

from plume_app.domain.image.containers import Density, Metadata

_FILE_HEADER = 14
_V5_BYTES = 124
_EMBEDDED = b"DEBM"  # "MBED" as a little-endian number


def read(data: bytes) -> Metadata:
    """Resolution and profile; nothing where the header is short."""
    if len(data) < _FILE_HEADER + 40:
        return Metadata()
    size = int.from_bytes(data[14:18], "little")
    x, y = struct.unpack_from("<ii", data, _FILE_HEADER + 24) if size >= 40 else (0, 0)
    density = Density(float(x), float(y), "metre") if x > 0 and y > 0 else None
    icc = None
    if size >= _V5_BYTES and len(data) >= _FILE_HEADER + _V5_BYTES and data[70:74] == _EMBEDDED:
        start, length = struct.unpack_from("<II", data, _FILE_HEADER + 112)
        profile = data[_FILE_HEADER + start : _FILE_HEADER + start + length]
        icc = profile if length and len(profile) == length else None
    return Metadata(icc=icc, density=density)
