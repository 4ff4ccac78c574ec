"""The rules of the registry, over all its members, and a member from another package."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import images
from plume_app.domain.compression.codecs import (
    Codec,
    all_codecs,
    codec_for,
    other_formats,
    writable_codecs,
)
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import HEAD_BYTES
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.traits import ALL_TRAITS

EXAMPLE = Path(__file__).parent / "example_codec"
CODECS = tuple(all_codecs().values())
EVERY = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
WRITABLE = pytest.mark.parametrize("codec", writable_codecs().values(), ids=lambda codec: codec.name)
PICTURE = images.text(48, 36)
SAMPLES = {
    "png": images.png_bytes(PICTURE),
    "jpeg": images.jpeg_bytes(PICTURE),
    "webp": images.webp_bytes(PICTURE),
    "gif": images.gif_bytes(PICTURE),
    "tiff": images.tiff_bytes(PICTURE),
    "bmp": images.bmp_bytes(PICTURE),
}


@EVERY
def test_a_codec_is_known_by_its_own_name(codec: Codec) -> None:
    assert all_codecs()[codec.name] is codec
    assert re.fullmatch(r"[a-z][a-z0-9_]*", codec.name)
    assert codec.label
    assert codec.mime_type.startswith("image/")


def test_no_extension_belongs_to_two_codecs() -> None:
    extensions = [extension for codec in CODECS for extension in codec.extensions]
    assert len(extensions) == len(set(extensions))


@EVERY
def test_an_extension_is_lower_case_without_its_dot(codec: Codec) -> None:
    assert codec.extensions
    for extension in codec.extensions:
        assert re.fullmatch(r"[a-z0-9]+", extension)


@EVERY
def test_t33_the_first_bytes_alone_tell_the_codec(codec: Codec) -> None:
    head = SAMPLES[codec.name][:HEAD_BYTES]
    assert [other.name for other in CODECS if other.matches(head)] == [codec.name]
    assert codec_for(head) is codec


@EVERY
@pytest.mark.parametrize("head", [b"", b"\0", b"P", b"not a picture at all", bytes(64), b"\xff" * 64])
def test_a_codec_claims_nothing_that_is_not_its_own(codec: Codec, head: bytes) -> None:
    assert codec.matches(head) is False


@EVERY
def test_what_a_codec_keeps_is_a_known_trait(codec: Codec) -> None:
    assert codec.keeps <= set(ALL_TRAITS)
    assert codec.keeps_from_itself <= set(ALL_TRAITS)


@EVERY
def test_t44_a_limit_of_the_sides_is_stated(codec: Codec) -> None:
    assert codec.encode is None or (codec.max_side_px is not None and codec.max_side_px > 10_000)


@WRITABLE
def test_the_version_names_an_encoder_and_is_the_same_twice(codec: Codec) -> None:
    assert re.search(r"\d+\.\d+", codec.version())
    assert codec.version() == codec.version()


@WRITABLE
def test_t31_lossless_promises_the_same_pixels_of_every_format_it_is_declared_for(codec: Codec) -> None:
    for name in codec.lossless_from or SAMPLES:
        made = codec.encode(Source.open(SAMPLES[name]), Settings(output_format=codec.name, lossless=True))

        assert made.same_pixels, name


@pytest.mark.parametrize(("source", "target"), list(itertools.product(SAMPLES, writable_codecs())))
def test_every_input_becomes_every_output(source: str, target: str) -> None:
    encode = writable_codecs()[target].encode
    assert encode is not None

    made = encode(Source.open(SAMPLES[source]), Settings(output_format=target))

    assert writable_codecs()[target].matches(made.data)
    assert Source.open(made.data).header.width == 48


def test_reading_the_registry_loads_no_decoder() -> None:
    code = (
        "import sys\n"
        "from plume_app.domain.compression.codecs import all_codecs\n"
        "all_codecs()\n"
        "print([m for m in ('PIL', 'pyvips', 'oxipng', 'imagequant', 'mozjpeg_lossless_optimization', 'exiv2')"
        " if m in sys.modules])\n"
    )
    assert run(code).strip() == "[]"


def test_without_other_packages_there_are_no_other_formats() -> None:
    assert not other_formats().readers
    assert not other_formats().decoders


USE_EXAMPLE = """
import json, sys
import images
from plume_app.domain.compression.codecs import all_codecs, header_readers, writable_codecs
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import read_header
from plume_app.domain.shared.errors import PlumeError

ours = images.png_bytes(images.photo(64, 48))
written = compress(ours, Settings(output_format="ppm", lossless=True))
theirs = written.data
header = read_header(lambda offset, size: theirs[offset : offset + size], len(theirs), header_readers())
try:
    compress(theirs[:-100], Settings(output_format="png"))
    refused = None
except PlumeError as error:
    refused = error.code
print(json.dumps({
    "listed": "ppm" in all_codecs() and "ppm" in writable_codecs() and all_codecs()["ppm"].label,
    "written": [written.output_format, theirs[:2].decode()],
    "header": [header.format, header.width, header.height],
    "back": [compress(theirs, Settings(output_format=name)).output_format for name in ("png", "jpeg", "webp")],
    "lossless": type(compress(theirs, Settings(output_format="png", lossless=True)).verdict).__name__,
    "kept": compress(theirs, Settings()).verdict.reason,
    "refused": refused,
}))
"""


def test_a_codec_of_another_package_is_listed_written_and_read_without_a_change() -> None:
    told = json.loads(run(USE_EXAMPLE, EXAMPLE))

    assert told == {
        "listed": "PPM",
        "written": ["ppm", "P6"],
        "header": ["ppm", 64, 48],
        "back": ["png", "jpeg", "webp"],
        "lossless": "Written",
        "kept": "not_smaller",
        "refused": "corrupt_image",
    }


def run(code: str, *folders: Path) -> str:
    """What this program prints in a fresh interpreter that also finds the packages in `folders`."""
    path = os.pathsep.join([*map(str, folders), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout
