from __future__ import annotations

import random

import pytest

from plume_app.domain.compression.codecs.png_indexed import deflated_again, indexed_png, unfiltered_indices
from plume_app.domain.compression.codecs.png_palette import Indexed
from plume_app.domain.image.header import header_of

WIDTH, HEIGHT = 300, 200


def grain(colours: int) -> Indexed:
    """Indices without any order, of a palette of greys."""
    chance = random.Random(3)
    indices = bytes(chance.randrange(colours) for _ in range(WIDTH * HEIGHT))
    return Indexed(indices, [(at, at, at, 255) for at in range(colours)])


def calm() -> Indexed:
    """Short words of a small dictionary, in any order: the more a search tries, the more it finds."""
    chance = random.Random(3)
    words = [bytes(chance.randrange(64) for _ in range(chance.randrange(3, 9))) for _ in range(60)]
    indices = b"".join(words[min(chance.randrange(60), chance.randrange(60))] for _ in range(WIDTH * HEIGHT // 3))
    return Indexed(indices[: WIDTH * HEIGHT], [(at, 255 - at, at, 255) for at in range(64)])


def sizes(indexed: Indexed) -> dict[str, int]:
    return {effort: len(indexed_png(indexed, (WIDTH, HEIGHT), effort)) for effort in ("fast", "balanced")}


def test_where_all_is_grain_balanced_searches_no_longer_than_fast() -> None:
    found = sizes(grain(200))

    assert found["balanced"] == found["fast"]


def test_elsewhere_balanced_searches_longer_and_finds_more() -> None:
    found = sizes(calm())

    assert found["balanced"] < 0.97 * found["fast"]


@pytest.mark.parametrize("effort", ["fast", "balanced"])
@pytest.mark.parametrize("indexed", [grain(200), grain(9), calm()], ids=["grain", "few colours", "calm"])
def test_t16_what_is_written_here_is_found_again_and_written_no_smaller(indexed: Indexed, effort: str) -> None:
    made = indexed_png(indexed, (WIDTH, HEIGHT), effort)

    indices = unfiltered_indices(made)

    assert indices is not None
    if len(indexed.palette) > 16:
        assert indices == indexed.indices
    assert len(deflated_again(made, indices, header_of(made), effort)) >= len(made)


def test_a_damaged_stream_has_no_indices() -> None:
    made = bytearray(indexed_png(calm(), (WIDTH, HEIGHT), "fast"))
    made[made.index(b"IDAT") + 40] ^= 0xFF

    assert unfiltered_indices(bytes(made)) is None
