from __future__ import annotations

import io

import pytest
from PIL import Image

import images
from plume_app.domain.compression.preview import Easel, Look
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.limits import Limits
from plume_app.domain.image.thumbnail import Piece
from plume_app.domain.shared.errors import ImageTooLarge

JPEG = images.jpeg_bytes(images.photo(320, 240), quality=95)
PLACE = Look(Piece(70, 50, 100, 80), 1.0)


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(io.BytesIO(data)).convert("RGB")


def error(before: Image.Image, after: Image.Image) -> float:
    pairs = zip(before.tobytes(), after.tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (before.width * before.height * 3)


def test_a_region_encoded_alone_looks_like_the_complete_result_there() -> None:
    easel, settings = Easel(), Settings(quality=40)
    alone = easel.region("k", JPEG, settings, PLACE, Limits())
    whole = easel.whole("k", JPEG, settings, PLACE, Limits())

    assert (alone.exact, whole.exact) == (False, True)
    near, far = error(opened(alone.after), opened(whole.after)), error(opened(alone.before), opened(whole.after))
    assert near < far / 2


def test_without_the_trellis_a_region_is_the_complete_result_bit_for_bit() -> None:
    easel, settings = Easel(), Settings(quality=40, effort="fast")
    alone = easel.region("k", JPEG, settings, PLACE, Limits())
    whole = easel.whole("k", JPEG, settings, PLACE, Limits())

    assert opened(alone.after).tobytes() == opened(whole.after).tobytes()


def test_the_original_is_left_out_where_the_window_has_it_already() -> None:
    found = Easel().region("k", JPEG, Settings(quality=40), PLACE, Limits(), before=False)

    assert found.before is None
    assert found.after is not None


def test_a_png_is_not_shown_by_a_palette_of_its_region() -> None:
    found = Easel().region("k", images.png_bytes(images.photo(320, 240)), Settings(quality=40), PLACE, Limits())

    assert (found.after, found.exact) == (None, False)


@pytest.mark.parametrize("settings", [Settings(lossless=True), Settings(quality=100)], ids=["lossless", "quality"])
def test_what_keeps_its_pixels_is_exact_without_encoding(settings: Settings) -> None:
    found = Easel().region("k", JPEG, settings, PLACE, Limits())

    assert (found.after, found.exact) == (None, True)


def test_a_result_is_made_once_for_all_its_places() -> None:
    easel, settings = Easel(), Settings(quality=40)
    easel.whole("k", JPEG, settings, PLACE, Limits())
    held = easel.result
    easel.whole("k", JPEG, settings, Look(None, 0.5), Limits())
    assert easel.result is held
    easel.whole("k", JPEG, Settings(quality=41), PLACE, Limits())

    assert easel.result is not held


def test_a_picture_on_its_side_is_compared_as_it_is_shown() -> None:
    data = images.jpeg_bytes(images.photo(320, 240), exif=images.exif_bytes(orientation=6))
    easel = Easel()
    alone = easel.region("k", data, Settings(quality=40), PLACE, Limits())
    whole = easel.whole("k", data, Settings(quality=40), PLACE, Limits())

    assert (alone.width, alone.height) == (whole.width, whole.height) == (240, 320)
    assert error(opened(alone.before), opened(whole.after)) < 30


def test_limits_hold_for_previews_too() -> None:
    with pytest.raises(ImageTooLarge):
        Easel().region("k", JPEG, Settings(), PLACE, Limits(max_decoded_bytes=1000))
