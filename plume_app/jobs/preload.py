"""Loads, when it is imported, all that a worker will ever need: afterwards it can open no file.

The fork server imports it once, so that workers are born with the encoders in (shared) memory; where
workers are spawned, `worker.start` imports it. Nothing here may start a thread: a forked worker would
lack it, and a restricted one must have only one.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import sys

# One thread a worker: the pool has as many workers as there are cores. Read when the libraries start.
os.environ["VIPS_CONCURRENCY"] = "1"
os.environ["RAYON_NUM_THREADS"] = "1"
# libvips would put pictures over 100 MB on disk, where a worker cannot write.
os.environ["VIPS_DISC_THRESHOLD"] = "1000g"

import pyvips

from plume_app.domain.compression import engine as engine
from plume_app.domain.compression import preview as preview
from plume_app.domain.compression.codecs import all_codecs
from plume_app.domain.image import metadata, pixels
from plume_app.domain.image import thumbnail as thumbnail
from plume_app.jobs import worker_pictures as worker_pictures

# Python loads a text codec when it is first used; these occur in EXIF, IPTC and PNG text of real files.
TEXT_CODECS = (
    "ascii", "latin_1", "utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "utf_32_le", "utf_32_be",
    "cp437", "cp850", "cp932", "cp1250", "cp1251", "cp1252", "iso8859_2", "iso8859_5", "iso8859_15", "mac_roman",
    "shift_jis", "euc_jp", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr", "koi8_r", "unicode_escape",
    "raw_unicode_escape", "hex_codec", "idna",
)  # fmt: skip


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # glibc's malloc.h
_KEPT_ALLOCATION_BYTES = 32 << 20  # the most that glibc takes for it


def _load() -> None:
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_M_ARENA_MAX, 2)  # an arena reserves 64 MB of the address space that a worker is limited to
        # Pictures of one size follow each other: to get fresh pages for each of their buffers costs a tenth of the
        # work on small ones. glibc learns it by itself once it has seen a large one; `heap` gives back what is much.
        libc.mallopt(_M_MMAP_THRESHOLD, _KEPT_ALLOCATION_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT_ALLOCATION_BYTES)
    for name in TEXT_CODECS:
        importlib.import_module(f"encodings.{name}")
    pixels.preload()
    metadata.preload()
    for codec in all_codecs().values():
        codec.preload()
        codec.version()
    pyvips.cache_set_max(0)  # pictures are seen once: remembering operations only costs memory
    pyvips.cache_set_max_mem(0)
    pyvips.cache_set_max_files(0)


_load()
