"""Running it twice shrinks nothing twice: all policies, crossed with what may happen between two runs.

Each cell states which files exist afterwards and with which bytes. The bytes are named by how they are made:
A and B are the sources, R(x) the engine's result at the first settings, S(x) at the changed ones, E an edited file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import images
from plume_app.database.queries.batches import add_jobs, create_batch
from plume_app.database.queries.results import JobResult, record
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from shop import Shop, tree

FIRST, CHANGED = Settings(), Settings(quality=50)
FIRST_WEBP, CHANGED_WEBP = Settings(output_format="webp"), Settings(output_format="webp", quality=50)
A = images.jpeg_bytes(images.photo(96, 64, seed=3), quality=97)
B = images.png_bytes(images.photo(64, 48, seed=4))
EDITED = {
    ".jpg": images.jpeg_bytes(images.photo(80, 64, seed=5), quality=96),
    ".png": images.png_bytes(images.photo(72, 48, seed=6)),
    ".webp": images.webp_bytes(images.photo(80, 64, seed=7), quality=97),
}
EJ, EP, EW = EDITED.values()

Bytes = dict[str, bytes]
NOW = datetime(2026, 1, 31, tzinfo=UTC)


def mark(folder: str) -> str:
    """What tells two files of one name apart under one folder of results."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:6]


def made(data: bytes, settings: Settings) -> bytes:
    result = compress(data, settings)
    return data if result.data is None else result.data


def R(data: bytes) -> bytes:  # noqa: N802 - as the table spells it
    return made(data, FIRST)


def S(data: bytes) -> bytes:  # noqa: N802
    return made(data, CHANGED)


def W(data: bytes) -> bytes:  # noqa: N802
    return made(data, FIRST_WEBP)


def V(data: bytes) -> bytes:  # noqa: N802
    return made(data, CHANGED_WEBP)


SOURCES = {"a.jpg": A, "sub/b.png": B}
BESIDE = {"a_compressed.jpg": R(A), "sub/b_compressed.png": R(B)}
UNDER = {"out/a.jpg": R(A), "out/sub/b.png": R(B)}
UNDER_2 = {"out2/a.jpg": R(A), "out2/sub/b.png": R(B)}

# policy -> what happened in between -> the files afterwards
TABLE: dict[str, dict[str, Callable[[str], Bytes]]] = {
    "suffix": {
        "again": lambda _: SOURCES | BESIDE,
        "results deleted": lambda _: SOURCES | BESIDE,
        "results edited": lambda _: (
            SOURCES
            | {"a_compressed.jpg": EJ, "sub/b_compressed.png": EP}
            | {"a_compressed-2.jpg": R(A), "sub/b_compressed-2.png": R(B)}
        ),
        "database deleted": lambda _: SOURCES | BESIDE,
        "settings changed": lambda _: SOURCES | {"a_compressed.jpg": S(A), "sub/b_compressed.png": S(B)},
    },
    "DIR": {
        "again": lambda _: SOURCES | UNDER,
        "results deleted": lambda _: SOURCES | UNDER,
        "results edited": lambda folder: (
            SOURCES
            | {"out/a.jpg": EJ, "out/sub/b.png": EP}
            | {f"out/a-{mark(folder)}.jpg": R(A), f"out/sub/b-{mark(folder + '/sub')}.png": R(B)}
        ),
        "database deleted": lambda _: SOURCES | UNDER,
        "settings changed": lambda _: SOURCES | {"out/a.jpg": S(A), "out/sub/b.png": S(B)},
    },
    "another DIR": {
        "again": lambda _: SOURCES | UNDER | UNDER_2,
        "results deleted": lambda _: SOURCES | UNDER_2,
        "results edited": lambda _: SOURCES | {"out/a.jpg": EJ, "out/sub/b.png": EP} | UNDER_2,
        "database deleted": lambda _: SOURCES | UNDER | UNDER_2,
        "settings changed": lambda _: SOURCES | UNDER | {"out2/a.jpg": S(A), "out2/sub/b.png": S(B)},
    },
    "in place": {
        "again": lambda _: {"a.jpg": R(A), "sub/b.png": R(B)},
        "results deleted": lambda _: {},
        "results edited": lambda _: {"a.jpg": R(EJ), "sub/b.png": R(EP)},
        "database deleted": lambda _: {"a.jpg": R(A), "sub/b.png": R(B)},
        "settings changed": lambda _: {"a.jpg": S(R(A)), "sub/b.png": S(R(B))},
    },
    "in place with conversion": {
        "again": lambda _: {"a.webp": W(A), "sub/b.webp": W(B)},
        "results deleted": lambda _: {},
        "results edited": lambda _: {"a.webp": W(EW), "sub/b.webp": W(EW)},
        "database deleted": lambda _: {"a.webp": W(A), "sub/b.webp": W(B)},
        "settings changed": lambda _: {"a.webp": V(W(A)), "sub/b.webp": V(W(B))},
    },
}
TABLE["DIR inside the source"] = TABLE["DIR"]

