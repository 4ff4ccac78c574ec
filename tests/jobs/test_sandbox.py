from __future__ import annotations

import errno
import functools
import sys
from collections.abc import Iterator

import pytest

import fake_work
import images
from plume_app.domain.compression.codecs import writable_codecs
from plume_app.domain.compression.engine import compress
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import header_of
from plume_app.jobs import sandbox, seccomp
from plume_app.jobs.messages import Done, Failed, Inspect, Inspected, Job, Outcome, Probe, Probed
from plume_app.jobs.pool import Pool

PATIENCE_S = 120
FORMATS = {"png": images.png_bytes, "jpeg": images.jpeg_bytes, "webp": images.webp_bytes}

linux = pytest.mark.skipif(sys.platform != "linux", reason="the protections of Linux")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One real worker, protected as in use."""
    made = Pool(1)
    yield made
    made.close()


def job(data: bytes, settings: Settings) -> Job:
    return Job(1, data, settings, header_of(data).decoded_bytes)


def facts_of(perform: object) -> dict[str, str | int | float]:
    pool = Pool(1, perform=perform)  # type: ignore[arg-type]
    try:
        outcome = pool.submit(Probe(1)).result(PATIENCE_S)
    finally:
        pool.close()
    assert isinstance(outcome, Failed), outcome
    assert outcome.code == fake_work.TOLD, outcome
    return outcome.facts


@pytest.fixture(scope="module")
def ways_out() -> dict[str, str | int | float]:
    return facts_of(fake_work.escape)


@linux
@pytest.mark.parametrize("way", fake_work.WAYS_OUT)
def test_no_way_out_of_a_worker(ways_out: dict[str, str | int | float], way: str) -> None:
    assert ways_out[way] in {"EPERM", "EACCES", "ENOSYS", "refused"}


@linux
def test_a_worker_keeps_its_threads_and_no_open_file_but_its_three_pipes() -> None:
    remains = facts_of(fake_work.remain)

    assert remains.pop("threads") == 1
    # Tasks, results, and the pipe by which Plume's end is seen. Standard input and (without a log) output
    # are /dev/null, of which multiprocessing opens more.
    assert remains.pop("pipe") == 3
    assert set(remains) == {"device"}


@linux
def test_every_protection_is_in_force_on_this_kernel(pool: Pool) -> None:
    outcome = pool.submit(Probe(7)).result(PATIENCE_S)

    assert isinstance(outcome, Probed)
    assert outcome.id == 7
    assert outcome.protections.missing == ()
    assert outcome.protections.landlock_abi > 0


def test_what_a_system_does_not_give_is_said() -> None:
    nothing = sandbox.Protections()

    assert set(nothing.missing) == {"files", "network", "processes", "memory", "core_dumps", "dies_with_parent"}


@linux
def test_a_process_of_several_threads_is_not_restricted_in_part() -> None:
    import threading

    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="one thread"):
            sandbox.restrict(sandbox.Limits(address_bytes=10**10))
    finally:
        stop.set()
        thread.join()


def verdict_of(machine: str, number: int, *arguments: int, pid: int = 1234, arch: int | None = None) -> int:
    """What the filter says to one call: a few lines that do what the kernel's interpreter does."""
    words = {0: number, 4: arch if arch is not None else seccomp.AUDIT_ARCH[machine]}
    words |= {16 + 8 * place: argument for place, argument in enumerate(arguments)}
    lines, at, loaded = seccomp.program(machine, pid), 0, 0
    while True:
        code, if_true, if_false, operand = lines[at]
        if code == 0x06:
            return operand
        if code == 0x20:
            loaded = words.get(operand, 0)
            at += 1
            continue
        holds = {0x15: loaded == operand, 0x35: loaded >= operand, 0x45: bool(loaded & operand)}[code]
        at += 1 + (if_true if holds else if_false)


ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS = FAIL | errno.EPERM, FAIL | errno.ENOSYS


