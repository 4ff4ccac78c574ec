"""Estimates for rows and for the whole list: at once where that is quick, else from a thread, newest wishes first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from plume_app.domain.compression import estimate as guess
from plume_app.domain.compression.forecast import Forecast, forecast
from plume_app.domain.compression.learning import NOTHING_LEARNED, Learned
from plume_app.domain.compression.settings import Settings
from plume_app.events import EstimatesChanged, Event
from plume_app.files import Entry, Files
from plume_app.jobs.answered import is_done
from plume_app.jobs.prediction import Prediction
from plume_app.wire import Estimate, EstimateTotal

_AT_ONCE = 1000  # files whose total takes about 20 ms
_SETTLE_S = 0.2  # facts of files arrive in bursts; one total for each burst
_STOP_S = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    settings: Settings = field(default_factory=Settings)
    overrides: Mapping[int, Settings] = field(default_factory=dict)

    def settings_of(self, entry: Entry) -> Settings:
        return self.overrides.get(entry.id, self.settings)

    @property
    def kinds(self) -> list[tuple[int | None, str, bool, str]]:
        """What trials depend on: a trial answers for every quality, so a moved slider asks for none."""
        every = [(None, self.settings), *sorted(self.overrides.items())]
        return [(row, one.output_format, one.lossless, one.effort) for row, one in every]


class Predicting:
    """Predicts for the settings that were asked for last. Any thread may call. Close it.

    `recall` tells what the user's own results teach; it is asked again after `forget`. `wish_changed` hears of
    settings that want other trials.
    """

    def __init__(
        self,
        files: Files,
        *,
        emit: Callable[[Event], None],
        workers: int,
        recall: Callable[[], Learned] = lambda: NOTHING_LEARNED,
    ) -> None:
        self._files = files
        self._emit = emit
        self._workers = max(1, workers)
        self._recall = recall
        self._learned: Learned | None = None  # read when it is first needed
        self.wish_changed: Callable[[], None] = lambda: None
        self._wish = _Wish()
        self._asked = False  # nobody wants totals before the first question
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(
        self, settings: Settings, overrides: Mapping[int, Settings], entries: Iterable[Entry]
    ) -> tuple[list[Estimate], EstimateTotal]:
        """The estimates of `entries`, and the total of the list, empty where it follows as an event."""
        before = self._wish
        self._wish, self._asked = _Wish(settings, dict(overrides)), True
        if self._wish.kinds != before.kinds:
            self.wish_changed()
        found = [self.of(entry) for entry in entries]
        everything = self._files.all()
        if len(everything) <= _AT_ONCE:
            return found, self._total(everything, self._wish)
        self.facts_changed()
        return found, EstimateTotal()

    @property
    def overrides(self) -> dict[int, Settings]:
        """The settings of single rows, by the last question: what a reloaded page goes on with."""
        return {file_id: own for file_id, own in self._wish.overrides.items() if self._files.find(file_id)}

    def of(self, entry: Entry) -> Estimate:
        """What is predicted for one row at the settings that were asked for last."""
        return told(entry, self._forecast(entry, self._wish.settings_of(entry)))

    def settings_of(self, entry: Entry) -> Settings:
        """The settings that a row was last asked about at."""
        return self._wish.settings_of(entry)

    def shown(self, entry: Entry, settings: Settings) -> Prediction | None:
        """What the row says of its file, for the history; None where it says nothing yet."""
        found = self._forecast(entry, settings)
        if found is None or entry.features is None:
            return None
        return Prediction(entry.features, found.estimate, shown=self._asked)

    def forget(self) -> None:
        """There are new results to learn from."""
        self._learned = None
        self.facts_changed()

    def facts_changed(self) -> None:
        """Files became known, or were added or removed: tell the total again, soon."""
        if not self._asked:
            return
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._work, name="plume-predicting", daemon=True)
                self._thread.start()
        self._news.set()

    def close(self) -> None:
        """Stop."""
        self._stopping.set()
        self._news.set()
        with self._starting:  # a thread that somebody just starts cannot be waited for yet
            thread = self._thread
        if thread is not None:
            thread.join(_STOP_S)

    def _work(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            if self._stopping.is_set():
                return
            try:
                self._tell_total()
            except Exception:  # the thread's edge: one odd file must not end the totals of all
                _log.exception("the total")
            self._stopping.wait(_SETTLE_S)

    def _tell_total(self) -> None:
        wish = self._wish
        total = self._total(self._files.all(), wish)
        if wish is self._wish and not self._stopping.is_set():
            self._emit(EstimatesChanged(total=total))

    def _total(self, entries: list[Entry], wish: _Wish) -> EstimateTotal:
        guesses: list[guess.Estimate] = []
        before = 0
        for entry in entries:
            if entry.error is not None:
                continue  # nothing becomes of it: counted before but not after, it would pass for a saving
            before += entry.size
            settings = wish.settings_of(entry)
            if entry.compressed_size is not None and is_done(entry, settings):
                guesses.append(_certain(entry.compressed_size))
                continue
            found = self._forecast(entry, settings)
            if found is None:
                return EstimateTotal()  # a sum that leaves files out would promise too much
            guesses.append(found.estimate)
            if wish is not self._wish or self._stopping.is_set():
                return EstimateTotal()
        if not guesses:
            return EstimateTotal()
        summed = guess.total(guesses)
        longest = max(one.time_ms for one in guesses)
        time_ms = max(longest, summed.time_ms // self._workers)
        return EstimateTotal(summed.compressed_size, summed.low, summed.high, time_ms, before)

    def _forecast(self, entry: Entry, settings: Settings) -> Forecast | None:
        if entry.header is None:
            return None
        learned = self._learned
        if learned is None:
            learned = self._learned = self._remember()
        return forecast(
            entry.header,
            entry.size,
            entry.traits,
            settings,
            features=entry.features,
            probe=entry.probe_for(settings),
            learned=learned,
        )

    def _remember(self) -> Learned:
        try:
            return self._recall()
        except Exception:  # the history's edge: a guess, and the batch that asks for it, go on without
            _log.exception("what was learned")
            return NOTHING_LEARNED


def _certain(size: int) -> guess.Estimate:
    """The size of what is done."""
    return guess.Estimate(size, size, size, 0)


def told(entry: Entry, found: Forecast | None) -> Estimate:
    """A forecast as the page gets it; without one, nothing is known."""
    if found is None:
        return Estimate(entry.id, None, None, None, None, None, 0, [], [])
    one, lost = found.estimate, found.losses
    return Estimate(
        entry.id,
        one.compressed_size,
        one.low,
        one.high,
        one.time_ms,
        one.basis,
        one.sample_count,
        list(lost.blocking or lost.announced),
        list(lost.blocking),
    )
