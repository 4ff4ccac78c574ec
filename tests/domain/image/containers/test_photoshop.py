"""Photoshop's resources."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import planted
from plume_app.domain.image.containers import photoshop


def test_iptc_is_parted_from_the_other_resources() -> None:
    others = planted.resource(0x03ED, b"odd") + planted.resource(0x0409, b"small picture")
    found, iptc = photoshop.resources(others[:16] + planted.resource(0x0404, b"IIM") + others[16:])

    assert iptc == b"IIM"
    assert [number for number, _ in found] == [0x03ED, 0x0409]
    assert b"".join(block for _, block in found) == others


def test_named_resources_are_passed_over_rightly() -> None:
    named = b"8BIM\x03\xed\x04name\0" + (2).to_bytes(4, "big") + b"ab"

    assert photoshop.resources(named + planted.resource(0x0404, b"IIM"))[1] == b"IIM"


@given(st.binary(max_size=80))
def test_t35_any_bytes_are_read(data: bytes) -> None:
    photoshop.resources(b"8BIM\x04\x04" + data)


def test_a_resource_that_ends_early_is_no_iptc_but_is_there() -> None:
    rest = b"8BIM\x04\x04\0\0\0\0\xff\xff"

    assert photoshop.resources(planted.resource(0x0404, b"whole") + rest) == ([(photoshop.BROKEN, rest)], b"whole")
    assert photoshop.resources(planted.resource(0x0404, b"whole") + b"\0\0") == ([], b"whole")
