from __future__ import annotations

from plume_app.domain.compression.forecast import forecast
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import Header
from plume_app.domain.image.traits import ANIMATION, Traits

PNG = Header("png", 1000, 1000)


def test_a_file_that_nobody_looked_at_has_an_estimate_and_no_known_losses() -> None:
    found = forecast(PNG, 1_000_000, None, Settings())

    assert 0 < found.estimate.compressed_size < 1_000_000
    assert found.losses.blocking == found.losses.announced == ()


def test_what_would_be_lost_keeps_the_file_at_its_size() -> None:
    found = forecast(PNG, 1_000_000, Traits(frozenset({ANIMATION})), Settings(output_format="jpeg"))

    assert found.losses.blocking == (ANIMATION,)
    assert found.estimate.compressed_size == found.estimate.low == found.estimate.high == 1_000_000


def test_a_format_without_an_encoder_is_kept() -> None:
    found = forecast(Header("gif", 10, 10), 500, Traits(), Settings())

    assert found.output_format is None
    assert found.estimate.compressed_size == 500
