"""Previews for the compare view: the newest wish only, a fast answer for what is visible, then the exact one.

Two pools of one worker each: one holds the decoded picture and answers while the slider moves, the other makes
complete results and is cut short when the wish changes.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.reading import read_source
from plume_app.domain.image.limits import Limits
from plume_app.domain.shared.errors import InternalError, PlumeError, invalid
from plume_app.events import Event, PreviewReady
from plume_app.files import Entry, Files
from plume_app.jobs.feeding import header_in
from plume_app.jobs.messages import Cancelled, Failed, Outcome, Preview, Previewed
from plume_app.jobs.pictures import Pictures
from plume_app.jobs.ports import TaskPool
from plume_app.wire import Estimate, Failure, Region

MIN_SCALE, MAX_SCALE = 0.001, 16.0
QUIET_S = 0.15  # so long a wish must stand before the complete result is made: a hand that moves a slider is quicker
_FORGET_S = 30.0  # the bytes of a picture that nobody compares any more
_STOP_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    preview_id: str
    entry: Entry
    settings: Settings
    region: Region | None
    scale: float


@dataclass(slots=True)
class _Bytes:
    """The last picture that was read; `key` names its content."""

    key: str = ""
    data: bytes = b""
    decoded_bytes: int = 0


class Studio:
    """Makes previews. `estimate` predicts a row. Close it."""

    def __init__(
        self,
        files: Files,
        fast: TaskPool,
        whole: TaskPool,
        pictures: Pictures,
        *,
        emit: Callable[[Event], None],
        estimate: Callable[[Entry], Estimate],
        new_task_id: Callable[[], int],
        limits: Limits,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._files = files
        self._fast = fast
        self._whole = whole
        self._pictures = pictures
        self._emit = emit
        self._estimate = estimate
        self._new_task_id = new_task_id
        self._limits = limits
        self._quiet_s = quiet_s
        self._news = threading.Condition()
        self._wish: _Wish | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._bytes = _Bytes()
        self._before: tuple[tuple[str, Region | None, float], str] | None = None  # what was asked, and its picture
        self._made: tuple[str, Settings] | None = None  # what the other worker holds complete
        self._making: tuple[int, tuple[str, Settings]] | None = None  # the last task it got, and for what

    def preview(self, file_id: int, settings: Settings, region: Region | None, scale: float) -> str:
        """Have the place made; the id that `preview_ready` will carry. An earlier wish is not answered any more.

        Raises InvalidRequest for an unknown row, a scale or a region that no screen has.
        """
        entry = self._files.get(file_id)
        if not MIN_SCALE <= scale <= MAX_SCALE:
            raise invalid("scale", f"a number from {MIN_SCALE} to {MAX_SCALE}", scale)
        if region is not None and (region.width < 1 or region.height < 1 or region.width * region.height > 1 << 40):
            raise invalid("region", "a rectangle of at least one pixel", (region.width, region.height))
        wish = _Wish(secrets.token_hex(8), entry, settings, region, scale)
        with self._news:
            self._wish = wish
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._work, name="plume-studio", daemon=True)
                self._thread.start()
            self._news.notify_all()
        return wish.preview_id

    def close(self) -> None:
        """Stop."""
        with self._news:
            self._stopping = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(_STOP_S)

    def _work(self) -> None:
        while (wish := self._next()) is not None:
            try:
                self._answer(wish)
            except PlumeError as error:
                self._tell(wish, Failed(0, error.code, error.facts), exact=True)
            except Exception as error:  # the thread's edge: the next picture must show
                _log.exception("a preview")
                self._tell(wish, Failed(0, InternalError.code, {"problem": type(error).__name__}), exact=True)

    def _next(self) -> _Wish | None:
        with self._news:
            while self._wish is None and not self._stopping:
                if not self._news.wait(_FORGET_S):
                    self._bytes, self._made = _Bytes(), None  # the workers were let go as well
            wish, self._wish = self._wish, None
            return None if self._stopping else wish

    def _answer(self, wish: _Wish) -> None:
        self._read(wish.entry)
        self._give_up(unless=(self._bytes.key, wish.settings))
        place = (self._bytes.key, wish.region, wish.scale)
        held = self._before is not None and self._before[0] == place and self._before[1] in self._pictures
        if self._made == (self._bytes.key, wish.settings):  # only cut out of what is there: as fast as the first look
            exact = self._submit(self._whole, wish, whole=True, before=False)
            if not held:
                self._take_before(place, self._submit(self._fast, wish, whole=False, before=True).result())
            self._tell(wish, exact.result(), exact=True)
            return
        first = self._submit(self._fast, wish, whole=False, before=not held).result()
        self._take_before(place, first)
        self._tell(wish, first, exact=isinstance(first, Failed))
        if isinstance(first, Failed) or self._changed_within(self._quiet_s):
            return
        task = self._submit(self._whole, wish, whole=True, before=False)
        with self._news:
            task.add_done_callback(lambda _: self._wake())
            while not task.done() and self._wish is None and not self._stopping:
                self._news.wait()
        if task.done():
            self._made = (self._bytes.key, wish.settings)
            self._tell(wish, task.result(), exact=True)

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _changed_within(self, seconds: float) -> bool:
        with self._news:
            return self._news.wait_for(lambda: self._wish is not None or self._stopping, seconds)

    def _read(self, entry: Entry) -> None:
        path = Path(entry.real_path)
        try:
            found = path.stat()
            key = f"{entry.id}-{found.st_size}-{found.st_mtime_ns}-{found.st_ino}"
        except OSError:
            key = ""  # reading it says why
        if key and key == self._bytes.key:
            return
        self._bytes, self._made, self._before = _Bytes(), None, None
        read = read_source(path, check_size=self._limits.check_file)
        header = header_in(read.data)
        self._limits.check_header(header)
        self._bytes = _Bytes(key, read.data, header.decoded_bytes)

    def _submit(self, pool: TaskPool, wish: _Wish, *, whole: bool, before: bool) -> Future[Outcome]:
        at = wish.region
        region = None if at is None else (at.x, at.y, at.width, at.height)
        task = Preview(
            self._new_task_id(),
            self._bytes.key,
            self._bytes.data,
            wish.settings,
            region,
            wish.scale,
            whole,
            before,
            self._bytes.decoded_bytes,
            self._limits,
        )
        if whole:
            self._give_up(unless=(task.key, task.settings))
            self._making = (task.id, (task.key, task.settings))
        return pool.submit(task)

    def _give_up(self, unless: tuple[str, Settings] | None = None) -> None:
        """End the complete result that is being made, unless another place of the same one is wanted now."""
        if self._making is not None and self._making[1] != unless:
            self._whole.cancel(self._making[0])  # nothing, where it has ended
            self._making = None

    def _take_before(self, place: tuple[str, Region | None, float], outcome: Outcome) -> None:
        if isinstance(outcome, Previewed) and outcome.before is not None:
            self._before = (place, self._pictures.put(outcome.before, outcome.mime))

    def _tell(self, wish: _Wish, outcome: Outcome, *, exact: bool) -> None:
        if isinstance(outcome, Cancelled) or (not exact and self._wish is not None):
            return
        blank = PreviewReady(
            preview_id=wish.preview_id,
            file_id=wish.entry.id,
            before_url=None,
            after_url=None,
            region=wish.region,
            width=0,
            height=0,
            output_format=None,
            original_size=len(self._bytes.data) or wish.entry.size,  # what was replaced is not what was added
            compressed_size=None,
            estimate=self._estimate(wish.entry),
            reason=None,
            error=None,
            exact=True,
        )
        if isinstance(outcome, Failed):
            self._emit(replace(blank, error=Failure.of(PlumeError.of(outcome.code, outcome.facts))))
            return
        assert isinstance(outcome, Previewed), outcome  # noqa: S101 - a preview cannot end as anything else
        before = f"p/{self._before[1]}" if self._before else None
        after = f"p/{self._pictures.put(outcome.after, outcome.mime)}" if outcome.after is not None else None
        self._emit(
            replace(
                blank,
                before_url=before,
                after_url=after if after is not None or not outcome.exact else before,
                region=wish.region and wish.region.within(outcome.width, outcome.height),
                width=outcome.width,
                height=outcome.height,
                output_format=outcome.output_format,
                compressed_size=outcome.compressed_size,
                reason=outcome.reason,
                exact=outcome.exact,
            )
        )
