"""What the fake server pretends: a list of files, estimates by rules of thumb, a batch that takes its time."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from fake_batches import WEB, Batches
from fake_rows import ALL_STATES, named_rows

Json = dict[str, Any]
FORMATS = [
    {
        "name": "jpeg",
        "label": "JPEG",
        "extensions": [".jpg", ".jpeg"],
        "can_write": True,
        "lossless": True,
        "lossy": True,
        "quality_min": 1,
        "quality_max": 100,
    },
    {
        "name": "png",
        "label": "PNG",
        "extensions": [".png"],
        "can_write": True,
        "lossless": True,
        "lossy": True,
        "quality_min": 1,
        "quality_max": 100,
    },
    {
        "name": "webp",
        "label": "WebP",
        "extensions": [".webp"],
        "can_write": True,
        "lossless": True,
        "lossy": True,
        "quality_min": 1,
        "quality_max": 100,
    },
    *(
        {
            "name": name,
            "label": name.upper(),
            "extensions": [f".{name}"],
            "can_write": False,
            "lossless": False,
            "lossy": False,
            "quality_min": 1,
            "quality_max": 100,
        }
        for name in ("gif", "tiff", "bmp")
    ),
]


class Work(Batches):
    """The state behind the page. `push` sends events."""

    def __init__(self, push: Callable[[list[Json]], None], rows: int) -> None:
        super().__init__()
        self.push = push
        self.lock = threading.RLock()
        self.files: list[Json] = named_rows(rows)
        self.batch: Json | None = None
        self.todo: list[Json] = []
        self.running: list[Json] = []
        self.orders: dict[str, list[int]] = {}
        self.workers = 2
        self.speed = 1.0
        self.failures: dict[str, str] = {}
        self.lags: dict[str, float] = {}  # seconds before a command is answered; ids are answered at once
        self.calls: list[tuple[str, Json]] = []
        self.previews = 0
        self.exact_after_s = 0.25
        self.preferences: Json = {
            "settings": dict(WEB),
            "output": {"policy": "suffix", "suffix": "_compressed", "folder_id": None},
            "workers": None,
            "processors": 4,
            "undo_days": 30,
            "undo_limit": 5_000_000_000,
            "theme": "system",
            "language": "system",
            "system_language": "en",
            "text_percent": 100,
        }
        self.presets = [
            {"preset_id": "web", "name": "Web", "built_in": True, "settings": dict(WEB)},
            {
                "preset_id": "archive",
                "name": "Archive",
                "built_in": True,
                "settings": {**WEB, "lossless": True, "metadata": "all"},
            },
            {
                "preset_id": "smallest",
                "name": "Smallest",
                "built_in": True,
                "settings": {**WEB, "output_format": "webp", "quality": 70, "effort": "max"},
            },
        ]
        self.ended = threading.Event()
        threading.Thread(target=self._run, name="fake-work", daemon=True).start()

    def close(self) -> None:
        self.ended.set()

    def failure(self, name: str) -> Json | None:
        """What a test planted for this command, once."""
        code = self.failures.pop(name, None)
        return {"ok": False, "error": {"code": code, "message": code, "facts": {}}} if code else None

    # the list

    def _add(self, rows: list[Json]) -> None:
        self.files += rows
        self.push([{"event": "files_added", "added": len(rows), "list": self._list()}])

    def do_open_file(self, _: Json) -> None:
        self._add(named_rows(8, start=len(self.files)))

    do_open_folder = do_open_file

    def do_take_drop(self, _: Json) -> Json:
        self._add(named_rows(3, start=len(self.files)))
        return {"added": 3}

    def do_add_paths(self, request: Json) -> Json:
        paths = [line for line in request["text"].splitlines() if line.strip()]
        self._add(named_rows(len(paths), start=len(self.files), names=[path.rsplit("/", 1)[-1] for path in paths]))
        return {"added": len(paths)}

    def do_get_files(self, request: Json) -> Json:
        sort, text, state = request["sort"], request["filter"]["text"].casefold(), request["filter"]["state"]
        found = [
            row
            for row in self.files
            if (state == "all" or row["state"] in ALL_STATES[state])
            and text in f"{row['folder']}/{row['name']}".casefold()
        ]
        key = sort.lstrip("-")
        if key != "added":
            value = {
                "pixels": lambda row: row["width"] * row["height"],
                "name": lambda row: row["name"].casefold(),
            }.get(key, lambda row: row[key] if row[key] is not None else -1)
            found.sort(key=value, reverse=sort.startswith("-"))
        part = found[request["offset"] : request["offset"] + request["limit"]]
        if request.get("ids_only"):
            return {"total": len(found), "rows": [], "file_ids": [row["file_id"] for row in part], "list": self._list()}
        return {"total": len(found), "rows": part, "list": self._list()}

    def do_list_scrolled(self, _: Json) -> None:
        self.calls.append(("list_scrolled", {}))

    def do_remove_files(self, request: Json) -> Json:
        gone = set(request.get("file_ids", [row["file_id"] for row in self.files]))
        self.files = [row for row in self.files if row["file_id"] not in gone]
        return {"list": self._list()}

    # the rest

    def do_get_preview(self, request: Json) -> Json:
        self.previews += 1
        preview_id = f"preview-{self.previews}"
        row = next(row for row in self.files if row["file_id"] == request["file_id"])
        region = request["region"] or {"x": 0, "y": 0, "width": row["width"], "height": row["height"]}
        guess = self._guess(row, request["settings"])
        out = [max(1, round(region[key] * request["scale"])) for key in ("width", "height")]
        numbers = "-".join(
            str(number)
            for number in (
                region["x"],
                region["y"],
                region["width"],
                region["height"],
                row["width"],
                row["height"],
                *out,
            )
        )
        target = request["settings"]["output_format"]
        event = {
            "event": "preview_ready",
            "preview_id": preview_id,
            "file_id": row["file_id"],
            "region": request["region"],
            "width": row["width"],
            "height": row["height"],
            "before_url": f"p/{row['file_id']}-before-{numbers}",
            "after_url": f"p/{row['file_id']}-after-{numbers}",
            "output_format": row["input_format"] if target == "keep" else target,
            "original_size": row["original_size"],
            "compressed_size": None if request["region"] else guess["compressed_size"],
            "estimate": guess,
            "reason": None,
            "error": None,
        }
        first = {**event, "exact": False, "compressed_size": None}
        exact = {**event, "exact": True, "compressed_size": guess["compressed_size"]}
        threading.Timer(0.08 + random.random() / 20, lambda: self.push([first])).start()
        threading.Timer(self.exact_after_s + random.random() / 20, lambda: self.push([exact])).start()
        return {"preview_id": preview_id}

    def do_choose_output_folder(self, _: Json) -> Json:
        return {"folder_id": "folder-1", "label": "Pictures/Small"}

    def do_reveal_file(self, request: Json) -> None:
        self.calls.append(("reveal_file", request))

    def do_get_settings(self, _: Json) -> Json:
        return self.preferences

    def do_save_settings(self, request: Json) -> Json:
        self.preferences = {**self.preferences, **request}
        return self.preferences

    def do_list_presets(self, _: Json) -> Json:
        return {"presets": self.presets}

    def do_save_preset(self, request: Json) -> Json:
        preset_id = f"own-{len(self.presets)}"
        self.presets = [*self.presets, {"preset_id": preset_id, "built_in": False, **request}]
        return {"preset_id": preset_id}

    def do_delete_preset(self, request: Json) -> None:
        self.presets = [preset for preset in self.presets if preset["preset_id"] != request["preset_id"]]

    def do_get_formats(self, _: Json) -> Json:
        return {"formats": FORMATS}

    def do_get_snapshot(self, _: Json) -> Json:
        batch = (
            None if self.batch is None else {key: value for key, value in self._batch_event().items() if key != "event"}
        )
        return {
            "version": "0.0.0",
            "preferences": self.preferences,
            "formats": FORMATS,
            "presets": self.presets,
            "list": self._list(),
            "batch": batch,
            "scan": None,
            "overrides": {},
        }

    def do_answer_close(self, request: Json) -> None:
        self.calls.append(("answer_close", request))

    # for tests

    def test_event(self, event: Json) -> None:
        self.push([event])
