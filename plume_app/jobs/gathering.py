"""From many ends to groups: what the feeder and the pool's threads bring, for the one thread that saves."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from plume_app.jobs.items import Ending, Item, Refused, Stopped
from plume_app.jobs.messages import Cancelled, Done, Failed, Outcome

GROUP_FILES = 32  # files that share two transactions; more would only delay what the user sees
_GROUP_BYTES = 32_000_000  # of their sources: the copies of kept files are in memory together
_FIRST_FILES = 4  # saved the moment they come: somebody waits for a first result
_GATHER_S = 0.2  # later ones wait for company: nobody sees it, and one by one the journal costs six times as much
_END = None

_log = logging.getLogger(__name__)


class Gathering:
    """The ends of one batch. `came_back` hears of each file that a worker has made something of, briefly.

    After the first few, an end waits up to `gather_s` for others, unless a group is full or nothing else is to come.
    """

    def __init__(self, came_back: Callable[[Item], None] = lambda _item: None, *, gather_s: float = _GATHER_S) -> None:
        self._came_back = came_back
        self._gather_s = gather_s
        self._ended: queue.SimpleQueue[tuple[Item, Ending] | None] = queue.SimpleQueue()
        self._enough = threading.Event()  # for a group, or for the end: nothing to wait for
        self._lock = threading.Lock()
        self._outstanding = 0
        self._fed = False
        self._closed = False

    def put(self, item: Item, ending: Ending) -> None:
        """A file has ended."""
        self._ended.put((item, ending))
        if self._ended.qsize() >= GROUP_FILES:
            self._enough.set()

    def expect(self, item: Item, future: Future[Outcome]) -> None:
        """A file is with a worker; it will end as `future` says."""
        with self._lock:
            self._outstanding += 1
        future.add_done_callback(lambda done: self._heard(item, done.result()))

    def all_is_fed(self) -> None:
        """Nothing follows but what is expected."""
        with self._lock:
            self._fed = True
        self._end_if_all_is_in()

    def groups(self) -> Iterator[list[tuple[Item, Ending]]]:
        """What has ended, as many at a time as there are (at most GROUP_FILES), until everything has."""
        saved = 0
        more = True
        while more:
            one = self._ended.get()
            if saved >= _FIRST_FILES:
                self._enough.wait(self._gather_s)
                with self._lock:
                    if not self._closed:
                        self._enough.clear()
            group, group_bytes = [], 0
            while one is not _END:
                group.append(one)
                group_bytes += one[0].source.facts.size if one[0].source else 0
                if len(group) == GROUP_FILES or group_bytes >= _GROUP_BYTES or self._ended.empty():
                    break
                one = self._ended.get()
            more = one is not _END
            saved += len(group)
            if group:
                yield group

    def _heard(self, item: Item, outcome: Outcome) -> None:
        """In the pool's thread: brief."""
        try:
            if isinstance(outcome, Done):
                self._came_back(item)
        except Exception:  # who listens must not cost the file its end: the batch would wait for it for ever
            _log.exception("told of %d", item.job_id)
        self.put(item, _ending(outcome))
        with self._lock:
            self._outstanding -= 1
        self._end_if_all_is_in()

    def _end_if_all_is_in(self) -> None:
        with self._lock:
            if self._fed and self._outstanding == 0 and not self._closed:
                self._closed = True
                self._ended.put(_END)
                self._enough.set()


def _ending(outcome: Outcome) -> Ending:
    match outcome:
        case Done():
            return outcome
        case Failed(code=code, facts=facts):
            return Refused(code, facts)
        case Cancelled():
            return Stopped()
        case _:
            raise TypeError(f"a job cannot end as {type(outcome).__name__}")
