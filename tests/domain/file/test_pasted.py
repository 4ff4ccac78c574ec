from __future__ import annotations

from pathlib import Path

import pytest

from plume_app.domain.file.pasted import pasted_paths


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("/a/b.png", ["/a/b.png"]),
        ('  "/a/with space.png"  ', ["/a/with space.png"]),
        ("file:///a/100%25%20%C3%A9.png", ["/a/100% é.png"]),
        ("file://localhost/a.png\r\n/b.png\n", ["/a.png", "/b.png"]),
        ("file:///bad%FF.png", ["/bad\udcff.png"]),
        ("file://elsewhere/a.png", []),
        ("https://example.org/a.png\nrelative.png\n\n~/a.png", []),
        ("/a\0b.png\nfile:///a%00b.png", []),
        ("file://[/a.png", []),
        ("/half\ud800.png\n/whole.png", ["/whole.png"]),
    ],
)
def test_only_absolute_paths_and_local_urls_are_taken(text: str, paths: list[str]) -> None:
    assert pasted_paths(text) == [Path(one) for one in paths]
