from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.curves import Curve, Probe, along

CURVE = Curve({1: -2.0, 40: -0.8, 80: 0.0, 95: 1.0, 100: 2.0})


def test_a_curve_is_straight_between_its_knots_and_never_falls() -> None:
    assert CURVE[80] == 0.0
    assert CURVE[60] == pytest.approx(-0.4)
    assert Curve({1: 0.0, 50: 1.0, 60: 0.5, 100: 2.0})[60] == 1.0


def test_beyond_the_points_the_curve_is_followed() -> None:
    assert along([(80, 10.0)], CURVE, 95) == pytest.approx((11.0, 1.0))
    assert along([(80, 10.0), (95, 11.5)], CURVE, 40) == pytest.approx((9.2, 0.8))


def test_between_two_points_the_curve_is_stretched_to_meet_both() -> None:
    log, drift = along([(40, 9.0), (80, 10.6)], CURVE, 60)

    assert log == pytest.approx(9.8)
    assert drift == pytest.approx(0.4)


@given(st.sets(st.integers(1, 100), min_size=1, max_size=6), st.data())
def test_more_quality_is_never_less_size(qualities: set[int], data: st.DataObject) -> None:
    sizes = sorted(data.draw(st.floats(0, 20)) for _ in qualities)
    points = list(zip(sorted(qualities), sizes, strict=True))

    logs = [along(points, CURVE, quality)[0] for quality in range(1, 101)]

    assert all(one <= other + 1e-9 for one, other in pairwise(logs))


def test_a_probe_answers_for_its_own_target_at_any_quality() -> None:
    tried = Probe("webp", False, "fast")

    assert tried.answers("webp", False, "fast")
    assert not tried.answers("webp", False, "max")
