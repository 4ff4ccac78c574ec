"""How to compress: `Settings`, valid from birth, and the only thing of a run that is hashed."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from plume_app.domain.shared.errors import InvalidRequest, invalid

EFFORTS = ("fast", "balanced", "max")
METADATA_POLICIES = ("safe", "all", "none")
KEEP = "keep"
_FORMAT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_TRAIT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the engine sees; the field names are the contract's.

    `output_format` is "keep" or the name of a codec (checked against the registry by the engine, so
    that a settings row of a removed codec can still be read). `quality` is 1-100 on the target
    encoder's own scale and ignored where nothing is lost. `min_savings_percent` is 0-100: below it the
    original is kept. `allow_losses` names traits that may go (sorted, without doubles).

    Raises InvalidRequest for a value out of range.
    """

    output_format: str = KEEP
    quality: int = 80
    lossless: bool = False
    effort: str = "balanced"
    metadata: str = "safe"
    min_savings_percent: float = 0.0
    allow_losses: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.output_format, str) or not _FORMAT_NAME.fullmatch(self.output_format):
            raise invalid("output_format", "keep or a format name", self.output_format)
        if type(self.quality) is not int or not 1 <= self.quality <= 100:
            raise invalid("quality", "a whole number from 1 to 100", self.quality)
        if type(self.lossless) is not bool:
            raise invalid("lossless", "true or false", self.lossless)
        if self.effort not in EFFORTS:
            raise invalid("effort", " or ".join(EFFORTS), self.effort)
        if self.metadata not in METADATA_POLICIES:
            raise invalid("metadata", " or ".join(METADATA_POLICIES), self.metadata)
        percent = self.min_savings_percent
        if isinstance(percent, bool) or not isinstance(percent, int | float) or not 0 <= percent <= 100:
            raise invalid("min_savings_percent", "a number from 0 to 100", percent)
        object.__setattr__(self, "min_savings_percent", float(percent) + 0.0)  # -0.0 becomes 0.0: one digest
        traits = self.allow_losses
        if not isinstance(traits, tuple) or not all(isinstance(t, str) and _TRAIT_NAME.fullmatch(t) for t in traits):
            raise invalid("allow_losses", "a list of trait names", traits)
        object.__setattr__(self, "allow_losses", tuple(sorted(set(traits))))

    def output_format_of(self, input_format: str) -> str:
        """What a file of this format becomes: its own where it is to stay."""
        return input_format if self.output_format == KEEP else self.output_format

    def to_json(self) -> dict[str, Any]:
        """The fields as plain JSON values, spelled as in the contract."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return found | {"allow_losses": list(self.allow_losses)}

    @classmethod
    def from_json(cls, value: object) -> Settings:
        """The settings that `to_json` wrote, or the page sent; absent fields take their defaults.

        Raises InvalidRequest for anything that is not an object of known fields.
        """
        if not isinstance(value, dict):
            raise invalid("settings", "an object", value)
        unknown = set(value) - {field.name for field in fields(cls)}
        if unknown:
            raise InvalidRequest(problem=f"Unknown field in settings: {', '.join(sorted(map(str, unknown)))}.")
        given = dict(value)
        if "allow_losses" in given:
            if not isinstance(given["allow_losses"], list | tuple):
                raise invalid("allow_losses", "a list of trait names", given["allow_losses"])
            given["allow_losses"] = tuple(given["allow_losses"])
        return cls(**given)

    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON: equal settings, equal digest, on every machine."""
        return _digest(self)


@lru_cache(maxsize=64)  # asked several times for each file; a batch has few different settings
def _digest(settings: Settings) -> str:
    canonical = json.dumps(settings.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
