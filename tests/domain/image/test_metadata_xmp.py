"""XMP packets through Exiv2."""

from __future__ import annotations

import pytest

import planted
from plume_app.domain.image import metadata_xmp


def _packet(namespace: str, body: str = 'own:A="1" own:B="2"') -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:own="{namespace}" {body}/></rdf:RDF></x:xmpmeta>'
    ).encode()


def test_a_result_does_not_depend_on_the_packets_before_it() -> None:
    def cleaned() -> bytes | None:
        return metadata_xmp.without(_packet("https://example.org/one/"), lambda key: key == "Xmp.own.A")

    first = cleaned()
    metadata_xmp.without(_packet("https://example.org/two/"), lambda key: key == "Xmp.own.A")

    assert first is not None
    assert cleaned() == first


def test_a_packet_that_needs_no_change_comes_back_byte_for_byte() -> None:
    packet = planted.xmp_packet()

    assert metadata_xmp.without(packet, lambda _key: False) is packet


def test_a_packet_of_which_nothing_is_left_is_none() -> None:
    assert metadata_xmp.without(_packet("https://example.org/one/"), lambda _key: True) is None


@pytest.mark.parametrize("packet", [b"", b"garbage", b"<x:xmpmeta", b"\xff\xfe<", bytes(40), b"<a/>"])
def test_t35_a_broken_packet_is_none_or_itself(packet: bytes) -> None:
    assert metadata_xmp.without(packet, lambda _key: True) in (None, packet)


def test_in_a_merge_the_first_statement_wins_and_nested_ones_come_along() -> None:
    first = _packet("https://example.org/one/")
    merged = metadata_xmp.merged_xmp(first, planted.xmp_packet())
    values = metadata_xmp.xmp_values(merged or b"")

    assert values is not None
    assert (values["Xmp.own.A"], values["Xmp.own.B"]) == ("1", "2")
    assert values["Xmp.iptcExt.LocationCreated[1]/Iptc4xmpExt:City"] == planted.CITY


def test_text_is_escaped_and_control_characters_go() -> None:
    packet = metadata_xmp.xmp_packet({"dc:title": ["a < b & c > d\0\x07"], "dc:creator": ["Ada", "Bo"]})
    values = metadata_xmp.xmp_values(packet)

    assert values is not None
    assert values["Xmp.dc.title"] == 'lang="x-default" a < b & c > d'
    assert values["Xmp.dc.creator"] == "Ada, Bo"
