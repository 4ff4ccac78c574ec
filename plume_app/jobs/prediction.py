"""What was predicted for a file before its run, as its row of the history keeps it, and what such rows teach."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from plume_app.database.connection import Database
from plume_app.database.queries.learning import Lesson, recent_lessons
from plume_app.domain.compression.estimate import MEASURED, Estimate, estimate
from plume_app.domain.compression.features import Features, header_features
from plume_app.domain.compression.learning import Learned, Row, learn
from plume_app.domain.compression.settings import Settings
from plume_app.domain.image.header import Header


@dataclass(frozen=True, slots=True)
class Prediction:
    """`shown` says that the user saw it: only then does its error count as one of ours."""

    features: Features
    estimate: Estimate
    shown: bool = False

    def to_json(self) -> str:
        """What the column `features` holds: the picture in numbers, and the model's guess before any correction."""
        one = self.estimate
        model = {
            "size": one.model_size,
            "ms": one.model_ms,
            "lossless": one.lossless,
            "measured": one.basis == MEASURED,
        }
        return json.dumps({"picture": self.features.to_json(), "model": model}, separators=(",", ":"))


def from_header(data: bytes, header: Header, settings: Settings) -> Prediction:
    """What the first bytes of a file tell, for one that nobody was shown a prediction of."""
    features = header_features(lambda offset, count: data[offset : offset + count], len(data), header)
    return Prediction(features, estimate(features, settings))


def recall(db: Database) -> Learned:
    """What the user's newest results teach."""
    return learned_from(recent_lessons(db))


def learned_from(lessons: Iterable[Lesson]) -> Learned:
    """The same from rows, the newest first.

    Those of an older codec than the newest of their format are passed over (the codecs of today cannot be asked:
    only workers load them), and so are unreadable ones.
    """
    known = list(lessons)
    versions: dict[str, str] = {}
    for one in known:
        versions.setdefault(one.output_format, one.codec_version)
    return learn((row for row in map(_row, known) if row is not None), versions)


def _row(one: Lesson) -> Row | None:
    try:
        model = json.loads(one.features or "null")["model"]
        size, time_ms = int(model["size"]), int(model["ms"])
        lossless, measured = bool(model["lossless"]), bool(model["measured"])
    except (ValueError, TypeError, KeyError):
        return None
    return Row(
        one.input_format,
        one.output_format,
        lossless,
        one.codec_version,
        size,
        one.compressed_size,
        time_ms,
        one.compression_time_ms,
        measured,
    )
