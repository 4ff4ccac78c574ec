"""The interval of a total: what its fit and its judge draw."""

from __future__ import annotations

import random

from fit_batches import Foretold, batches_of, coverage

from plume_app.domain.compression.estimate import Estimate


def folder_of(name: str, off: float, chance: random.Random, count: int = 60) -> list[Foretold]:
    """Results of a folder: each its own error of 10 %, on top of one that the folder shares."""
    found = []
    for _ in range(count):
        size = round(10_000 * (1 + off) * (1 + chance.gauss(0, 0.1)))
        found.append(Foretold(name, ("webp", False), Estimate(10_000, 8_718, 11_282, 7), size))
    return found


def test_errors_of_chance_even_out_as_told_and_what_a_folder_shares_does_not() -> None:
    chance = random.Random(2)
    fair = [one for name in "abcdefgh" for one in folder_of(name, 0.0, chance)]
    off = [one for name in "abcdefgh" for one in folder_of(name, chance.gauss(0, 0.08), chance)]

    assert 0.7 < coverage(batches_of(fair, 10), 0.0) < 0.9
    assert coverage(batches_of(off, 1000), 0.0) < 0.4
    assert coverage(batches_of(off, 1000), 1.0) > 0.6


def test_a_batch_is_to_one_format() -> None:
    one = Foretold("a", ("webp", False), Estimate(10, 10, 10, 1), 10)
    other = Foretold("a", ("jpeg", False), Estimate(1000, 1000, 1000, 1), 1000)

    assert {batch.size for batch in batches_of([one, other], 10)} == {100, 10_000}
