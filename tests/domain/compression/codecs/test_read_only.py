from __future__ import annotations

import pytest

import images
from plume_app.domain.compression.codecs import Codec, all_codecs, bmp, codec_for, gif, tiff, writable_codecs
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.compression.verdict import Kept, Reason, Written

SAMPLES = {
    "gif": images.gif_bytes(images.palette(40, 30)),
    "tiff": images.tiff_bytes(images.text(40, 30)),
    "bmp": images.bmp_bytes(images.text(40, 30)),
}
READ_ONLY = pytest.mark.parametrize("codec", [gif.CODEC, tiff.CODEC, bmp.CODEC], ids=lambda codec: codec.name)


@READ_ONLY
def test_a_format_without_encoder_is_no_target(codec: Codec) -> None:
    assert codec.encode is None
    assert codec.name in all_codecs()
    assert codec.name not in writable_codecs()


@READ_ONLY
def test_its_files_are_recognised(codec: Codec) -> None:
    assert codec_for(SAMPLES[codec.name]) is codec


@READ_ONLY
def test_its_files_are_kept_as_they_are_unless_a_format_is_chosen(codec: Codec) -> None:
    assert compress(SAMPLES[codec.name], Settings()).verdict == Kept(Reason.NO_ENCODER)


@READ_ONLY
@pytest.mark.parametrize("target", sorted(writable_codecs()))
def test_its_files_become_any_format_that_is_written(codec: Codec, target: str) -> None:
    made = compress(SAMPLES[codec.name], Settings(output_format=target))

    assert isinstance(made.verdict, Written)
    assert made.data is not None
    found = codec_for(made.data)
    assert found is not None
    assert found.name == made.output_format == target


@pytest.mark.parametrize("order", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_every_byte_order_and_size_of_tiff_is_recognised(order: bytes) -> None:
    assert codec_for(order.ljust(64, b"\0")) is tiff.CODEC