@pytest.mark.parametrize("machine", seccomp.AUDIT_ARCH)
def test_the_filter_allows_its_list_and_nothing_else(machine: str) -> None:
    column = list(seccomp.AUDIT_ARCH).index(machine)
    listed = {numbers[column] for numbers in seccomp.ALLOWED.values()}
    conditional = {rule.numbers[column] for rule in seccomp.conditional(1234).values()}

    for number in set(range(600)) - conditional:
        expected = ALLOW if number in listed else EPERM if number < 424 else ENOSYS
        assert verdict_of(machine, number) == expected, number


# (x86_64, aarch64) of calls that must stay closed, from the kernel's own tables.
CLOSED = {
    "open": (2, 56), "openat": (257, 56), "socket": (41, 198), "connect": (42, 203), "execve": (59, 221),
    "execveat": (322, 281), "fork": (57, 220), "ptrace": (101, 117), "kill": (62, 129), "tkill": (200, 130),
    "process_vm_writev": (311, 271), "bpf": (321, 280), "mount": (165, 40), "unlinkat": (263, 35), "ioctl": (16, 29),
    "sendmsg": (46, 211), "memfd_create": (319, 279), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "setuid": (105, 146), "unshare": (272, 97), "shmget": (29, 194),
}  # fmt: skip


@pytest.mark.parametrize("machine", seccomp.AUDIT_ARCH)
@pytest.mark.parametrize("call", CLOSED)
def test_the_filter_closes_what_reaches_outside(machine: str, call: str) -> None:
    assert verdict_of(machine, CLOSED[call][list(seccomp.AUDIT_ARCH).index(machine)]) == EPERM


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        ("clone", (0x3D0F00,), ALLOW),  # what pthread_create asks for
        ("clone", (17,), EPERM),  # what fork asks for: SIGCHLD
        ("tgkill", (1234, 99, 6), ALLOW),
        ("tgkill", (1, 1, 9), EPERM),
        ("prlimit64", (0, 9), ALLOW),
        ("prlimit64", (1, 9), EPERM),
        ("prctl", (15,), ALLOW),
        ("prctl", (4, 1), EPERM),  # becoming dumpable again
        ("fcntl", (3, 4, 0), ALLOW),
        ("fcntl", (3, 8, 1), EPERM),  # F_SETOWN
        ("newfstatat", (3, 0, 0, 0x1000), ALLOW),
        ("newfstatat", (-100 & 0xFFFFFFFF, 0, 0, 0), EPERM),
    ],
)
@pytest.mark.parametrize("machine", seccomp.AUDIT_ARCH)
def test_the_filter_allows_some_calls_for_some_arguments(
    machine: str, call: str, arguments: tuple[int, ...], expected: int
) -> None:
    number = seccomp.conditional(1234)[call].numbers[list(seccomp.AUDIT_ARCH).index(machine)]

    assert verdict_of(machine, number, *arguments) == expected


def test_the_filter_ends_a_process_that_calls_by_another_architecture() -> None:
    assert verdict_of("x86_64", 0, arch=0x40000003) == KILL  # i386
    assert verdict_of("x86_64", seccomp.X32_BIT | 1) == ENOSYS


def test_an_unknown_architecture_has_no_filter() -> None:
    with pytest.raises(KeyError):
        seccomp.program("riscv64", 1)


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("target", writable_codecs())
@pytest.mark.parametrize("source", FORMATS)
def test_a_restricted_worker_makes_the_same_bytes_as_a_free_process_for_every_orientation(
    pool: Pool, source: str, target: str, lossless: bool
) -> None:
    settings = Settings(output_format=target, lossless=lossless)
    upright = images.photo(61, 43, seed=3)
    for orientation in images.ORIENTATIONS:
        stored = images.turned(upright, orientation)
        data = FORMATS[source](stored, exif=images.exif_bytes(orientation), icc_profile=images.icc_bytes())

        outcome = pool.submit(job(data, settings)).result(PATIENCE_S)

        free = compress(data, settings)
        assert isinstance(outcome, Done), outcome
        assert (outcome.verdict, outcome.data) == (free.verdict, free.data)
        assert outcome.codec_version == free.codec_version


