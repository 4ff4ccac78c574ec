"""The past that the fake server pretends: statistics and batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

Json = dict[str, Any]
PAIRS = (("jpeg", "jpeg", 0.42), ("png", "webp", 0.16), ("png", "png", 0.78), ("jpeg", "webp", 0.34))


class History:
    """Days, pairs and batches; `fill` invents some."""

    def __init__(self) -> None:
        self.next_batch = 0
        self.batches: list[Json] = []
        self.days: list[Json] = []
        self.cleared: list[Json] | None = None
        self.predicted = True

    def test_fill(self, _: Json) -> None:
        """Sixty days of use."""
        now = datetime.now(UTC)
        for age in range(60, -1, -1):
            if age % 7 == 3:
                continue
            for place, (before, after, rate) in enumerate(PAIRS):
                files = (age * 7 + place * 5) % 23 + 1
                original = files * (4_200_000 - place * 700_000) * (1 + (age * 13) % 5)
                self.days.append(
                    {
                        "day": (now - timedelta(days=age)).date().isoformat(),
                        "input_format": before,
                        "output_format": after,
                        "files": files,
                        "original_size": original,
                        "compressed_size": int(original * rate),
                    }
                )
        settings = {
            "output_format": "keep",
            "quality": 80,
            "lossless": False,
            "effort": "balanced",
            "metadata": "safe",
            "min_savings_percent": 0,
            "allow_losses": [],
        }
        for age in range(45):
            self.next_batch += 1
            own = (
                settings
                if age % 3 == 0
                else {**settings, "lossless": True, "metadata": "all"}
                if age % 3 == 1
                else {**settings, "output_format": "webp", "quality": 62}
            )
            size = 30_000_000 * (1 + age % 9)
            self.batches.append(
                {
                    "batch_id": self.next_batch,
                    "created_at": (now - timedelta(hours=2 + age * 19)).isoformat(),
                    "finished_at": now.isoformat(),
                    "state": "finished",
                    "settings": own,
                    "output": {
                        "policy": "folder",
                        "suffix": "_compressed",
                        "folder_id": f"batch:{age}",
                        "folder_label": "Pictures",
                    },
                    "files": 8 + age * 3,
                    "written": 7 + age * 3,
                    "kept": 1,
                    "failed": 2 if age == 4 else 0,
                    "cancelled": 0,
                    "original_size": size,
                    "compressed_size": int(size * 0.55),
                    "undoable": 7 if age < 6 else 0,
                    "resumable": 0,
                }
            )

    def remember(self, batch: Json, event: Json) -> None:
        """A batch that ended."""
        now = datetime.now(UTC)
        counts = {key: event[key] for key in ("written", "kept", "failed", "cancelled")}
        request = batch["request"]
        self.batches.insert(
            0,
            {
                "batch_id": batch["batch_id"],
                "created_at": now.isoformat(),
                "finished_at": now.isoformat(),
                "state": event["state"],
                "settings": request["settings"],
                "output": request["output"],
                "files": event["files"],
                **counts,
                "original_size": event["original_size"],
                "compressed_size": event["compressed_size"],
                "undoable": event["undoable"],
                "resumable": 0,
                "request": request,
            },
        )
        if counts["written"]:
            self.days.append(
                {
                    "day": now.date().isoformat(),
                    "input_format": "jpeg",
                    "output_format": "jpeg",
                    "files": counts["written"],
                    "original_size": event["original_size"],
                    "compressed_size": event["compressed_size"],
                }
            )

    def do_get_stats(self, request: Json) -> Json:
        self.calls.append(("get_stats", request))  # type: ignore[attr-defined]
        since, until = _day(request, "since", ""), _day(request, "until", "9")
        days = [day for day in self.days if since <= day["day"] < until]
        files = sum(day["files"] for day in days)
        pairs = sorted({(day["input_format"], day["output_format"]) for day in days})
        names = sorted({day["day"] for day in days})
        return {
            "totals": _totals(days),
            "by_format_pair": [
                {
                    "input_format": pair[0],
                    "output_format": pair[1],
                    **_totals([day for day in days if (day["input_format"], day["output_format"]) == pair]),
                }
                for pair in pairs
            ],
            "by_day": []
            if not request.get("days", True)
            else [{"day": name, **_totals([day for day in days if day["day"] == name])} for name in names],
            "median_savings_percent": 52.0 if days else None,
            "savings_distribution": [_bucket(None, 0, files // 40)]
            + [_bucket(low, low + 10, files * (5 - abs(50 - low) // 12) // 40) for low in range(0, 100, 10)],
            "prediction_accuracy": _accuracy(files) if days and self.predicted else None,
            "biggest_wins": [_win(place) for place in range(min(files, 8))],
            "first_at": min((day["day"] for day in self.days), default=None),
        }

    def do_get_history(self, request: Json) -> Json:
        part = self.batches[request["offset"] : request["offset"] + request["limit"]]
        return {
            "total": len(self.batches),
            "batches": [{key: value for key, value in batch.items() if key != "request"} for batch in part],
        }

    def do_undo_batch(self, request: Json) -> Json:
        batch = next(batch for batch in self.batches if batch["batch_id"] == request["batch_id"])
        undone, batch["undoable"] = batch["undoable"], 0
        return {"restored": 0, "removed": undone, "left": []}

    def do_export_history(self, request: Json) -> Json:
        self.calls.append(("export_history", request))  # type: ignore[attr-defined]
        return {"saved": True}

    def do_reset_stats(self, request: Json) -> None:
        if request.get("undo"):
            self.days, self.cleared = self.cleared or self.days, None
        else:
            self.cleared, self.days = self.days, []
        self.push([{"event": "stats_changed"}])  # type: ignore[attr-defined]

    def do_get_database_info(self, _: Json) -> Json:
        return {
            "path": "/home/ada/.local/share/plume/plume.db",
            "schema_version": 3,
            "rows": len(self.days),
            "size": 1_234_567,
            "undo_path": "/home/ada/.local/share/plume/originals",
            "undo_files": 132,
            "undo_size": 311_000_000,
            "log_path": "/home/ada/.local/state/plume/plume.log",
        }


def _totals(days: list[Json]) -> Json:
    files, original, compressed = (
        sum(day[key] for day in days) for key in ("files", "original_size", "compressed_size")
    )
    return {
        "files": files,
        "original_size": original,
        "compressed_size": compressed,
        "saved_bytes": original - compressed,
        "original_disk_size": original + files * 2048,
        "compressed_disk_size": compressed + files * 2048,
        "saved_disk_bytes": original - compressed,
    }


def _day(request: Json, name: str, default: str) -> str:
    """The day whose midnight, of whichever zone, is that moment: noon is on it everywhere."""
    if name not in request:
        return default
    return (datetime.fromisoformat(request[name]) + timedelta(hours=12)).date().isoformat()


def _bucket(low: int | None, high: int | None, files: int) -> Json:
    return {"from_percent": low, "to_percent": high, "files": files}


def _accuracy(files: int) -> Json:
    edges = [None, *range(-21, 22, 2), None]
    errors = [_bucket(low, high, files // (2 + abs(place - 11))) for place, (low, high) in enumerate(pairwise(edges))]
    return {"files": files, "median_error_percent": 3.1, "within_interval_percent": 81.0, "errors": errors}


def _win(place: int) -> Json:
    return {
        "job_id": place + 1,
        "name": ("a very long name of a photograph from the summer of 2019 that nobody shortened.jpg", "b.png")[
            place % 2
        ],
        "input_format": "jpeg",
        "output_format": "webp",
        "original_size": 9_000_000 - place * 500_000,
        "compressed_size": 700_000,
        "saved_bytes": 8_300_000 - place * 500_000,
        "created_at": datetime.now(UTC).isoformat(),
    }
