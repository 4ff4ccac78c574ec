"""Small ICC profiles for pictures that state their colours in another way.

A PNG can say gamma, primaries or a code point instead of a profile; JPEG and WebP know profiles only.
Source of the layout: ICC.1:2010 (profile version 4.3), sections 7 to 10.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from plume_app.domain.image.containers import Part

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue, in the order of PNG's cHRM."""

SRGB: Chromaticities = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: dict[int, Chromaticities] = {  # code points of ITU-T H.273, table 2
    1: SRGB,
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_BT709_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES: dict[int, Sequence[float]] = {  # H.273, table 3
    1: _BT709_CURVE, 6: _BT709_CURVE, 14: _BT709_CURVE, 15: _BT709_CURVE, 13: _SRGB_CURVE,
    4: (2.2,), 5: (2.8,), 8: (1.0,),
}  # fmt: skip
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
_SRGB_GAMMA = 0.45455
_LEAST_GAMMA = 0.02  # an exponent of 50: beyond it the chunk is damaged
_NEAR = 0.005  # a twentieth of a stop in mid grey: PNG writers round 1/2.2 in many ways

Matrix = tuple[tuple[float, float, float], ...]


def icc_from_gamma(gamma: float | None, chromaticities: Chromaticities | None, *, grey: bool) -> bytes | None:
    """A profile for PNG's gAMA (its value divided by 100,000) and cHRM; None where they mean sRGB, or nothing.

    `grey` makes a one-channel profile. A missing value is taken from sRGB.
    """
    if gamma is not None and not _LEAST_GAMMA <= gamma <= 1 / _LEAST_GAMMA:
        gamma = None
    if chromaticities is None or grey or max(abs(a - b) for a, b in zip(chromaticities, SRGB, strict=True)) < _NEAR:
        chromaticities = SRGB
    if (gamma is None or abs(gamma - _SRGB_GAMMA) < _NEAR) and chromaticities == SRGB:
        return None
    curve = _SRGB_CURVE if gamma is None else (1 / gamma,)
    return profile(curve, None if grey else chromaticities)


def icc_from_chunks(colour: Sequence[Part], *, grey: bool) -> bytes | None:
    """A profile for the colour chunks of a PNG without iCCP; None where they mean sRGB or cannot be a profile.

    The order of precedence is the PNG specification's: cICP, sRGB, then gAMA and cHRM.
    """
    chunks = {part.kind: part.data for part in colour}
    if len(chunks.get("cICP", b"")) == 4:
        primaries, transfer = chunks["cICP"][:2]
        if (primaries, transfer) == (1, 13) or not is_expressible(colour):
            return None
        return profile(_CURVES[transfer], None if grey else _PRIMARIES[primaries])
    if "sRGB" in chunks:
        return None
    gamma = int.from_bytes(chunks["gAMA"], "big") / 100_000 if len(chunks.get("gAMA", b"")) == 4 else None
    values: Chromaticities | None = None
    if len(chunks.get("cHRM", b"")) == 32:
        x0, y0, x1, y1, x2, y2, x3, y3 = (value / 100_000 for value in struct.unpack(">8I", chunks["cHRM"]))
        values = (x0, y0, x1, y1, x2, y2, x3, y3) if min(y0, y1, y2, y3) > 0 else None
    return icc_from_gamma(gamma, values, grey=grey)


def is_expressible(colour: Sequence[Part]) -> bool:
    """Can the colours that these chunks state be told by a matrix profile? False for HDR (PQ, HLG) and rare spaces."""
    stated = next((part.data for part in colour if part.kind == "cICP" and len(part.data) == 4), None)
    return stated is None or (stated[0] in _PRIMARIES and stated[1] in _CURVES and stated[2] == 0)


def profile(curve: Sequence[float], chromaticities: Chromaticities | None) -> bytes:
    """A display profile of one curve (parametric, 1 or 5 numbers) and three primaries, or a grey one without."""
    trc = b"para\0\0\0\0" + struct.pack(">HH", {1: 0, 5: 3}[len(curve)], 0) + b"".join(map(_fixed, curve))
    tags = {b"desc": _text("Plume"), b"cprt": _text("CC0"), b"wtpt": _xyz(_D50)}
    if chromaticities is None:
        tags[b"kTRC"] = trc
    else:
        columns = _colorants(chromaticities)
        tags |= {name: _xyz(column) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), trc)
        white = chromaticities[:2]
        tags[b"chad"] = b"sf32\0\0\0\0" + b"".join(_fixed(v) for row in _adaptation(_to_xyz(*white)) for v in row)
    return _assembled(tags, b"GRAY" if chromaticities is None else b"RGB ")


def _assembled(tags: dict[bytes, bytes], space: bytes) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    placed: dict[bytes, int] = {}
    for name, data in tags.items():
        if data not in placed:  # the three curves are one
            placed[data] = at + len(body)
            body += data + b"\0" * (-len(data) % 4)
        table += name + struct.pack(">II", placed[data], len(data))
    head = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(body), b"\0" * 4, 0x04300000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + b"".join(map(_fixed, _D50))
    return head.ljust(128, b"\0") + table + body


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(max(-32_768.0, min(value, 32_767.0)) * 65_536))


def _xyz(value: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, value))


def _text(value: str) -> bytes:
    encoded = value.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded


def _to_xyz(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


def _times(left: Matrix, right: Sequence[float]) -> tuple[float, float, float]:
    a, b, c = (sum(one * other for one, other in zip(row, right, strict=True)) for row in left)
    return a, b, c


def _inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    if abs(determinant) < 1e-9:
        return ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))  # primaries on one line: no colour space
    u, v, w = (tuple(value / determinant for value in row) for row in adjugate)
    return (u[0], u[1], u[2]), (v[0], v[1], v[2]), (w[0], w[1], w[2])


def _adaptation(white: Sequence[float]) -> Matrix:
    """The matrix from this white to D50 (linear Bradford; ICC.1:2010, annex E)."""
    source, target = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    ratios = [t / s if s else 1.0 for t, s in zip(target, source, strict=True)]
    scaled = [[value * ratio for value in row] for row, ratio in zip(_BRADFORD, ratios, strict=True)]
    back = _inverse(_BRADFORD)
    columns = [_times(back, [row[column] for row in scaled]) for column in range(3)]
    return tuple((columns[0][row], columns[1][row], columns[2][row]) for row in range(3))


def _colorants(values: Chromaticities) -> list[tuple[float, float, float]]:
    """The three primaries in XYZ, adapted to D50; their sum is the white."""
    white = _to_xyz(*values[:2])
    columns = [_to_xyz(values[at], values[at + 1]) for at in (2, 4, 6)]
    amounts = _times(_inverse(tuple((columns[0][r], columns[1][r], columns[2][r]) for r in range(3))), white)
    to_d50 = _adaptation(white)
    return [_times(to_d50, [v * amount for v in column]) for column, amount in zip(columns, amounts, strict=True)]