ODD = {
    "apng": lambda: images.apng_bytes(images.frames(3)),
    "animated_webp": lambda: images.animated_webp_bytes(images.frames(3)),
    "gif": lambda: images.gif_bytes(images.frames(3, mode="RGB")),
    "tiff": lambda: images.tiff_bytes(images.photo(40, 30)),
    "bmp": lambda: images.bmp_bytes(images.photo(40, 30)),
    "png16": lambda: images.png16_bytes(40, 30, channels=4),
    "tiff16": lambda: images.tiff16_bytes(40, 30),
    "cmyk": images.cmyk_jpeg_bytes,
    "palette": lambda: images.png_bytes(images.palette(40, 30, transparent=True)),
    "japanese": lambda: images.jpeg_bytes(images.photo(40, 30), exif=images.exif_bytes(6, "写真 © 2024")),
}


@pytest.mark.parametrize("target", ["keep", *writable_codecs()])
@pytest.mark.parametrize("kind", ODD)
def test_a_restricted_worker_needs_no_file_for_odd_pictures_either(pool: Pool, kind: str, target: str) -> None:
    data = ODD[kind]()
    for effort in ("fast", "max"):
        settings = Settings(output_format=target, effort=effort, allow_losses=("animation", "bit_depth"))

        outcome = pool.submit(job(data, settings)).result(PATIENCE_S)

        free = compress(data, settings)
        assert isinstance(outcome, Done), outcome
        assert (outcome.verdict, outcome.data) == (free.verdict, free.data)


@pytest.mark.slow
@pytest.mark.parametrize("target", writable_codecs())
@pytest.mark.parametrize("source", FORMATS)
def test_t42_a_restricted_worker_does_forty_megapixels_within_its_memory(pool: Pool, source: str, target: str) -> None:
    data = _forty_megapixels(source)

    outcome = pool.submit(job(data, Settings(output_format=target, effort="fast"))).result(PATIENCE_S)

    assert isinstance(outcome, Done), outcome
    assert outcome.header.pixels == 40_000_000


@functools.cache
def _forty_megapixels(source: str) -> bytes:
    """Soft shapes, so that drawing and packing them is quick; written as fast as Pillow can."""
    options: dict[str, dict[str, int]] = {"png": {"compress_level": 1}, "jpeg": {}, "webp": {"method": 0}}
    return FORMATS[source](images.photo(250, 160).resize((8000, 5000), resample=0), **options[source])


def test_an_inspection_finds_traits_and_private_data_in_a_restricted_worker(pool: Pool) -> None:
    data = images.jpeg_bytes(images.photo(40, 30), exif=images.exif_bytes(6))

    outcome = pool.submit(Inspect(5, data, 3_600)).result(PATIENCE_S)

    assert isinstance(outcome, Inspected)
    assert (outcome.id, outcome.header.width, outcome.traits.orientation) == (5, 40, 6)


def damaged() -> dict[str, bytes]:
    whole = {name: write(images.photo(64, 48, seed=5)) for name, write in FORMATS.items()}
    found = {
        f"{name}-{percent}%": images.truncated(data, percent) for name, data in whole.items() for percent in (5, 50, 95)
    }
    found |= {f"{name}-flipped-{seed}": images.flipped(data, seed) for name, data in whole.items() for seed in range(4)}
    return found | {"empty": b"", "text": b"not a picture at all", "zeros": bytes(1000)}


def test_t35_damaged_files_fail_by_name_and_the_worker_lives_on(pool: Pool) -> None:
    outcomes: list[Outcome] = []
    for number, data in enumerate(damaged().values()):
        settings = Settings(output_format=("keep", "webp", "png")[number % 3])
        outcomes.append(pool.submit(Job(number, data, settings, 10_000)).result(PATIENCE_S))

    codes = {outcome.code for outcome in outcomes if isinstance(outcome, Failed)}
    assert codes == {"corrupt_image", "unsupported_format"}
    assert all(isinstance(outcome, Failed) for name, outcome in zip(damaged(), outcomes, strict=True) if "%" in name)


def test_t43_a_bomb_is_refused_by_the_worker_before_it_decodes(pool: Pool) -> None:
    import struct

    ihdr = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = images.png_of_chunks((b"IHDR", ihdr), (b"IDAT", b"x"), (b"IEND", b""))

    outcome = pool.submit(Job(1, bomb, Settings(), 1_000)).result(PATIENCE_S)

    assert isinstance(outcome, Failed)
    assert outcome.code == "image_too_large"
