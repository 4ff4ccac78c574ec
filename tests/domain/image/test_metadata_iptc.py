"""IPTC in PNG as exiftool writes it: the name of the profile is two words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import images
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings

NOTICE = "Copyright by somebody with a name so long that the length has three digits"


@pytest.mark.parametrize("notice", [NOTICE, "Copyright"], ids=["three digits", "two digits"])
@pytest.mark.parametrize("target", ["keep", "jpeg"])
def test_t30_iptc_that_exiftool_put_into_a_png_is_read(notice: str, target: str, tmp_path: Path, exiftool: str) -> None:
    source, result = tmp_path / "a.png", tmp_path / "b"
    source.write_bytes(images.png_bytes(images.photo(96, 64)))
    planted = [f"-IPTC:City={'Paris'}", f"-IPTC:CopyrightNotice={notice}"]
    subprocess.run([exiftool, "-q", "-overwrite_original", *planted, str(source)], check=True)

    made = compress(source.read_bytes(), Settings(output_format=target)).data
    assert made is not None
    result.write_bytes(made)
    told = subprocess.run([exiftool, "-a", "-G1", str(result)], capture_output=True, text=True, check=True).stdout
    assert "Paris" not in told
    assert notice in told
    assert "Warning" not in told
