"""The one pipe by which all workers say which step begins.

A message is far shorter than PIPE_BUF, so that the words of several workers never mix and a kill never
halves one; there is no lock that a killed worker could keep.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext

from plume_app.jobs import worker


class StagePipe:
    """Calls `heard(job_id, stage)` from a thread of its own. `writer` goes to the workers."""

    def __init__(self, context: BaseContext, heard: Callable[[int, str], None]) -> None:
        self._heard = heard
        self.writer: Connection
        self._reader, self.writer = context.Pipe(duplex=False)
        self._thread = threading.Thread(target=self._read, name="plume-pool-stages", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread, when every worker has ended."""
        self.writer.close()  # the last one: the reader comes to the end
        self._thread.join()

    def _read(self) -> None:
        with self._reader:
            while True:
                try:
                    message = self._reader.recv_bytes(worker.STAGE_MESSAGE.size)
                    job_id, stage = worker.STAGE_MESSAGE.unpack(message)
                    word = worker.STAGES[stage]
                except EOFError:
                    return
                except (OSError, struct.error, IndexError):
                    return  # no worker of ours writes this: a picture took one over, and nothing after it can be read
                self._heard(job_id, word)
