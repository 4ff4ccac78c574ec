"""The child: a picture's bytes in, an outcome out. It has no files, no network and no other process.

The pool calls `start` once in every new worker and `perform` for every task. Nothing heavy is imported
at module level: the parent imports this module to name its functions.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from plume_app.domain.shared.errors import (
    Facts,
    ImageTooLarge,
    InternalError,
    PlumeError,
)
from plume_app.jobs import heap, sandbox
from plume_app.jobs.messages import (
    Done,
    Failed,
    Inspect,
    Job,
    Outcome,
    Preview,
    Probe,
    Probed,
    Task,
    Thumbnail,
)

if TYPE_CHECKING:
    from plume_app.domain.compression.engine import Compressed

STAGES = ("encoding", "verifying")  # what `engine.compress` reports, by the number that crosses the pipe
STAGE_MESSAGE = struct.Struct("<qB")  # job id, stage; far below PIPE_BUF, so that a kill never halves one

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _State:
    """What one worker process knows; set by `start`, and `memory_bytes` for each task: its limit, if it has one."""

    stages: Connection | None = None
    task: Callable[[Task], Outcome] | None = None
    protections: sandbox.Protections = field(default_factory=sandbox.Protections)
    trim: Callable[[], None] = lambda: None
    memory_bytes: int | None = None


_state = _State()


def start(
    log_path: str, stages: Connection | None, limits: sandbox.Limits, task: Callable[[Task], Outcome] | None = None
) -> None:
    """Make this process a worker: load everything, then give up everything.

    `log_path` takes what libraries print; `task` stands in for `run` (tests). Raises RuntimeError when
    the process has more than one thread already.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the pool ends workers in the middle of C code
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the parent to handle
    _redirect_output(log_path)
    _forget_inherited()
    _preload()
    if stages is not None and sys.platform != "win32":
        os.set_blocking(stages.fileno(), False)
    _state.stages, _state.task, _state.trim = stages, task, heap.trimmer()
    _state.protections = sandbox.restrict(limits)


def perform(task: Task, address_bytes: int) -> Outcome:
    """Do one task within `address_bytes` of memory; the pool schedules this."""
    if _state.protections.memory:
        from plume_app.jobs import sandbox_linux

        _state.memory_bytes = sandbox_linux.limit_memory(address_bytes)
    outcome = (_state.task or run)(task)
    _state.trim()
    return outcome


def run(task: Task, compress: Callable[..., Compressed] | None = None) -> Outcome:
    """The outcome of one task. Never raises: what is no expected failure is logged and told as a code.

    `compress` stands in for the engine's (tests).
    """
    from plume_app.jobs import worker_pictures as looks

    try:
        match task:
            case Job():
                return _compressed(task, compress)
            case Inspect():
                return looks.inspected(task)
            case Thumbnail():
                return looks.thumbnailed(task)
            case Preview():
                return looks.previewed(task)
            case Probe():
                return Probed(task.id, _state.protections)
    except PlumeError as error:
        return Failed(task.id, error.code, error.facts)
    except MemoryError:
        facts: Facts = {"what": "memory", "size": 0 if isinstance(task, Probe) else task.decoded_bytes}
        if _state.memory_bytes is not None:
            facts["limit"] = _state.memory_bytes
        return Failed(task.id, ImageTooLarge.code, facts)
    except Exception as error:  # the worker's edge: a bug in one picture must not cost the batch
        _log.exception("task %d", task.id)
        return Failed(task.id, InternalError.code, {"problem": type(error).__name__})


def tell_stage(job_id: int, stage: str) -> None:
    """Report a step that begins. A full pipe loses the report: progress is never worth waiting for."""
    if _state.stages is None or stage not in STAGES:
        return
    try:
        _state.stages.send_bytes(STAGE_MESSAGE.pack(job_id, STAGES.index(stage)))
    except BlockingIOError:
        return


def _compressed(job: Job, compress: Callable[..., Compressed] | None) -> Done:
    if compress is None:
        from plume_app.domain.compression import engine

        compress = engine.compress
    began = time.perf_counter()
    made = compress(job.data, job.settings, limits=job.limits, progress=lambda stage: tell_stage(job.id, stage))
    return Done(
        id=job.id,
        verdict=made.verdict,
        data=made.data,
        input_format=made.input_format,
        output_format=made.output_format,
        header=made.header,
        traits=made.traits,
        losses=made.losses,
        private_data_kept=made.private_data_kept,
        codec_version=made.codec_version,
        duration_ms=round((time.perf_counter() - began) * 1000),
    )


def _preload() -> None:
    """Import `preload`, whose import is its work; at once where the fork server did it already."""
    import plume_app.jobs.preload  # noqa: F401


def _redirect_output(log_path: str) -> None:
    """Point standard input at nothing, output and errors at the log: also those of C libraries."""
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        log = os.open(log_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError:
        log = os.dup(nothing)  # better no log than no work
    for file, number in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(log)
    faulthandler.enable()  # a crash in C code says in the log which Python line called it
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(process)d %(message)s")


def _forget_inherited() -> None:
    """Close what multiprocessing hands to every child and a worker must not hold.

    The pipe that keeps the fork server alive would let a worker outlive Plume; the resource tracker
    would remove named files for it. The attributes are private, tests/jobs/test_sandbox.py looks at what
    is open.
    """
    if sys.platform == "win32":
        return
    from multiprocessing import forkserver, resource_tracker

    for owner, name in (
        (forkserver._forkserver, "_forkserver_alive_fd"),  # noqa: SLF001
        (resource_tracker._resource_tracker, "_fd"),  # noqa: SLF001
    ):
        number = getattr(owner, name, None)
        if isinstance(number, int):
            os.close(number)
            setattr(owner, name, None)
