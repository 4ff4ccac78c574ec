from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import backstage
import images
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.events import PreviewReady

REGION = {"x": 33, "y": 17, "width": 60, "height": 40}


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120), quality=95))
    (folder / "b.png").write_bytes(images.png_bytes(images.photo(160, 120, seed=2)))
    made = backstage.Desktop(tmp_path / "data")
    made.add(folder)
    yield made
    made.close()


def ask(plume: backstage.Desktop, file_id: int, settings: dict[str, Any], **request: Any) -> PreviewReady:
    asked = {"file_id": file_id, "settings": settings, "region": REGION, "scale": 1.0} | request
    preview_id = plume.call("get_preview", **asked)["preview_id"]
    found: PreviewReady = plume.heard.wait(PreviewReady, lambda one: one.preview_id == preview_id and one.exact)
    return found


def pixels(plume: backstage.Desktop, url: str | None) -> Image.Image:
    assert url is not None
    picture = plume.context.picture(url.removeprefix("p/"))
    assert picture is not None
    return Image.open(io.BytesIO(picture[0])).convert("RGB")


@pytest.mark.parametrize(("file_id", "name"), [(1, "a.jpg"), (2, "b.png")])
@pytest.mark.parametrize("output_format", ["keep", "jpeg", "png", "webp"])
def test_the_pixels_shown_are_the_crop_of_the_real_result(
    plume: backstage.Desktop, tmp_path: Path, file_id: int, name: str, output_format: str
) -> None:
    settings = {"quality": 50, "output_format": output_format}
    ready = ask(plume, file_id, settings)
    source = (tmp_path / "in" / name).read_bytes()
    made = compress(source, Settings(quality=50, output_format=output_format))
    shown = made.data if ready.reason is None else source
    box = (33, 17, 93, 57)

    assert shown is not None
    assert ready.compressed_size == len(shown)
    assert pixels(plume, ready.after_url).tobytes() == decoded(shown).crop(box).tobytes()
    assert pixels(plume, ready.before_url).tobytes() == decoded(source).crop(box).tobytes()


def decoded(data: bytes) -> Image.Image:
    """By the decoder that Plume uses, which for JPEG is not bit for bit Pillow's."""
    import pyvips

    image = pyvips.Image.new_from_buffer(data, "").colourspace("srgb")
    mode = "RGBA" if image.bands == 4 else "RGB"
    return Image.frombytes(mode, (image.width, image.height), image.write_to_memory()).convert("RGB")


def test_a_first_look_comes_before_the_exact_one_and_says_so(plume: backstage.Desktop) -> None:
    ready = ask(plume, 1, {"quality": 40})
    mine = [one for one in plume.heard.of(PreviewReady) if one.preview_id == ready.preview_id]

    assert [one.exact for one in mine] == [False, True]
    assert mine[0].after_url is not None
    assert mine[0].compressed_size is None
    assert mine[1].compressed_size is not None


def test_another_place_of_the_same_result_is_exact_at_once(plume: backstage.Desktop) -> None:
    ask(plume, 1, {"quality": 40})
    other = ask(plume, 1, {"quality": 40}, region=REGION | {"x": 0})

    assert len([one for one in plume.heard.of(PreviewReady) if one.preview_id == other.preview_id]) == 1


def test_only_the_newest_wish_is_answered_exactly(plume: backstage.Desktop) -> None:
    asked = {"file_id": 1, "region": REGION, "scale": 1}
    for quality in range(20, 60):
        plume.call("get_preview", settings={"quality": quality}, **asked)
    last = ask(plume, 1, {"quality": 70})

    assert [one.preview_id for one in plume.heard.of(PreviewReady) if one.exact] == [last.preview_id]


def test_a_region_is_clipped_to_the_picture_and_the_whole_can_be_made_smaller(plume: backstage.Desktop) -> None:
    edge = ask(plume, 1, {"quality": 40}, region={"x": 150, "y": 100, "width": 500, "height": 500})
    fit = ask(plume, 1, {"quality": 40}, region=None, scale=0.5)

    assert edge.region is not None
    assert (edge.region.width, edge.region.height) == (10, 20)
    assert pixels(plume, edge.after_url).size == (10, 20)
    assert (fit.width, fit.height, pixels(plume, fit.after_url).size) == (160, 120, (80, 60))


def test_what_stays_as_it_is_shows_the_original_twice(plume: backstage.Desktop) -> None:
    ready = ask(plume, 1, {"lossless": True})

    assert pixels(plume, ready.after_url).tobytes() == pixels(plume, ready.before_url).tobytes()


def test_a_file_that_has_gone_is_an_error_of_its_preview(plume: backstage.Desktop, tmp_path: Path) -> None:
    (tmp_path / "in" / "a.jpg").unlink()
    ready = ask(plume, 1, {})

    assert ready.error is not None
    assert ready.error.code == "source_missing"


def test_a_picture_that_was_saved_again_is_read_again(plume: backstage.Desktop, tmp_path: Path) -> None:
    before = pixels(plume, ask(plume, 1, {"quality": 40}).before_url).tobytes()
    (tmp_path / "in" / "a.jpg").write_bytes(images.jpeg_bytes(images.photo(160, 120, seed=99)))

    assert pixels(plume, ask(plume, 1, {"quality": 40}).before_url).tobytes() != before


def test_nonsense_is_refused(plume: backstage.Desktop) -> None:
    for wrong in ({"scale": 0}, {"scale": 1e9}, {"region": REGION | {"width": 0}}, {"file_id": 77}):
        asked = {"file_id": 1, "settings": {}, "region": REGION, "scale": 1} | wrong
        assert plume.code("get_preview", **asked) == "invalid_request"
