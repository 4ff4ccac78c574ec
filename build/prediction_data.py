"""What predictions are fitted on and judged by: pictures, what a worker can know of them, and what the engine makes.

Every source of `prediction_sources.py` gives a trial and several results. Each is one line of `records.jsonl` in the
cache: a second run goes on where the first one stopped. One process; times are CPU milliseconds.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from prediction_sources import SLOW_PIXELS, chance_of, drawn, sources

from plume_app.domain.compression import engine
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.compression.probe import features_of, probe
from plume_app.domain.compression.routes import is_graphic
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import header_of
from plume_app.domain.image.pixels import Source
from plume_app.domain.image.traits import ALL_TRAITS
from plume_app.domain.shared.errors import PlumeError

Record = dict[str, Any]

_QUALITIES = (40, 50, 60, 70, 75, 80, 85, 90, 95)


def draw(folder: Path, cache: Path, seconds: float, *, again: bool = False) -> list[Record]:
    """Every record of `folder`; draws what is missing for at most `seconds` of CPU time.

    `again`: look at all sources anew, since features or trials changed; what the engine made of them stays.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / "records.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    records = [json.loads(line) for line in lines]
    if again:
        lines = [json.dumps(record) for record in _looked_at_again(folder, records)]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        records = [json.loads(line) for line in lines]
    done = {record["source"] for record in records}
    began = time.process_time()
    with path.open("a", encoding="utf-8") as file:
        for name, folder_name, data in sources(folder, done):
            if time.process_time() - began > seconds:
                break
            for record in _results(name, folder_name, data):
                line = json.dumps(record)
                records.append(json.loads(line))  # as the next run reads it
                file.write(line + "\n")
            file.flush()
    return [record for record in records if "size" in record]


def _looked_at_again(folder: Path, records: list[Record]) -> list[Record]:
    found: list[Record] = []
    for name, several in itertools.groupby(records, key=lambda record: str(record["source"])):
        members = list(several)
        file, _, kind = name.rpartition(" ")
        data = drawn(folder / file, name, kind) if "size" in members[0] else None
        if data is None:
            found += members
            continue
        try:
            about, source, known, image = _about(name, members[0]["folder"], data)
            tried: dict[tuple[str, bool, int], Record] = {}
            for record in members:
                key = (record["target"], record["lossless"], record["asked"])
                if key not in tried:
                    first = Settings(output_format=key[0], lossless=key[1], quality=key[2], allow_losses=ALL_TRAITS)
                    tried[key] = _tried(source, known, first, image)
                found.append(record | about | tried[key])
        except PlumeError:
            continue
    return found


def _cpu_ms(deed: Callable[[], Any]) -> tuple[Any, float]:
    began = time.process_time()
    done = deed()
    return done, (time.process_time() - began) * 1000


def _about(name: str, folder: str, data: bytes) -> tuple[Record, Source, Features, Any]:
    source = Source.open(data)
    header = header_of(data)
    _, header_ms = _cpu_ms(lambda: header_features(lambda at, count: data[at : at + count], len(data), header))
    known, features_ms = _cpu_ms(lambda: features_of(source))
    image, decode_ms = _cpu_ms(lambda: source.picture(upright=False).eight_bits().in_memory().image)
    about = {
        "source": name,
        "folder": folder,
        "graphic": is_graphic(known) or folder.startswith(("screens", "icons")),
        "alpha": known.has_alpha,
        "features": known.to_json(),
        "header_ms": header_ms,
        "features_ms": features_ms,
        "decode_ms": decode_ms,
    }
    return about, source, known, image


def _tried(source: Source, known: Features, first: Settings, image: Any) -> Record:
    tried, probe_ms = _cpu_ms(partial(probe, source, known, first, picture=image))
    return {"asked": first.quality, "probe": None if tried is None else asdict(tried), "probe_ms": probe_ms}


def _results(name: str, folder: str, data: bytes) -> Iterator[Record]:
    chance = chance_of(name + " results")
    try:
        about, source, known, image = _about(name, folder, data)
    except PlumeError:
        yield {"source": name, "folder": folder}
        return
    for target in ("jpeg", "webp", "png"):
        for settings_list in _asked(known, target, chance):
            try:
                tried = _tried(source, known, settings_list[0], image)
                for settings in settings_list:
                    made, ms = _cpu_ms(partial(engine.compress, data, settings))
                    yield (
                        about
                        | tried
                        | {
                            "target": target,
                            "lossless": settings.lossless,
                            "quality": settings.quality,
                            "size": len(data) if made.data is None else len(made.data),
                            "ms": ms,
                            "verdict": str(made.verdict),
                            "codec": made.codec_version,
                        }
                    )
            except PlumeError:
                continue


def _asked(known: Features, target: str, chance: random.Random) -> Iterator[list[Settings]]:
    """Settings in groups; the first of each is what the trial is made for."""
    base = Settings(output_format=target, allow_losses=ALL_TRAITS)
    useful = [quality for quality in _QUALITIES if known.format != target or quality < (known.source_quality or 100)]
    often = useful if len(useful) > 1 and chance.random() < 0.85 else _QUALITIES  # above it nothing is encoded
    lossy = [replace(base, quality=quality) for quality in chance.sample(often, 2)]
    slow = target == "png" and known.pixels > SLOW_PIXELS
    yield lossy[:1] if slow else lossy
    same = known.format == target
    likely = {"jpeg": 1.0 if same else 0.0, "png": 1.0 if same else 0.35, "webp": 0.6 if known.format == "png" else 0.3}
    if chance.random() < likely[target] and (same or known.pixels <= 2 * SLOW_PIXELS):
        yield [replace(base, lossless=True)]


def cache_of(folder: Path) -> Path:
    """Where the records of a folder are kept between runs."""
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "plume-predictions" / name
