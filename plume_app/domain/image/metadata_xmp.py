"""XMP packets edited by Exiv2, in memory: bytes in, bytes out.

Exiv2 keeps a table of XMP namespaces per process; it is emptied before every packet, so that a result never
depends on the files before it.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from plume_app.domain.image.metadata_edit import library

_BOMS = (  # the longer first: UTF-32 begins as UTF-16 does
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def preload() -> None:
    """Have Exiv2 read and write a packet once, so that nothing is left to load under a sandbox."""
    without(xmp_packet({"dc:title": ["x"]}), lambda key: key == "Xmp.dc.title")


def edited_xmp(packet: bytes, edit: Callable[[Mapping[str, str]], Mapping[str, str | None]]) -> bytes | None:
    """The packet after `edit`, which gets every property by Exiv2's path (Xmp.exif.GPSLatitude) and gives what changes.

    A value of None removes a property. The packet itself comes back where nothing changes; None where it
    cannot be read or nothing is left.
    """
    values = xmp_values(packet)
    if values is None:
        return None
    changes = edit(values)
    if not changes:
        return packet
    exiv2 = library()
    try:
        holder = _holding(exiv2, packet)
        data = holder.xmpData()
        at = data.begin()
        while at != data.end():
            key = at.key()
            change = changes.get(key, "")
            if change is None:
                at = data.erase(at)
                continue
            if change:
                at.setValue(change)
            next(at)
        return _encoded(exiv2, data)
    except exiv2.Exiv2Error:
        return None


def without(packet: bytes, drop: Callable[[str], bool]) -> bytes | None:
    """The packet without the properties whose path `drop` names."""
    return edited_xmp(packet, lambda values: {key: None for key in values if drop(key)})


@lru_cache(maxsize=4)  # a packet is asked for its secrets, cleaned and turned in one run
def xmp_values(packet: bytes) -> Mapping[str, str] | None:
    """Every property by Exiv2's path; None where the packet cannot be read."""
    exiv2 = library()
    try:
        holder = _holding(exiv2, packet)
        return MappingProxyType({datum.key(): datum.toString() for datum in holder.xmpData()})
    except exiv2.Exiv2Error:
        return None


def without_padding(packet: bytes) -> bytes:
    """The packet without the blanks that it brings along for editing in place: usually 2 KB.

    Source: XMP specification part 1 (ISO 16684-1), 7.3: padding stands before the trailer and says nothing.
    """
    trailer = packet.rfind(b"<?xpacket end")
    if trailer < 0 or b"\0" in packet:  # not UTF-8: left as it is
        return packet
    head = packet[:trailer].rstrip(b" \t\r\n")
    return packet if trailer - len(head) <= 1 else head + b"\n" + packet[trailer:].rstrip(b" \t\r\n")


def merged_xmp(first: bytes, second: bytes) -> bytes | None:
    """Both packets in one; where both have a property, the first one's stays. None where one cannot be read."""
    exiv2 = library()
    try:
        holder, other = _holding(exiv2, first), _holding(exiv2, second, forget=False)
        data = holder.xmpData()
        taken = {_property(datum.key()) for datum in data}
        for datum in other.xmpData():
            if _property(datum.key()) not in taken:
                data.add(exiv2.XmpKey(datum.key()), datum.value())
        return _encoded(exiv2, data)
    except exiv2.Exiv2Error:
        return None


def xmp_packet(properties: Mapping[str, list[str]]) -> bytes:
    """A packet of Dublin Core and EXIF texts; dc:creator is a list, the others have a default language."""
    rows = []
    for name, values in properties.items():
        kind, label = ("Seq", "") if name == "dc:creator" else ("Alt", ' xml:lang="x-default"')
        items = "".join(f"<rdf:li{label}>{_escaped(value)}</rdf:li>" for value in values)
        rows.append(f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>")
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:exif="http://ns.adobe.com/exif/1.0/">' + "".join(rows) + "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode("utf-8", "replace")


def _escaped(value: str) -> str:
    printable = "".join(c for c in value if c >= " " or c in "\t\n")
    return printable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _property(key: str) -> str:
    return key.partition("/")[0].partition("[")[0]


def _holding(exiv2: Any, packet: bytes, *, forget: bool = True) -> Any:
    """An image in memory that has this packet. The caller keeps it as long as its data: they live in it."""
    if forget:
        exiv2.XmpProperties.unregisterNs()
        exiv2.XmpParser.terminate()
        exiv2.XmpParser.initialize()
    encoding = next((name for bom, name in _BOMS if packet.startswith(bom)), "utf-8")
    holder = exiv2.ImageFactory.create(exiv2.ImageType.xmp)
    holder.setXmpPacket(packet.decode(encoding, "replace").strip("\0\ufeff \n\r\t"))
    return holder


def _encoded(exiv2: Any, data: Any) -> bytes | None:
    if data.empty():
        return None
    form = exiv2.XmpParser.XmpFormatFlags
    failed, packet = exiv2.XmpParser.encode(data, form.useCompactFormat | form.omitPacketWrapper, 0)
    return None if failed else packet.encode("utf-8")
