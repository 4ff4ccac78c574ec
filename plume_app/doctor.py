"""`plume doctor`: does this installation work, and how well is it protected? Tried, not assumed.

Each codec encodes one small picture in a real worker, the database is opened, the folders are written to.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import struct
import sys
import zlib
from dataclasses import asdict

import click

from plume_app import __version__
from plume_app.cli_lines import json_line
from plume_app.doctor_folders import Check, check_folders
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Written
from plume_app.domain.shared.errors import PlumeError
from plume_app.jobs.messages import Done, Job, Probe, Probed
from plume_app.paths import find_paths
from plume_app.runtime import Runtime, open_runtime
from plume_app.sentences import sentence

_PACKAGES = (
    "click",
    "exiv2",
    "imagequant",
    "mozjpeg-lossless-optimization",
    "oxipng-pybind",
    "pebble",
    "peewee",
    "Pillow",
    "platformdirs",
    "pyvips",
    "pyvips-binary",
    "pywebview",
)
_SIDE_PX = 8


def examine(*, as_json: bool) -> int:
    """Tries everything and tells; returns 1 when something needed is missing."""
    checks = [*_versions(), *_at_work(), *check_folders(find_paths()), *_window()]
    ok = all(check.ok for check in checks if check.needed)
    if as_json:
        click.echo(
            json_line(
                {
                    "type": "doctor",
                    "ok": ok,
                    "version": __version__,
                    "python": platform.python_version(),
                    "system": platform.platform(),
                    "checks": [asdict(check) for check in checks],
                }
            )
        )
    else:
        click.echo(f"Plume {__version__}, Python {platform.python_version()}, {platform.platform()}")
        for check in checks:
            mark = "ok     " if check.ok else "MISSING" if check.needed else "absent "
            click.echo(f"{mark}  {check.name}: {check.told}")
    return 0 if ok else 1


def _versions() -> list[Check]:
    found = []
    for name in _PACKAGES:
        try:
            found.append(Check(name, True, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            found.append(Check(name, False, "not installed", needed=name != "pywebview"))
    return found


def _at_work() -> list[Check]:
    """What only a Plume that has started can tell; why it has not, otherwise."""
    try:
        with open_runtime(workers=1, warm=True) as runtime:
            return [*_codecs(runtime), *_protections(runtime)]
    except PlumeError as error:
        return [Check("start", False, sentence(error.code, error.facts))]


def _codecs(runtime: Runtime) -> list[Check]:
    """One small picture through every encoder, in a worker as restricted as any."""
    found = []
    picture = tiny_png()
    for number, codec in enumerate(all_codecs().values(), start=1):
        if codec.encode is None:
            found.append(Check(f"codec {codec.name}", True, "read only"))
            continue
        settings = Settings(output_format=codec.name)
        outcome = runtime.pool.submit(Job(number, picture, settings, decoded_bytes=4 * _SIDE_PX**2)).result()
        works = isinstance(outcome, Done) and (isinstance(outcome.verdict, Written) or codec.name == "png")
        told = codec.version() if works else f"does not encode: {outcome!r:.200}"
        found.append(Check(f"codec {codec.name}", works, told))
    return found


def _protections(runtime: Runtime) -> list[Check]:
    outcome = runtime.pool.submit(Probe(0)).result()
    if not isinstance(outcome, Probed):
        return [Check("workers", False, f"no answer: {outcome!r:.200}")]
    return [
        Check(f"workers: {name}", bool(value), "restricted" if value else "not restricted on this system", needed=False)
        if name != "landlock_abi"
        else Check("workers: landlock", value > 0, f"ABI {value}", needed=False)
        for name, value in asdict(outcome.protections).items()
    ]


def _window() -> list[Check]:
    """The window's libraries: the command line does without them."""
    backends = [name for name in ("gi", "PyQt6", "PySide6") if importlib.util.find_spec(name) is not None]
    if sys.platform != "linux":
        backends.append("the system's own")
    told = ", ".join(backends) if backends else "none found; the command line needs none"
    return [Check("window backend", bool(backends), told, needed=False)]


def tiny_png() -> bytes:
    """A valid 8 x 8 RGB gradient as PNG, made by hand: the process of the user's files has no encoder."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + bytes(value for x in range(_SIDE_PX) for value in (32 * x, 32 * y, 128)) for y in range(_SIDE_PX)
    )
    header = struct.pack(">IIBBBBB", _SIDE_PX, _SIDE_PX, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data
