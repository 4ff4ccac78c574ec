"""Estimates by rules of thumb, and a batch that takes its time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from fake_history import History
from fake_rows import summary

Json = dict[str, Any]
WEB = {
    "output_format": "keep",
    "quality": 80,
    "lossless": False,
    "effort": "balanced",
    "metadata": "safe",
    "min_savings_percent": 0,
    "allow_losses": [],
}
STEPS = (("reading", 0, 5, 0.05), ("encoding", 5, 85, 0.8), ("verifying", 85, 95, 0.1), ("saving", 95, 100, 0.05))
TICK_S = 0.05


class Batches(History):
    """The part of the fake that works."""

    files: list[Json]
    push: Callable[[list[Json]], None]
    lock: threading.RLock
    ended: threading.Event
    batch: Json | None
    todo: list[Json]
    running: list[Json]
    workers: int
    speed: float

    def _list(self) -> Json:
        return summary(self.files)

    # estimates

    def _guess(self, row: Json, settings: Json) -> Json:
        target = row["input_format"] if settings["output_format"] == "keep" else settings["output_format"]
        rate = 0.75 if settings["lossless"] else 0.12 + 0.006 * settings["quality"]
        rate *= {"webp": 0.75}.get(target, 1.0) * (1.6 if row["input_format"] == "jpeg" and target == "png" else 1.0)
        size = int(row["original_size"] * rate * (0.8 + 0.4 * ((row["file_id"] * 37) % 10) / 10))
        blocking = [
            trait
            for trait in ("animation", "gain_map")
            if trait in row["traits"]
            and target != "webp"
            and trait not in settings["allow_losses"]
            and row["input_format"] == "gif"
        ]
        losses = ["alpha"] if "alpha" in row["traits"] and target == "jpeg" else []
        return {
            "file_id": row["file_id"],
            "compressed_size": size,
            "low": int(size * 0.93),
            "high": int(size * 1.08),
            "time_ms": row["width"] * row["height"] // 9000,
            "basis": "guess",
            "sample_count": 0 if row["file_id"] % 3 else 41,
            "losses": losses,
            "blocking": blocking,
        }

    def do_get_estimate(self, request: Json) -> Json:
        own = {int(key): value for key, value in request.get("overrides", {}).items()}
        guesses = [self._guess(row, own.get(row["file_id"], request["settings"])) for row in self.files]
        for row, guess in zip(self.files, guesses, strict=True):
            row["estimate"] = guess
        total = {key: sum(guess[key] for guess in guesses) for key in ("compressed_size", "low", "high", "time_ms")}
        total["original_size"] = sum(row["original_size"] for row in self.files)
        total["time_ms"] = int(total["time_ms"] / self.workers / self.speed)
        wanted = set(request.get("file_ids", ()))
        return {"files": [guess for guess in guesses if guess["file_id"] in wanted], "total": total}

    # work

    def do_compress_image(self, request: Json) -> Json:
        wanted = set(request.get("file_ids", [row["file_id"] for row in self.files]))
        self._begin([row for row in self.files if row["file_id"] in wanted], request)
        return {"batch_id": self.batch["batch_id"]}  # type: ignore[index]

    def do_retry_failed(self, _: Json) -> Json:
        self._begin(
            [row for row in self.files if row["state"] == "failed"],
            self.batches[0]["request"] if self.batches else {"settings": WEB, "output": {}},
        )
        return {"batch_id": self.batch["batch_id"]}  # type: ignore[index]

    def _begin(self, rows: list[Json], request: Json) -> None:
        self.next_batch += 1
        for row in rows:
            row.update(
                state="queued", job_id=self.next_batch * 1_000_000 + row["file_id"], progress=0, error=None, reason=None
            )
            row["estimate"] = self._guess(
                row, request.get("overrides", {}).get(str(row["file_id"]), request["settings"])
            )
        self.todo = list(rows)
        self.running = []
        self.batch = {
            "batch_id": self.next_batch,
            "state": "running",
            "done": 0,
            "total": len(rows),
            "original_size": 0,
            "compressed_size": 0,
            "total_size": sum(row["original_size"] for row in rows),
            "predicted_size": sum(row["estimate"]["compressed_size"] for row in rows),
            "eta_ms": None,
            "counts": dict.fromkeys(("written", "kept", "failed", "cancelled"), 0),
            "request": request,
        }
        self.push(
            [
                self._batch_event(),
                *(
                    {
                        "event": "compression_progress",
                        "job_id": row["job_id"],
                        "file_id": row["file_id"],
                        "stage": "queued",
                        "progress": 0,
                        "next_progress": None,
                        "eta_ms": None,
                    }
                    for row in rows[:50]
                ),
            ]
        )

    def _batch_event(self) -> Json:
        assert self.batch is not None
        return {
            "event": "batch_progress",
            **{key: value for key, value in self.batch.items() if key not in ("counts", "request")},
        }

    def do_pause_batch(self, _: Json) -> None:
        if self.batch:
            self.batch["state"] = "paused"
            self.push([self._batch_event()])

    def do_resume_batch(self, _: Json) -> None:
        if self.batch:
            self.batch["state"] = "running"
            self.push([self._batch_event()])

    def do_cancel_batch(self, _: Json) -> None:
        if not self.batch:
            return
        events = [self._end(row, "cancelled") for row in [*self.running, *self.todo]]
        self.running, self.todo = [], []
        self.batch["state"] = "cancelled"
        self.push([*events, self._finish()])

    def do_cancel_jobs(self, request: Json) -> None:
        gone = [row for row in [*self.running, *self.todo] if row["file_id"] in request["file_ids"]]
        self.running = [row for row in self.running if row not in gone]
        self.todo = [row for row in self.todo if row not in gone]
        self.push([self._end(row, "cancelled") for row in gone])

    def _end(self, row: Json, status: str) -> Json:
        assert self.batch is not None
        row.update(
            state=status,
            compressed_size=None,
            savings_percent=None,
            reason=None,
            error=None,
            output_format=None,
            progress=100,
        )
        if status == "written":
            size = row["estimate"]["compressed_size"]
            target = self.batch["request"]["settings"]["output_format"]
            row.update(
                compressed_size=size,
                savings_percent=round(100 * (1 - size / row["original_size"]), 1),
                output_format=row["input_format"] if target == "keep" else target,
            )
        elif status == "kept":
            row.update(
                reason="would_lose" if row["estimate"]["blocking"] else "not_smaller",
                losses=row["estimate"]["blocking"],
                compressed_size=row["original_size"],
                savings_percent=0.0,
            )
        elif status == "failed":
            row.update(
                error={
                    "code": "corrupt_image",
                    "message": "The image is damaged.",
                    "facts": {"problem": "the file ends too early"},
                }
            )
        self.batch["done"] += 1
        self.batch["counts"][status] += 1
        if status in ("written", "kept"):
            self.batch["original_size"] += row["original_size"]
            self.batch["compressed_size"] += row["compressed_size"]
        fields = (
            "file_id",
            "job_id",
            "output_format",
            "original_size",
            "compressed_size",
            "savings_percent",
            "compression_time_ms",
            "reason",
            "error",
            "losses",
            "private_data_kept",
        )
        return {"event": "job_finished", "status": status, **{key: row[key] for key in fields}}

    def _finish(self) -> Json:
        assert self.batch is not None
        batch, self.batch = self.batch, None
        event = {
            "event": "batch_finished",
            "batch_id": batch["batch_id"],
            "state": "cancelled" if batch["state"] == "cancelled" else "finished",
            "files": batch["total"],
            **batch["counts"],
            "original_size": batch["original_size"],
            "compressed_size": batch["compressed_size"],
            "duration_ms": 4000,
            "undoable": batch["counts"]["written"],
        }
        self.remember(batch, event)
        return event

    def _run(self) -> None:
        while not self.ended.wait(TICK_S):
            with self.lock:
                if self.batch and self.batch["state"] == "running":
                    self._step()

    def _step(self) -> None:
        assert self.batch is not None
        events: list[Json] = []
        while self.todo and len(self.running) < self.workers:
            row = self.todo.pop(0)
            row["_spent"] = 0.0
            self.running.append(row)
        for row in list(self.running):
            takes = max(60.0, row["estimate"]["time_ms"]) / self.speed
            row["_spent"] += TICK_S * 1000
            share, at = row["_spent"] / takes, 0.0
            if share >= 1:
                self.running.remove(row)
                status = (
                    "failed"
                    if "stream" in row["name"]
                    else "kept"
                    if row["estimate"]["blocking"] or "parrots" in row["name"]
                    else "written"
                )
                events.append(self._end(row, status))
                continue
            for step in STEPS:
                at += step[3]
                if share < at:
                    break
            stage, progress, after, _ = step
            if row["state"] != stage:
                row.update(state=stage, progress=progress, next_progress=after, eta_ms=int(takes - row["_spent"]))
                events.append(
                    {
                        "event": "compression_progress",
                        "job_id": row["job_id"],
                        "file_id": row["file_id"],
                        "stage": stage,
                        "progress": progress,
                        "next_progress": after,
                        "eta_ms": row["eta_ms"],
                    }
                )
        left = sum(row["estimate"]["time_ms"] for row in [*self.todo, *self.running])
        self.batch["eta_ms"] = int(left / self.workers / self.speed)
        self.batch["predicted_size"] = self.batch["compressed_size"] + sum(
            row["estimate"]["compressed_size"] for row in [*self.todo, *self.running]
        )
        if events:
            self.push([*events, self._batch_event()])
        if not self.todo and not self.running:
            self.push([self._finish(), {"event": "stats_changed"}])
