"""Records as predictions see them: features, settings and trial as objects, and what is to be told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from plume_app.domain.compression import routes
from plume_app.domain.compression.curves import Probe
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.model import Model, PairModel
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.traits import ALL_TRAITS

TEST_PHOTOGRAPHS = ("camera-jpeg", "gps", "kodak")
TEST_FOLDERS = (*TEST_PHOTOGRAPHS, "screens-plume", "icons-types")  # never fitted on
_CAPPED = 0.97  # of the source: beyond it the engine may have gone another way


@dataclass(frozen=True, slots=True)
class Row:
    """One result. `log_image` is the logarithm of its bytes without metadata."""

    source: str
    folder: str
    graphic: bool
    features: Features
    target: str
    settings: Settings
    probe: Probe | None
    size: int
    ms: float
    codec: str
    costs: tuple[float, float, float]  # CPU ms: header, features of a worker, trial
    log_image: float

    @property
    def file(self) -> str:
        """The picture that it was drawn from: its kinds resemble each other."""
        return self.source.rpartition(" ")[0]

    @property
    def half(self) -> int:
        """0 or 1, the same for all of a file: one half is the user's own, the other is told."""
        return sum(self.file.encode()) % 2

    @property
    def formats(self) -> tuple[str, str]:
        """From and to."""
        return self.features.format, self.target


def rows_of(records: list[dict[str, Any]]) -> list[Row]:
    """The records, without those of pictures that were refused."""
    return [_row(record) for record in records if "size" in record]


def _row(record: dict[str, Any]) -> Row:
    features = Features.from_json(record["features"])
    settings = Settings(
        output_format=record["target"],
        quality=record["quality"],
        lossless=record["lossless"],
        allow_losses=ALL_TRAITS,
    )
    told = record["probe"]
    probe = None
    if told is not None:
        points = tuple((quality, log) for quality, log in told["points"])
        probe = Probe(**{**told, "points": points, "kept": told["kept"] and tuple(told["kept"])})
    kept = features.kept_safe
    if probe is not None and probe.kept is not None and features.format != record["target"]:
        kept = probe.kept[1]
    return Row(
        record["source"],
        record["folder"],
        record["graphic"],
        features,
        record["target"],
        settings,
        probe,
        record["size"],
        record["ms"],
        record["codec"],
        (record["header_ms"], record["features_ms"], record["probe_ms"]),
        math.log(max(1, record["size"] - kept)),
    )


def guess_of(row: Row, model: Model, *, tried: bool) -> routes.Guess:
    """What the model says, from the header or from the trial as well."""
    return routes.guess(model, row.features, row.settings, row.target, row.probe if tried else None)


def is_own_way(row: Row, lossy_log: float | None) -> bool:
    """Did the encoder of this way make it, or was the source kept, or another way smaller?"""
    if row.features.format == row.target:
        ceiling = math.log(_CAPPED * row.features.scan_bytes)
        return row.size < _CAPPED * row.features.file_size and (lossy_log is None or lossy_log < ceiling)
    if row.target == "webp" and not row.settings.lossless and routes.is_graphic(row.features):
        return lossy_log is None or row.log_image > lossy_log - 0.15  # else without loss was smaller
    return True


IDENTITY = PairModel(None, (0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0), 1.0, None, (0.0, 0.0))
"""With it a measured guess is the trial itself, and its interval the distance to the nearest quality tried."""
