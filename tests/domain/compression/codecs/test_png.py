from __future__ import annotations

import hashlib
import io
import os
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import oxipng
import pytest
import pyvips
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

import images
from plume_app.domain.compression.codecs import Encoded, png, png_indexed
from plume_app.domain.compression.codecs.png_sample import chunk_names
from plume_app.domain.compression.settings import EFFORTS, Settings
from plume_app.domain.image.compare import same_pixels
from plume_app.domain.image.pixels import Source
from plume_app.domain.shared.errors import CorruptImage, PlumeError

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
EVERY_KIND = [(colour_type, depth) for colour_type, depths in DEPTHS.items() for depth in depths]
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]  # Adam7
LOSSLESS = Settings(lossless=True)


def encode(data: bytes, settings: Settings) -> Encoded:
    return png.encode(Source.open(data), settings)


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        found.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def raw_rows(width: int, height: int, bits: int, rng: random.Random) -> bytes:
    return b"".join(b"\0" + rng.randbytes((width * bits + 7) // 8) for _ in range(height)) if width else b""


def drawn(colour_type: int, depth: int, *, interlaced: bool, transparent: bool = False) -> bytes:
    """Random samples of any kind that PNG has, 21 x 11 pixels."""
    width, height, rng = 21, 11, random.Random(colour_type * 100 + depth)
    bits = CHANNELS[colour_type] * depth
    rows = raw_rows(width, height, bits, rng)
    if interlaced:
        sizes = [(-((x - width) // dx), -((y - height) // dy)) for x, y, dx, dy in PASSES]
        rows = b"".join(raw_rows(wide, high, bits, rng) for wide, high in sizes)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, interlaced))]
    if colour_type == PALETTE:
        parts.append((b"PLTE", rng.randbytes(3 * 2**depth)))
    if transparent:
        parts.append((b"tRNS", {GREY: b"\0\1", RGB: b"\0\1\0\2\0\3", PALETTE: b"\0\x80"}[colour_type]))
    return images.png_of_chunks(*parts, (b"IDAT", zlib.compress(rows)), (b"IEND", b""))


def decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGBA")


def samples_16(data: bytes) -> bytes:
    """The samples as libpng gives them, 16 bits."""
    image = pyvips.Image.pngload_buffer(data)
    assert image.format == "ushort"
    return bytes(image.write_to_memory())


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
@pytest.mark.parametrize(("colour_type", "depth"), EVERY_KIND)
def test_t22_lossless_keeps_every_sample_of_every_kind_of_png(
    colour_type: int, depth: int, interlaced: bool, effort: str
) -> None:
    data = drawn(colour_type, depth, interlaced=interlaced)

    result = encode(data, Settings(lossless=True, effort=effort)).data

    if depth == 16:
        assert samples_16(result) == samples_16(data)
    else:
        assert decoded(result).tobytes() == decoded(data).tobytes()
    assert same_pixels(Source.open(data), result, upright=False)


@pytest.mark.parametrize(("colour_type", "depth"), [(GREY, 8), (GREY, 2), (RGB, 8), (PALETTE, 4)])
def test_t22_lossless_keeps_a_transparent_colour(colour_type: int, depth: int) -> None:
    data = drawn(colour_type, depth, interlaced=False, transparent=True)

    assert decoded(encode(data, LOSSLESS).data).tobytes() == decoded(data).tobytes()


def test_t22_every_valid_file_of_pngsuite_is_identical_in_lossless(corpus: Path) -> None:
    files = [path for path in sorted((corpus / "pngsuite").glob("*.png")) if not path.name.startswith("x")]
    assert len(files) > 150
    for path in files:
        data = path.read_bytes()
        result = encode(data, LOSSLESS).data
        assert same_pixels(Source.open(data), result, upright=False), path.name
        if b"acTL" not in chunk_names(data) and struct.unpack(">B", data[24:25])[0] < 16:
            assert decoded(result).tobytes() == decoded(data).tobytes(), path.name


def test_t35_every_broken_file_of_pngsuite_is_refused_with_a_known_code(corpus: Path) -> None:
    for path in sorted((corpus / "pngsuite").glob("x*.png")):
        for settings in (LOSSLESS, Settings()):
            with pytest.raises(PlumeError):
                encode(path.read_bytes(), settings)


def test_t24_lossless_keeps_colours_under_full_transparency() -> None:
    image = images.noise(64, 48, "RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    data = images.png_bytes(image)

    assert decoded(encode(data, LOSSLESS).data).tobytes() == image.tobytes()


@pytest.mark.parametrize("settings", [LOSSLESS, Settings()], ids=["lossless", "lossy"])
def test_t26_every_frame_of_an_apng_stays(settings: Settings) -> None:
    data = images.apng_bytes(images.frames(5), duration_ms=[40, 80, 120, 160, 200], loop=3)

    result = encode(data, settings)

    assert result.carries_metadata
    assert result.same_pixels
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(result.data)) as after:
        assert after.n_frames == before.n_frames == 5
        assert after.info["loop"] == before.info["loop"] == 3
        for frame in range(5):
            before.seek(frame)
            after.seek(frame)
            assert after.info["duration"] == before.info["duration"]
            assert after.convert("RGBA").tobytes() == before.convert("RGBA").tobytes()


def test_t26_an_interlaced_apng_stays_interlaced_since_its_other_frames_are() -> None:
    still = dict(chunks(drawn(RGB, 8, interlaced=True)))
    control = struct.pack(">IIIIHHBB", 21, 11, 0, 0, 1, 10, 0, 0)
    data = images.png_of_chunks(
        (b"IHDR", still[b"IHDR"]),
        (b"acTL", struct.pack(">II", 2, 0)),
        (b"fcTL", struct.pack(">I", 0) + control),
        (b"IDAT", still[b"IDAT"]),
        (b"fcTL", struct.pack(">I", 1) + control),
        (b"fdAT", struct.pack(">I", 2) + still[b"IDAT"]),
        (b"IEND", b""),
    )

    result = dict(chunks(encode(data, LOSSLESS).data))

    assert result[b"IHDR"] == still[b"IHDR"]
    for pixels in (result[b"IDAT"], result[b"fdAT"][4:]):
        frame = images.png_of_chunks((b"IHDR", still[b"IHDR"]), (b"IDAT", pixels), (b"IEND", b""))
        assert decoded(frame).tobytes() == decoded(drawn(RGB, 8, interlaced=True)).tobytes()


def test_t25_the_lossy_way_never_flattens_an_animation_nor_takes_bits() -> None:
    for data in (images.apng_bytes(images.frames(3)), images.png16_bytes(40, 30)):
        assert encode(data, Settings()).data == encode(data, LOSSLESS).data


def test_t21_sixteen_bits_survive_both_ways() -> None:
    data = images.png16_bytes(50, 40, channels=4)

    for settings in (LOSSLESS, Settings(quality=50)):
        assert samples_16(encode(data, settings).data) == samples_16(data)


@pytest.mark.parametrize("settings", [LOSSLESS, Settings()], ids=["lossless", "lossy"])
@pytest.mark.parametrize("percent", [10, 50, 90, 99])
def test_t36_a_truncated_png_is_corrupt(percent: int, settings: Settings) -> None:
    data = images.png_bytes(images.photo(160, 120))

    with pytest.raises(CorruptImage):
        encode(images.truncated(data, percent), settings)


@pytest.mark.parametrize("settings", [LOSSLESS, Settings()], ids=["lossless", "lossy"])
def test_t36_a_png_without_its_end_chunk_is_corrupt(settings: Settings) -> None:
    with pytest.raises(CorruptImage):
        encode(images.png_bytes(images.photo(60, 40))[:-12], settings)


def test_t36_a_wrong_checksum_of_pixels_is_corrupt() -> None:
    parts = bytearray(images.png_bytes(images.photo(60, 40)))
    parts[-13] ^= 1  # the last byte of the last IDAT's checksum

    with pytest.raises(CorruptImage):
        encode(bytes(parts), LOSSLESS)


@examples(max_examples=40)
@given(seed=st.integers(0, 10_000), lossless=st.booleans())
def test_t35_a_flipped_png_is_refused_or_keeps_what_it_shows(seed: int, lossless: bool) -> None:
    data = images.flipped(images.png_bytes(images.text(70, 50)), seed)
    try:
        source = Source.open(data)
        result = png.encode(source, Settings(lossless=lossless))
    except PlumeError:
        return
    assert not result.same_pixels or same_pixels(source, result.data, upright=result.upright)


def test_t43_pixels_beyond_the_stated_size_are_not_inflated_into_memory() -> None:
    header = struct.pack(">IIBBBBB", 4, 4, 8, RGB, 0, 0, 0)
    bomb = zlib.compress(bytes(50_000_000))
    data = images.png_of_chunks((b"IHDR", header), (b"IDAT", bomb), (b"IEND", b""))

    try:
        result = encode(data, LOSSLESS).data
    except CorruptImage:
        return
    assert decoded(result).size == (4, 4)


@pytest.mark.parametrize("lossless", [False, True], ids=["lossy", "lossless"])
def test_a_signed_png_is_left_as_it_is_where_its_manifest_stays(lossless: bool) -> None:
    parts = chunks(images.png_bytes(images.photo(90, 60)))
    data = images.png_of_chunks(parts[0], (b"caBX", b"a manifest"), *parts[1:])

    assert encode(data, Settings(lossless=lossless, metadata="all")).data == data
    assert len(encode(data, Settings(lossless=lossless)).data) < len(data)


def test_t19_colour_chunks_and_texts_survive_the_lossless_way() -> None:
    parts = chunks(images.png_bytes(images.photo(60, 40)))
    extra = [
        (b"gAMA", struct.pack(">I", 100_000)),
        (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)),
        (b"bKGD", bytes(6)),
        (b"pHYs", struct.pack(">IIB", 11811, 11811, 1)),
        (b"tEXt", b"Author\0somebody"),
        (b"iTXt", b"Title\0\0\0\0\0a name"),
    ]

    result = dict(chunks(encode(images.png_of_chunks(parts[0], *extra, *parts[1:]), LOSSLESS).data))

    assert {name: result.get(name) for name, _ in extra} == dict(extra)


def test_t19_the_background_colour_of_a_palette_survives_where_everything_stays() -> None:
    parts = chunks(images.png_bytes(images.palette(60, 40, 16)))
    at = [name for name, _ in parts].index(b"PLTE") + 1
    data = images.png_of_chunks(*parts[:at], (b"bKGD", b"\5"), *parts[at:])

    after = dict(chunks(encode(data, Settings(lossless=True, metadata="all")).data))

    index = after[b"bKGD"][0]
    assert after[b"PLTE"][3 * index : 3 * index + 3] == dict(parts)[b"PLTE"][15:18]


def test_t19_the_background_colour_of_an_rgb_picture_survives_where_everything_stays() -> None:
    parts = chunks(images.png_bytes(images.text(120, 80)))
    data = images.png_of_chunks(parts[0], (b"bKGD", b"\0\5\0\6\0\7"), *parts[1:])

    after = dict(chunks(encode(data, Settings(lossless=True, metadata="all")).data))

    assert after[b"bKGD"] == b"\0\5\0\6\0\7"


def test_an_interlaced_png_becomes_smaller_and_plain() -> None:
    data = drawn(RGB, 8, interlaced=True)

    result = encode(data, LOSSLESS).data

    assert result[28] == 0
    assert same_pixels(Source.open(data), result, upright=False)


def test_every_effort_is_worth_its_time() -> None:
    data = images.png_bytes(images.photo(500, 400))

    fast, balanced, most = (len(encode(data, Settings(lossless=True, effort=effort)).data) for effort in EFFORTS)

    assert len(data) > fast >= balanced >= most


def test_the_same_picture_gives_the_same_bytes_with_any_number_of_threads() -> None:
    code = (
        "import hashlib, images, sys\n"
        "from plume_app.domain.compression.codecs import png\n"
        "from plume_app.domain.compression.settings import Settings\n"
        "from plume_app.domain.image.pixels import Source\n"
        "data = images.png_bytes(images.photo(400, 300))\n"
        "for s in (Settings(lossless=True), Settings(), Settings(effort='max')):\n"
        "    print(hashlib.sha256(png.encode(Source.open(data), s).data).hexdigest())\n"
    )
    told = set()
    for threads in ("1", "4"):
        environment = os.environ | {"RAYON_NUM_THREADS": threads, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        told.add(subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True).stdout)
    assert len(told) == 1


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("effort", EFFORTS)
def test_t31_a_conversion_is_lossless_when_asked(mode: str, effort: str) -> None:
    image = images.photo(401, 301, mode=mode) if mode in ("L", "RGB") else images.noise(101, 61, mode)
    data = images.tiff_bytes(image)

    result = encode(data, Settings(output_format="png", lossless=True, effort=effort))

    assert result.same_pixels
    assert same_pixels(Source.open(data), result.data, upright=True)
    assert decoded(result.data).tobytes() == image.convert("RGBA").tobytes()


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_t21_a_conversion_keeps_sixteen_bits(channels: int) -> None:
    data = images.tiff16_bytes(40, 30, channels)

    for settings in (Settings(output_format="png", lossless=True), Settings(output_format="png")):
        result = encode(data, settings).data
        assert samples_16(result) == bytes(pyvips.Image.tiffload_buffer(data).write_to_memory())


@pytest.mark.parametrize("orientation", images.ORIENTATIONS)
def test_t20_a_conversion_is_upright_and_a_png_stays_as_stored(orientation: int) -> None:
    upright = images.gradient(40, 30)
    exif = images.exif_bytes(orientation)
    stored = images.turned(upright, orientation)

    converted = encode(images.webp_bytes(stored, lossless=True, exif=exif), Settings("png", lossless=True))
    rewritten = encode(images.png_bytes(stored, exif=exif), LOSSLESS)

    assert converted.upright
    assert decoded(converted.data).tobytes() == upright.convert("RGBA").tobytes()
    assert not rewritten.upright
    assert decoded(rewritten.data).tobytes() == stored.convert("RGBA").tobytes()


def test_t20_a_lossy_png_stays_as_stored() -> None:
    stored = images.turned(images.photo(300, 200), 6)

    result = encode(images.png_bytes(stored, exif=images.exif_bytes(6)), Settings())

    assert not result.upright
    assert decoded(result.data).size == stored.size


@pytest.mark.parametrize("settings", [Settings("png", lossless=True), Settings("png")], ids=["lossless", "lossy"])
def test_t17_a_profile_for_rgb_never_meets_a_grey_file(settings: Settings) -> None:
    looks_grey = images.photo(200, 150).convert("L").convert("RGB")
    for data in (
        images.webp_bytes(looks_grey, lossless=True, icc_profile=images.icc_bytes()),
        images.png_bytes(looks_grey, icc_profile=images.icc_bytes()),
    ):
        assert encode(data, settings).data[25] in (RGB, PALETTE)


@pytest.mark.parametrize("settings", [Settings("png", lossless=True), Settings("png")], ids=["lossless", "lossy"])
@pytest.mark.parametrize("mode", ["L", "LA"])
def test_t17_a_profile_for_grey_never_meets_a_palette(mode: str, settings: Settings) -> None:
    few = images.photo(200, 150).convert("L").point(lambda value: value // 64 * 37)
    image = few if mode == "L" else Image.merge("LA", (few, images.noise(200, 150, "L")))
    for data in (
        images.tiff_bytes(image, icc_profile=images.grey_icc_bytes()),
        images.png_bytes(image, icc_profile=images.grey_icc_bytes()),
    ):
        assert encode(data, settings).data[25] in (GREY, GREY_ALPHA)


def test_lossy_makes_a_photograph_much_smaller_and_still_alike() -> None:
    image = images.photo(400, 300)
    data = images.png_bytes(image)

    result = encode(data, Settings())

    assert not result.same_pixels
    assert len(result.data) < 0.6 * len(encode(data, LOSSLESS).data)
    pairs = zip(image.tobytes(), decoded(result.data).convert("RGB").tobytes(), strict=True)
    assert sum(abs(one - two) for one, two in pairs) / (400 * 300 * 3) < 10


@pytest.mark.parametrize("effort", EFFORTS)
def test_a_higher_quality_never_gives_a_smaller_png(effort: str) -> None:
    data = images.png_bytes(images.photo(240, 180))

    sizes = [len(encode(data, Settings(quality=quality, effort=effort)).data) for quality in (1, *range(10, 101, 10))]

    assert sizes == sorted(sizes)
    assert sizes[0] < 0.8 * sizes[-1]


@pytest.mark.parametrize("quality", [1, 100])
def test_both_ends_of_the_quality_scale_give_a_picture(quality: int) -> None:
    assert decoded(encode(images.png_bytes(images.photo(90, 70)), Settings(quality=quality)).data).size == (90, 70)


@pytest.mark.parametrize(
    "image",
    [images.palette(80, 60, 256), images.text(80, 60), images.photo(90, 70, mode="L"), images.photo(1, 1)],
    ids=["palette", "text", "grey", "one pixel"],
)
def test_a_picture_of_few_colours_loses_nothing_in_the_lossy_way(image: Image.Image) -> None:
    data = images.png_bytes(image)

    result = encode(data, Settings(quality=30))

    assert result.same_pixels
    assert decoded(result.data).tobytes() == decoded(data).tobytes()


def test_t12_a_palette_that_is_not_smaller_gives_way_to_the_lossless_way() -> None:
    smooth = images.gradient(300, 200)  # filters make next to nothing of it; a dithered palette does not
    data = encode(images.png_bytes(smooth), LOSSLESS).data

    assert len(encode(data, Settings()).data) <= len(data)


def test_t16_lossy_twice_changes_nothing_more() -> None:
    once = encode(images.png_bytes(images.photo(200, 150)), Settings()).data

    twice = encode(once, Settings())

    assert twice.same_pixels
    assert decoded(twice.data).tobytes() == decoded(once).tobytes()


def test_t23_soft_edges_stay_soft_and_an_empty_ground_stays_empty() -> None:
    image = images.photo(200, 150).convert("RGBA")
    disc = Image.new("L", (800, 600), 0)
    disc.paste(255, (200, 100, 600, 500))
    image.putalpha(disc.rotate(30).resize(image.size, Image.Resampling.LANCZOS))

    result = decoded(encode(images.png_bytes(image), Settings()).data)

    for before, after in zip(image.getchannel("A").tobytes(), result.getchannel("A").tobytes(), strict=True):
        assert after == before if before in (0, 255) else abs(after - before) < 64


def test_the_version_names_both_encoders() -> None:
    assert "oxipng" in png.version()
    assert "imagequant" in png.version()


def test_the_same_settings_give_the_same_bytes_twice() -> None:
    data = images.png_bytes(images.photo(200, 150, mode="RGBA"))

    for settings in (LOSSLESS, Settings()):
        first, second = (hashlib.sha256(encode(data, settings).data).digest() for _ in range(2))
        assert first == second


@pytest.mark.parametrize("effort", EFFORTS)
@pytest.mark.parametrize("colours", [12, 300])
def test_t16_a_palette_that_plume_chose_is_not_shrunk_again(effort: str, colours: int) -> None:
    picture = images.photo(96, 64, seed=11) if colours > 256 else images.palette(96, 64, colours=colours)
    settings = Settings(effort=effort)
    once = png.encode(Source.open(images.png_bytes(picture)), settings)
    again = png.encode(Source.open(once.data), settings)
    assert len(again.data) >= len(once.data)


def test_a_palette_of_another_program_is_still_filtered_where_that_is_smaller() -> None:
    ramp = Image.new("P", (256, 64))
    ramp.putpalette([value for index in range(256) for value in (index, 255 - index, index)])
    ramp.putdata([(x * 3 + y * 7) % 256 for y in range(64) for x in range(256)])
    filtered = oxipng.optimize_from_memory(images.png_bytes(ramp), level=1, filter=["sub"], force=True)
    assert png_indexed.unfiltered_indices(filtered) is None
    assert len(png.encode(Source.open(filtered), Settings()).data) <= len(filtered)
