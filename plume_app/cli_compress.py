"""`plume compress`: one batch, with its lines and its bar."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from plume_app.cli_lines import file_json, file_text, json_line, summary_json, summary_text
from plume_app.cli_progress import Bar, no_bar
from plume_app.cli_scan import shown_name
from plume_app.cli_signals import INTERRUPTED, Interruption
from plume_app.domain.compression.settings import Settings
from plume_app.domain.file.naming import OutputPolicy
from plume_app.domain.file.scan import scan
from plume_app.jobs.queue import Batch
from plume_app.jobs.results import FAILED, FileResult
from plume_app.jobs.walk import scan_for
from plume_app.runtime import Runtime
from plume_app.sentences import notice_sentence


def compress_paths(
    runtime: Runtime,
    paths: Sequence[Path],
    settings: Settings,
    output: OutputPolicy,
    interruption: Interruption,
    *,
    as_json: bool,
) -> int:
    """Runs one batch over `paths`; returns the exit status.

    An interruption cancels it: what is being written is finished, so only whole files are left.
    """
    wanted = scan_for(runtime.db, output, runtime.store.folder)
    bar = Bar(lambda: scan(paths, wanted)) if sys.stderr.isatty() else no_bar()

    private = 0

    def tell(result: FileResult) -> None:
        nonlocal private
        private += result.private_data_kept
        line = json_line(file_json(result)) if as_json else file_text(result, shown_name(result.path))
        with bar.paused():
            click.echo(line, err=result.status == FAILED and not as_json)
        bar.advance(result)

    batch = Batch(
        db=runtime.db,
        pool=runtime.pool,
        store=runtime.store,
        settings=settings,
        output=output,
        limits=runtime.limits,
        on_result=tell,
        one_place=len(paths) == 1,
    )
    interruption.stops(batch.cancel)
    with bar:
        summary = batch.run(scan(paths, wanted))
    interrupted = batch.is_cancelled
    click.echo(
        json_line(summary_json(summary, interrupted=interrupted))
        if as_json
        else summary_text(summary, interrupted=interrupted)
    )
    if private:
        click.echo(notice_sentence("private_data_kept", {"files": private}), err=True)
    if interrupted:
        return INTERRUPTED
    return 1 if summary.failed else 0
