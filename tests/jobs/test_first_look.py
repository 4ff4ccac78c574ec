from __future__ import annotations

from pathlib import Path

import pytest

import images
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import ImageTooLarge, SourceMissing, UnsupportedFormat
from plume_app.jobs.first_look import first_look


@pytest.mark.parametrize(("name", "quality"), [("jpeg", 92), ("png", None), ("webp", None)])
def test_header_and_features_come_from_the_file(tmp_path: Path, name: str, quality: int | None) -> None:
    picture = images.photo(60, 40)
    data = {
        "jpeg": images.jpeg_bytes(picture, quality=92),
        "png": images.png_bytes(picture),
        "webp": images.webp_bytes(picture, quality=70),
    }[name]
    (tmp_path / "a").write_bytes(data)
    header, features = first_look(tmp_path / "a", Limits())

    assert (header.format, header.width, header.height) == (name, 60, 40)
    assert (features.format, features.file_size) == (name, len(data))
    assert quality is None or features.source_quality == quality


def test_what_cannot_be_a_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"text")
    with pytest.raises(UnsupportedFormat):
        first_look(tmp_path / "a", Limits())
    with pytest.raises(SourceMissing):
        first_look(tmp_path / "b", Limits())
    (tmp_path / "c").write_bytes(images.png_bytes(images.photo(60, 40)))
    for limits in (Limits(max_file_bytes=10), Limits(max_decoded_bytes=10)):
        with pytest.raises(ImageTooLarge):
            first_look(tmp_path / "c", limits)