OUTPUTS: dict[str, tuple[Callable[[Path], OutputPolicy], Callable[[Path], OutputPolicy]]] = {
    "suffix": (lambda _: OutputPolicy(), lambda _: OutputPolicy()),
    "DIR": (lambda at: OutputPolicy("folder", folder=at / "out"), lambda at: OutputPolicy("folder", folder=at / "out")),
    "another DIR": (
        lambda at: OutputPolicy("folder", folder=at / "out"),
        lambda at: OutputPolicy("folder", folder=at / "out2"),
    ),
    "in place": (lambda _: OutputPolicy("in_place"), lambda _: OutputPolicy("in_place")),
    "in place with conversion": (lambda _: OutputPolicy("in_place"), lambda _: OutputPolicy("in_place")),
}
CELLS = [(policy, change) for policy, row in TABLE.items() for change in row]


@pytest.mark.parametrize(("policy", "change"), CELLS, ids=lambda word: word)
def test_t11_a_second_run_shrinks_nothing_twice(policy: str, change: str, tmp_path: Path) -> None:
    source = tmp_path / "photos"
    inside = policy == "DIR inside the source"
    at = source if inside else tmp_path
    for name, data in SOURCES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    shop = Shop(tmp_path / "data")
    first, second = OUTPUTS["DIR" if inside else policy]
    converts = "conversion" in policy
    shop.run([source], FIRST_WEBP if converts else FIRST, first(at))
    files = {path for path in tmp_path.rglob("*") if path.is_file() and shop.folder not in path.parents}
    # In place the results have the sources' names, or stand where the sources stood.
    results = sorted(files - {source / name for name in SOURCES}) or sorted(files)

    changed = False
    match change:
        case "results deleted":
            for path in results:
                path.unlink()
        case "results edited":
            for path in results:
                path.write_bytes(EDITED[path.suffix])
        case "database deleted":
            shop.forget()
        case "settings changed":
            changed = True
    settings = {(False, False): FIRST, (False, True): CHANGED, (True, False): FIRST_WEBP, (True, True): CHANGED_WEBP}
    shop.run([source], settings[converts, changed], second(at))

    expected = {name: hashlib.sha256(data).hexdigest() for name, data in TABLE[policy][change](str(source)).items()}
    found = tree(source)
    for out in ("out", "out2"):
        found |= {f"{out}/{name}": digest for name, digest in tree(tmp_path / out).items()}
    assert found == expected


def test_t16_twenty_runs_in_place_change_nothing_after_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, data in {"a.jpg": A, "b.png": B, "c.webp": EW}.items():
        (folder / name).write_bytes(data)
    shop = Shop(tmp_path / "data")
    shop.run([folder], FIRST, OutputPolicy("in_place"))
    once = tree(folder)
    for _ in range(19):
        shop.forget()  # by the pictures alone, not by what the history knows of them
        shop.run([folder], FIRST, OutputPolicy("in_place"))
        assert tree(folder) == once


def test_a_source_that_is_the_bytes_of_another_files_result_keeps_its_own_smaller_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    photos, output = tmp_path / "photos", OutputPolicy("folder", folder=tmp_path / "out")
    photos.mkdir()
    (photos / "b.png").write_bytes(B)
    shop.run([photos], FIRST, output)
    before = tree(tmp_path / "out")
    other = create_batch(shop.db, owner="1:1:", settings={}, output={}, now=NOW)
    (job_id,) = add_jobs(shop.db, other, [b"/elsewhere/c.png"])
    digest = hashlib.sha256(B).hexdigest()
    made_elsewhere = JobResult(
        job_id, "written", output_path=b"/elsewhere/b.png", source_hash="0" * 64, result_hash=digest,
        settings_hash=FIRST.digest(), original_size=9_000, compressed_size=len(B),
    )  # fmt: skip
    record(shop.db, [made_elsewhere], now=NOW)

    (again,) = shop.run([photos], FIRST, output)

    assert (again.reason, again.output_path) == ("already_done", tmp_path / "out" / "b.png")
    assert tree(tmp_path / "out") == before
    (tmp_path / "out" / "b.png").unlink()
    (bare,) = shop.run([photos], FIRST, output)
    assert bare.reason == "already_done"  # with nothing there it is what it is: a result of Plume
