from __future__ import annotations

import pytest

from plume_app.domain.compression.model import drawn_pair_of, name_of, shipped


def test_the_shipped_model_can_be_read_and_says_where_it_comes_from() -> None:
    found = shipped()

    assert found.provenance
    assert {"jpeg", "webp", "png"} <= set(found.curves)


@pytest.mark.parametrize("pair", [("jpeg", "webp", False, False), ("png", "png", True, True)])
def test_the_name_of_a_pair_is_its_own_inverse(pair: tuple[str, str, bool, bool]) -> None:
    assert drawn_pair_of(name_of(pair)) == pair


def test_intervals_hold_the_point_they_are_of() -> None:
    for pair in shipped().pairs.values():
        for low, high in (pair.header_range, pair.tiles_range, pair.whole_range, pair.time_range):
            assert low <= 0 <= high
