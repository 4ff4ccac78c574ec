from __future__ import annotations

from pathlib import Path

import images
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.file.found import Candidate
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.scan import scan
from plume_app.jobs.walk import scan_for
from plume_app.runtime import open_runtime


def test_a_walk_takes_every_registered_extension_and_known_first_bytes(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    wanted = {f"a.{extension}" for codec in all_codecs().values() for extension in codec.extensions}
    for name in (*wanted, "B.JPG", "a.txt", "a.svg"):
        (folder / name).touch()
    (folder / "no extension").write_bytes(images.png_bytes(images.photo(8, 8)))
    (folder / "README").write_text("text")

    with open_runtime(workers=1) as runtime:
        found = list(scan([folder], scan_for(runtime.db, OutputPolicy(), runtime.store.folder)))

    assert {one.path.name for one in found if isinstance(one, Candidate)} == wanted | {"B.JPG", "no extension"}
