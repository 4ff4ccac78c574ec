"""GIF, which is only read."""

from __future__ import annotations

import pytest

import images
import planted
from plume_app.domain.image.containers import Metadata, gif

PICTURE = images.palette(20, 12)


def _blocks(data: bytes) -> bytes:
    return b"".join(bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255)) + b"\0"


def _gif(*extensions: bytes) -> bytes:
    data = images.gif_bytes(PICTURE)
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    return data[:at] + b"".join(extensions) + data[at:]


def test_comment_profile_and_xmp_of_a_gif_are_read() -> None:
    ramp = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    data = _gif(
        b"\x21\xfe" + _blocks(b"remark " * 50),
        b"\x21\xff\x0bICCRGBG1012" + _blocks(planted.ICC),
        b"\x21\xff\x0bXMP DataXMP" + planted.xmp_packet() + ramp,
    )
    metadata = gif.read(data)

    assert metadata.comments == (b"remark " * 50,)
    assert metadata.icc == planted.ICC
    assert metadata.xmp == planted.xmp_packet()
    assert planted.opened(data).tobytes() == planted.opened(images.gif_bytes(PICTURE)).tobytes()


@pytest.mark.parametrize("cut", [0, 6, 13, 14, 100, 400])
def test_t35_a_broken_gif_says_what_it_can(cut: int) -> None:
    assert isinstance(gif.read(_gif(b"\x21\xfe" + _blocks(b"x" * 300))[:cut]), Metadata)
