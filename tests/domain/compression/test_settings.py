"""Settings are valid from birth, survive JSON, and have one digest."""

from __future__ import annotations

import json
import math
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plume_app.domain.compression.settings import EFFORTS, METADATA_POLICIES, Settings
from plume_app.domain.shared.errors import InvalidRequest

names = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
settings = st.builds(
    Settings,
    output_format=names,
    quality=st.integers(1, 100),
    lossless=st.booleans(),
    effort=st.sampled_from(EFFORTS),
    metadata=st.sampled_from(METADATA_POLICIES),
    min_savings_percent=st.floats(0, 100) | st.integers(0, 100),
    allow_losses=st.lists(names, max_size=4).map(tuple),
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
field_names = [field.name for field in fields(Settings)]


@given(settings)
def test_settings_survive_json(one: Settings) -> None:
    again = Settings.from_json(json.loads(json.dumps(one.to_json(), allow_nan=False)))

    assert again == one
    assert again.digest() == one.digest()


@given(settings, settings)
def test_the_digest_is_equal_for_equal_settings_only(one: Settings, other: Settings) -> None:
    assert (one.digest() == other.digest()) == (one == other)


def test_every_field_is_in_the_digest() -> None:
    others: dict[str, Any] = {
        "output_format": "png", "quality": 79, "lossless": True, "effort": "max", "metadata": "all",
        "min_savings_percent": 1.0, "allow_losses": ("animation",),
    }  # fmt: skip
    assert set(others) == set(field_names)

    digests = {replace(Settings(), **{name: value}).digest() for name, value in others.items()}

    assert len(digests | {Settings().digest()}) == len(others) + 1


def test_the_digest_does_not_depend_on_spelling() -> None:
    assert Settings(min_savings_percent=5).digest() == Settings(min_savings_percent=5.0).digest()
    assert Settings(min_savings_percent=-0.0).digest() == Settings().digest()
    one, other = Settings(allow_losses=("b", "a", "b")), Settings(allow_losses=("a", "b"))
    assert one == other
    assert one.digest() == other.digest()


def test_a_digest_in_a_database_is_found_again_by_the_next_version() -> None:
    assert Settings().digest() == "4d85150bf2f64262d650e62ca1b26bd1f2cd139ddb0873e216ffa47b399d8020"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("output_format", ""), ("output_format", "PNG"), ("output_format", "../png"), ("output_format", "png\n"),
        ("output_format", None), ("quality", 0), ("quality", 101), ("quality", 80.0), ("quality", True),
        ("quality", "80"), ("lossless", 1), ("lossless", None), ("effort", "most"), ("effort", None), ("effort", []),
        ("metadata", "some"), ("metadata", {}), ("min_savings_percent", -0.1), ("min_savings_percent", 100.1),
        ("min_savings_percent", math.nan), ("min_savings_percent", math.inf), ("min_savings_percent", "5"),
        ("min_savings_percent", True), ("allow_losses", "animation"), ("allow_losses", [1]),
        ("allow_losses", ["Animation"]), ("allow_losses", None),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_refused_with_its_name(name: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Settings.from_json({name: value})

    assert name in str(refused.value.facts["problem"])


@given(anything | st.dictionaries(st.sampled_from(field_names), anything, max_size=3))
def test_nothing_becomes_settings_that_are_not_valid(value: object) -> None:
    try:
        made = Settings.from_json(value)
    except InvalidRequest:
        return
    assert Settings.from_json(made.to_json()) == made


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="colour"):
        Settings.from_json({"colour": 1})


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().quality = 5  # type: ignore[misc]


def test_absent_fields_take_their_defaults() -> None:
    assert Settings.from_json({}) == Settings()
    assert Settings().to_json() == {
        "output_format": "keep", "quality": 80, "lossless": False, "effort": "balanced", "metadata": "safe",
        "min_savings_percent": 0, "allow_losses": [],
    }  # fmt: skip
