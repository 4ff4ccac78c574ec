"""Pixels into what every encoder takes: grey or RGB, 8 or 16 bits, with or without alpha."""

from __future__ import annotations

import struct
from typing import Any

from plume_app.domain.shared.errors import UnsupportedFormat

NO_PROFILE = b""  # the pixels are sRGB now, whatever profile the file holds
_WHITE_D50 = (63190, 65536, 54061)  # the connection space's white, s15Fixed16 (ICC.1:2001-04, 6.3.4.3)
_SRGB_COLORANTS = {  # sRGB's primaries adapted to D50, s15Fixed16; they sum to the white above
    b"rXYZ": (28578, 14581, 912),
    b"gXYZ": (25240, 46982, 6362),
    b"bXYZ": (9372, 3973, 46787),
}
_INTEGERS = {"uchar", "ushort"}


def normalised(image: Any) -> tuple[Any, bytes | None]:
    """The picture as 1 to 4 channels of grey or RGB, 8 or 16 bits, and which profile now describes it.

    None: the file's own profile, if any, still does. `NO_PROFILE`: the pixels were converted to sRGB. CMYK goes
    through the embedded profile, or libvips' own press profile where there is none. Raises UnsupportedFormat
    for numbers that are no such pixels (floating point, 32 bits, more channels).
    """
    kind = image.interpretation
    if kind == "cmyk":
        if image.format == "ushort":
            image = (image >> 8).cast("uchar").copy(interpretation="cmyk")
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", intent="relative"), NO_PROFILE
    if kind in ("lab", "labs", "labq", "xyz", "scrgb"):
        return image.colourspace("srgb"), NO_PROFILE
    if image.format not in _INTEGERS:
        raise UnsupportedFormat(problem=f"its channels are {image.format} numbers")
    if image.bands > 4:
        raise UnsupportedFormat(problem=f"it has {image.bands} channels")
    grey, deep = image.bands < 3, image.format == "ushort"
    wanted = ("grey16" if deep else "b-w") if grey else ("rgb16" if deep else "srgb")
    return (image if kind == wanted else image.copy(interpretation=wanted)), None


def eight_bits(image: Any) -> Any:
    """The picture with 8 bits a channel; the upper 8 of 16."""
    if image.format == "uchar":
        return image
    return (image >> 8).cast("uchar").copy(interpretation="b-w" if image.bands < 3 else "srgb")


def turned(image: Any, orientation: int) -> Any:
    """The picture upright, given its EXIF orientation (1-8). All but a mirror image is held in memory."""
    if orientation in (3, 4, 5, 6, 7, 8):
        image = image.copy_memory()  # a decoder gives rows from the top down only
    turn = _TURNS.get(orientation)
    return image if turn is None else turn(image)


_TURNS = {
    2: lambda image: image.fliphor(),
    3: lambda image: image.rot180(),
    4: lambda image: image.flipver(),
    5: lambda image: image.rot90().fliphor(),
    6: lambda image: image.rot90(),
    7: lambda image: image.rot270().fliphor(),
    8: lambda image: image.rot270(),
}


def profile_model(profile: bytes) -> str:
    """The colour model that an ICC profile describes: "RGB", "GRAY", "CMYK", ...; "" for no profile."""
    return profile[16:20].decode("latin-1").strip() if profile[36:40] == b"acsp" else ""


def is_misplaced(image: Any) -> bool:
    """Is its profile one for grey, though the picture has colours? Every reader passes over such a profile."""
    if image.bands < 3 or not image.get_typeof("icc-profile-data"):
        return False
    return profile_model(image.get("icc-profile-data")) == "GRAY"


def rgb_twin(grey_profile: bytes) -> bytes | None:
    """A profile under which equal R, G and B show what the grey profile shows for that value.

    For formats that store grey as RGB: the pixels stay the same and so does the look. None where the
    profile is no grey profile with a tone curve. Source: ICC.1:2001-04, 6.3.1.1 (monochrome) and 6.3.1.2
    (three-component matrix); both multiply the curve's value with D50 white when the channels are equal.
    """
    if profile_model(grey_profile) != "GRAY" or grey_profile[20:24] != b"XYZ ":
        return None
    curve = _tag(grey_profile, b"kTRC")
    if curve is None:
        return None
    bodies = {b"desc": _description("Grey as RGB"), b"cprt": b"text\0\0\0\0CC0\0", b"wtpt": _xyz(_WHITE_D50)}
    bodies |= {name: _xyz(value) for name, value in _SRGB_COLORANTS.items()}
    bodies[b"rTRC"] = curve
    offset = 128 + 4 + 12 * (len(bodies) + 2)
    table, data, curve_at = b"", b"", 0
    for name, body in bodies.items():
        curve_at = offset + len(data)
        table += name + struct.pack(">II", curve_at, len(body))
        data += body + bytes(-len(body) % 4)
    table += b"".join(name + struct.pack(">II", curve_at, len(curve)) for name in (b"gTRC", b"bTRC"))
    head = grey_profile[4:16] + b"RGB " + grey_profile[20:84] + bytes(44)  # no profile ID: it was the other's
    return struct.pack(">I", offset + len(data)) + head + struct.pack(">I", len(bodies) + 2) + table + data


def _tag(profile: bytes, name: bytes) -> bytes | None:
    if len(profile) < 132:
        return None
    count = struct.unpack_from(">I", profile, 128)[0]
    for at in range(132, min(len(profile) - 11, 132 + 12 * min(count, 100)), 12):
        if profile[at : at + 4] == name:
            offset, size = struct.unpack_from(">II", profile, at + 4)
            return profile[offset : offset + size] if 12 <= size <= len(profile) - offset else None
    return None


def _xyz(value: tuple[int, int, int]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *value)


def _description(name: str) -> bytes:
    text = name.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
