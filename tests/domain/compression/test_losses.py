from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from plume_app.domain.compression.codecs import Codec, all_codecs, writable_codecs
from plume_app.domain.compression.losses import PIXELS, PROTECTED, Losses, losses
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.traits import ALL_TRAITS, CREDENTIALS, Traits

FORMATS = tuple(all_codecs())
WRITABLE = tuple(writable_codecs().values())
ROWS = [
    pytest.param(trait, input_format, codec, lossless, id=f"{trait}-{input_format}-{codec.name}-{lossless}")
    for trait, input_format, codec, lossless in itertools.product(ALL_TRAITS, FORMATS, WRITABLE, (False, True))
]


def of(trait: str) -> Traits:
    return Traits(names=frozenset({trait}))


def is_kept(trait: str, input_format: str, codec: Codec) -> bool:
    return trait in (codec.keeps_from_itself if codec.name == input_format else codec.keeps)


def pixels_lost(input_format: str, codec: Codec, lossless: bool) -> tuple[str, ...]:
    impossible = lossless and codec.lossless_from is not None and input_format not in codec.lossless_from
    return (PIXELS,) if impossible else ()


@pytest.mark.parametrize(("trait", "input_format", "codec", "lossless"), ROWS)
def test_t28_a_trait_is_kept_or_blocks_or_is_announced(
    trait: str, input_format: str, codec: Codec, lossless: bool
) -> None:
    found = losses(of(trait), input_format, codec, Settings(output_format=codec.name, lossless=lossless))
    pixels = pixels_lost(input_format, codec, lossless)
    if is_kept(trait, input_format, codec):
        expected = Losses(blocking=pixels)
    elif trait == CREDENTIALS:
        expected = Losses(blocking=pixels, announced=(trait,))  # every smaller file breaks the seal
    elif codec.name == input_format or lossless or trait in PROTECTED:
        expected = Losses(blocking=(*pixels, trait))
    else:
        expected = Losses(announced=(trait,))
    assert found == expected


@pytest.mark.parametrize(("trait", "input_format", "codec", "lossless"), ROWS)
def test_a_trait_that_may_go_never_blocks_and_is_always_announced(
    trait: str, input_format: str, codec: Codec, lossless: bool
) -> None:
    settings = Settings(output_format=codec.name, lossless=lossless, allow_losses=(trait,))
    found = losses(of(trait), input_format, codec, settings)
    announced = () if is_kept(trait, input_format, codec) else (trait,)
    assert found == Losses(blocking=pixels_lost(input_format, codec, lossless), announced=announced)


@pytest.mark.parametrize("input_format", FORMATS)
def test_t31_the_same_pixels_from_another_format_are_not_to_be_had_in_a_jpeg(input_format: str) -> None:
    settings = Settings(output_format="jpeg", lossless=True, allow_losses=(PIXELS,))
    blocking = losses(Traits(), input_format, all_codecs()["jpeg"], settings).blocking

    assert blocking == (() if input_format == "jpeg" else (PIXELS,))


@pytest.mark.parametrize(("trait", "input_format", "codec", "lossless"), ROWS)
def test_allowing_one_loss_allows_no_other(trait: str, input_format: str, codec: Codec, lossless: bool) -> None:
    settings = Settings(output_format=codec.name, lossless=lossless)
    others = replace(settings, allow_losses=tuple(name for name in ALL_TRAITS if name != trait))
    assert losses(of(trait), input_format, codec, others) == losses(of(trait), input_format, codec, settings)


# The words of the contract, one by one: trait, from, to, lossless, and what becomes of it.
CONTRACT = [
    ("animation", "gif", "jpeg", False, "blocking"),
    ("animation", "gif", "png", False, "blocking"),
    ("animation", "gif", "webp", False, "kept"),
    ("animation", "png", "png", False, "kept"),
    ("animation", "png", "png", True, "kept"),
    ("animation", "webp", "webp", False, "kept"),
    ("animation", "webp", "jpeg", False, "blocking"),
    ("bit_depth", "png", "png", False, "kept"),
    ("bit_depth", "png", "png", True, "kept"),
    ("bit_depth", "tiff", "png", True, "kept"),
    ("bit_depth", "png", "webp", False, "announced"),
    ("bit_depth", "png", "jpeg", False, "announced"),
    ("bit_depth", "png", "webp", True, "blocking"),
    ("alpha", "png", "jpeg", False, "announced"),
    ("alpha", "png", "jpeg", True, "blocking"),
    ("alpha", "png", "webp", False, "kept"),
    ("alpha", "webp", "png", True, "kept"),
    ("cmyk", "jpeg", "jpeg", False, "kept"),
    ("cmyk", "jpeg", "jpeg", True, "kept"),
    ("cmyk", "jpeg", "webp", False, "announced"),
    ("cmyk", "tiff", "jpeg", False, "announced"),
    ("gain_map", "jpeg", "jpeg", False, "blocking"),
    ("gain_map", "jpeg", "jpeg", True, "blocking"),
    ("gain_map", "jpeg", "webp", False, "blocking"),
    ("motion_photo", "jpeg", "jpeg", True, "blocking"),
    ("embedded_pictures", "jpeg", "jpeg", False, "blocking"),
    ("embedded_pictures", "tiff", "png", False, "blocking"),
]


@pytest.mark.parametrize(("trait", "input_format", "output_format", "lossless", "fate"), CONTRACT)
def test_t21_t23_t25_t27_t28_a_trait_has_the_fate_that_the_contract_says(
    trait: str, input_format: str, output_format: str, lossless: bool, fate: str
) -> None:
    settings = Settings(output_format=output_format, lossless=lossless)
    codec = all_codecs()[output_format]
    found = losses(of(trait), input_format, codec, settings)
    blocking = Losses(blocking=(*pixels_lost(input_format, codec, lossless), trait))
    told = {"kept": Losses(), "blocking": blocking, "announced": Losses(announced=(trait,))}
    assert found == told[fate]


@pytest.mark.parametrize(
    "codec", [codec for codec in all_codecs().values() if codec.encode is None], ids=lambda c: c.name
)
def test_a_codec_without_encoder_loses_nothing(codec: Codec) -> None:
    assert losses(Traits(names=frozenset(ALL_TRAITS)), codec.name, codec, Settings()) == Losses()


def test_losses_are_told_in_one_order_and_those_of_packages_last() -> None:
    traits = Traits(names=frozenset({*ALL_TRAITS, "zebra", "aroma"}))
    jpeg = replace(all_codecs()["jpeg"], keeps=frozenset())
    found = losses(traits, "tiff", jpeg, Settings(output_format="jpeg"))
    assert found.blocking == ("animation", "gain_map", "motion_photo", "embedded_pictures", "hdr")
    assert found.announced == ("bit_depth", "alpha", "cmyk", "credentials", "aroma", "zebra")


def test_a_picture_without_traits_loses_nothing_anywhere() -> None:
    for input_format, codec in itertools.product(FORMATS, WRITABLE):
        assert losses(Traits(), input_format, codec, Settings(output_format=codec.name)) == Losses()
