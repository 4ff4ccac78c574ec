"""The page over the real Python: real files, real workers, real database, through the development server."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from patience import PATIENCE_S, until

from plume_app.bridge import COMMANDS, answer_to

# The page's EventSource, which also lays every event into `window.heard`.
LISTEN = """(() => { window.heard = [];
  const Real = EventSource;
  window.EventSource = class extends Real { constructor(url) { super(url);
    this.addEventListener('message', (message) => window.heard.push(...JSON.parse(message.data))); } };
})()"""


@dataclass
class RealDesk:
    """One page and the Python behind it; `folder` is this test's own."""

    page: Any
    plume: Any
    folder: Path
    names: list[str] = field(default_factory=list)

    def write(self, name: str, data: bytes) -> Path:
        """A picture of the user's."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def paste(self, *paths: Path) -> None:
        """As if the user pasted these paths; waits for the rows, each looked at by a worker."""
        before = self.page.locator("#compress h1").inner_text()
        self.page.evaluate(
            """(text) => { const data = new DataTransfer(); data.setData('text/plain', text);
            dispatchEvent(new ClipboardEvent('paste', {clipboardData: data})); }""",
            "\n".join(os.fspath(path) for path in paths),
        )
        until(lambda: self.page.locator("#compress h1").inner_text() != before)
        self.looked()

    def looked(self) -> None:
        """Every row has been seen by a worker, or cannot be."""
        until(lambda: all(self.plume.context.files.get(row["file_id"]).looked for row in self.rows()))

    def rows(self) -> list[dict[str, Any]]:
        """What Python says of every row, in the order of adding."""
        return list(self.call("get_files", offset=0, limit=1000)["rows"])

    def row(self, name: str) -> dict[str, Any]:
        """What Python says of one."""
        return next(row for row in self.rows() if row["name"] == name)

    def line(self, name: str) -> Any:
        """What the page shows of one."""
        return self.page.locator(".rows .row").filter(has=self.page.locator(".name", has_text=name))

    def call(self, name: str, /, **request: Any) -> Any:
        """A command, without the page; an expected failure fails the test."""
        answer = answer_to(self.plume.context, COMMANDS[name], request)
        assert answer["ok"], answer
        return answer["data"]

    def lay(self, **ready: Any) -> None:
        """What the dialogs and the drop will give."""
        self.plume.shell.lay(json.loads(json.dumps(ready, default=os.fspath)))

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of that name that reached the page."""
        return list(self.page.evaluate("(name) => window.heard.filter((one) => one.event === name)", name))

    def await_event(self, name: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The newest one that fits."""
        found: list[dict[str, Any]] = []

        def there() -> bool:
            found[:] = [one for one in self.events(name) if fits(one)]
            return bool(found)

        until(there)
        return found[-1]

    def compress(self) -> dict[str, Any]:
        """Presses Compress and waits for the end of the batch: its `batch_finished`."""
        ended = len(self.events("batch_finished"))
        self.page.locator(".foot .primary").click()
        until(lambda: len(self.events("batch_finished")) > ended)
        return self.events("batch_finished")[-1]

    def reload(self) -> None:
        """The page anew; Python stays."""
        self.page.reload()
        self.page.wait_for_selector("main h1")
        self.page.wait_for_selector(".rows .row[data-id], .empty:not([data-first-page]) .btn, #settings h1")

    def calm(self) -> None:
        """Nothing of the last test is left in Python: no batch at work, no row, the first preferences."""
        batch = self.call("get_snapshot")["batch"]
        if batch and batch["state"] in ("running", "paused"):
            self.call("cancel_batch", batch_id=batch["batch_id"])
        end = time.monotonic() + PATIENCE_S
        while self.call("remove_files")["list"]["files"]:
            assert time.monotonic() < end
            time.sleep(0.02)
        self.call("save_settings", **FIRST)


WEB = {
    "output_format": "keep",
    "quality": 80,
    "lossless": False,
    "effort": "balanced",
    "metadata": "safe",
    "min_savings_percent": 0,
    "allow_losses": [],
}
FIRST = {
    "settings": WEB,
    "output": {"policy": "suffix", "suffix": "_compressed", "folder_id": None, "folder_label": None},
    "theme": "system",
    "language": "system",
    "text_percent": 100,
}
