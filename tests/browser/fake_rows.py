"""Rows of the list, invented: a few with names, then as many as asked for."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
ALL_STATES = {"waiting": ("waiting",), "written": ("written",), "kept": ("kept",), "failed": ("failed", "cancelled")}
PRIVATE = ("gps", "serials")
ACTIVE = ("queued", "reading", "encoding", "verifying", "saving")
HOSTILE = "<img src=x onerror=window.hacked=1>.png"
NAMED = (
    ("rooftops-hats.jpg", "Holiday / Marken", "jpeg", 4032, 3024, 5_200_000, []),
    ("motocross.jpg", "Holiday", "jpeg", 4032, 3024, 6_800_000, ["gps"]),
    ("window-shutter.png", "Shop", "png", 1536, 1024, 2_100_000, ["alpha"]),
    ("portrait-paint.jpg", "Phone", "jpeg", 3024, 4032, 1_800_000, ["gain_map", "gps", "serials"]),
    ("lighthouse.png", "Shop", "png", 2048, 3072, 14_300_000, ["bit_depth"]),
    ("spitfire.webp", "Blog", "webp", 1536, 1024, 412_000, []),
    ("parrots.png", "Blog", "png", 1536, 1024, 1_100_000, []),
    ("stream.jpg", "Blog", "jpeg", 6000, 4000, 11_900_000, []),
    ("waving.gif", "Blog", "gif", 480, 270, 3_400_000, ["animation"]),
    (HOSTILE, "Downloads", "png", 800, 600, 700_000, []),
    ("été à la mer 100% 🌊.jpeg", "Été", "jpeg", 4000, 3000, 4_400_000, ["gps"]),
)


def named_rows(count: int, *, start: int = 0, names: list[str] | None = None) -> list[Json]:
    """As many rows; their ids follow on `start`."""
    return [_row(start + place, names[place] if names else None) for place in range(count)]


def _row(place: int, given: str | None) -> Json:
    name, folder, kind, width, height, size, traits = NAMED[place % len(NAMED)]
    if place >= len(NAMED):
        stem, _, end = name.rpartition(".")
        name = f"{stem}-{place}.{end}".replace("stream-", "river-") if place % 97 else name
        size = size * (90 + place * 7 % 21) // 100
    return {
        "file_id": place + 1,
        "name": given or name,
        "folder": folder,
        "input_format": kind,
        "width": width,
        "height": height,
        "original_size": size,
        "thumbnail_url": f"t/{place % 60}",
        "traits": [trait for trait in traits if trait not in PRIVATE],
        "private": [trait for trait in traits if trait in PRIVATE],
        "state": "waiting",
        "job_id": None,
        "progress": 0,
        "next_progress": None,
        "eta_ms": None,
        "estimate": None,
        "output_format": None,
        "compressed_size": None,
        "savings_percent": None,
        "compression_time_ms": 900,
        "reason": None,
        "error": None,
        "losses": [],
        "private_data_kept": False,
    }


def summary(rows: list[Json]) -> Json:
    """How many are in which state."""
    counts = dict.fromkeys(("waiting", "active", "written", "kept", "failed", "cancelled"), 0)
    for row in rows:
        counts["active" if row["state"] in ACTIVE else row["state"]] += 1
    return {"files": len(rows), "original_size": sum(row["original_size"] for row in rows), **counts}
