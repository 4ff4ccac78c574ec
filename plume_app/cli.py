"""The command line: arguments to settings, results to lines. English, and never the window's defaults.

To add a command: a function decorated with `@main.command`, its tests in tests/test_cli.py; the README names it
(tests/test_readme.py). Imports that cost time stand inside the commands, so that `plume --help` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plume_app import __version__
from plume_app.cli_options import (
    A_PATH,
    check_folder,
    how_options,
    json_option,
    limit_options,
    paths_argument,
    where_options,
)
from plume_app.cli_signals import INTERRUPTED, Interruption, unwinding
from plume_app.cli_streams import NO_ROOM
from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import PlumeError

if TYPE_CHECKING:
    from plume_app.runtime import Runtime

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(invoke_without_command=True, context_settings=_CONTEXT)
@click.version_option(__version__, "--version", message="plume %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Plume makes image files smaller, without surprises.

    Pictures look the same, weigh less, and nothing is lost: a result that is not smaller is not written, and replaced
    originals can be restored with `plume undo`.

    \b
    plume compress photos -o small      results in the folder small
    plume compress photos               results beside the originals
    plume compress photos --in-place    replace the originals, undo for 30 days
    """
    if context.invoked_subcommand is None:
        context.invoke(open_window)


@main.command("open")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=A_PATH)
def open_window(paths: tuple[Path, ...] = ()) -> None:
    """Open the window, with these files and folders in it.

    A window that is open already gets them. Exit status: 0 the window was closed, 1 there can be none here.
    """
    from plume_app.app import open_window as open_it

    with unwinding(), _failures():
        sys.exit(open_it(paths))


@main.command()
@paths_argument
@where_options
@how_options
@limit_options
@json_option
def compress(
    paths: tuple[Path, ...],
    folder: Path | None,
    suffix: str | None,
    in_place: bool,
    jobs: int | None,
    dry_run: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Compress files and folders (folders are walked).

    Exit status: 0 every file written or kept, 1 at least one failed, 2 bad usage, 130 interrupted.
    """
    from plume_app.domain.file.naming import OutputPolicy

    if sum((folder is not None, suffix is not None, in_place)) > 1:
        raise click.UsageError("Choose one of --output, --suffix and --in-place.")
    if folder is not None:
        check_folder(folder, paths)
    with _usage():
        settings = Settings(**how)
        if in_place:
            output = OutputPolicy("in_place")
        elif folder is not None:
            output = OutputPolicy("folder", folder=folder.absolute())
        else:
            output = OutputPolicy() if suffix is None else OutputPolicy(suffix=suffix)
    if dry_run:
        with _runtime(jobs, warm=True) as runtime:
            from plume_app.cli_estimate import predict_paths

            sys.exit(predict_paths(runtime, paths, settings, output, as_json=as_json, is_dry_run=True))
    interruption = Interruption()
    with _runtime(jobs, warm=True, signals=interruption) as runtime:
        from plume_app.cli_compress import compress_paths

        if interruption.came:
            sys.exit(INTERRUPTED)
        sys.exit(compress_paths(runtime, paths, settings, output, interruption, as_json=as_json))


@main.command()
@paths_argument
@how_options
@json_option
def estimate(paths: tuple[Path, ...], as_json: bool, **how: Any) -> None:
    """Predict sizes and time; write nothing."""
    from plume_app.domain.file.naming import OutputPolicy

    with _usage():
        settings = Settings(**how)
    with _runtime(warm=True) as runtime:
        from plume_app.cli_estimate import predict_paths

        sys.exit(predict_paths(runtime, paths, settings, OutputPolicy(), as_json=as_json))


@main.command()
@json_option
def stats(as_json: bool) -> None:
    """What was saved: in all, by format pair and by day."""
    from plume_app.cli_history import show_stats

    with _runtime() as runtime:
        show_stats(runtime, as_json=as_json)


@main.command()
@json_option
def history(as_json: bool) -> None:
    """Batches, newest first."""
    from plume_app.cli_history import show_history

    with _runtime() as runtime:
        show_history(runtime, as_json=as_json)


@main.command(short_help="Restore the originals of a batch.")
@click.argument("batch", metavar="[BATCH]", required=False, type=click.IntRange(min=1))
@json_option
def undo(batch: int | None, as_json: bool) -> None:
    """Restore the originals of a batch (default: the last one that can be undone).

    What changed since is left as it is. A batch with something left comes first again: an older one is undone by its
    number, which plume history tells.
    """
    from plume_app.cli_history import undo_one

    with _runtime() as runtime:
        sys.exit(undo_one(runtime, batch, as_json=as_json))


@main.command(short_help="Check this installation.")
@json_option
def doctor(as_json: bool) -> None:
    """Check this installation: versions, codecs, protections, folders."""
    from plume_app.doctor import examine

    with unwinding(), _failures():
        sys.exit(examine(as_json=as_json))


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for a shell.

    \b
    For bash:
    plume completion bash > ~/.local/share/bash-completion/completions/plume
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"No completion for {shell}.")
    click.echo(found(main, {}, "plume", "_PLUME_COMPLETE").source())


@contextmanager
def _usage() -> Iterator[None]:
    """A value that the domain refuses is bad usage: exit status 2, before anything is written."""
    try:
        yield
    except PlumeError as error:
        raise click.UsageError(str(error.facts.get("problem", error))) from error


@contextmanager
def _failures() -> Iterator[None]:
    """A failure of the whole command is one sentence and exit status 1."""
    try:
        yield
    except PlumeError as error:
        from plume_app.sentences import sentence

        click.echo(f"plume: {sentence(error.code, error.facts)}", err=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        sys.stdout = None  # what waits in it cannot be written either, and the end of the process would try
        click.echo(f"plume: The lines cannot be written ({error.strerror}). Send them to another place.", err=True)
        sys.exit(1)


@contextmanager
def _runtime(
    jobs: int | None = None, *, warm: bool = False, signals: AbstractContextManager[object] | None = None
) -> Iterator[Runtime]:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a name that is not UTF-8 must not end the run
    with signals or unwinding(), _failures(), _opened(jobs, warm=warm) as runtime:
        if runtime.notices:
            from plume_app.sentences import notice_sentence

            for code, facts in runtime.notices:
                click.echo(f"plume: {notice_sentence(code, facts)}", err=True)
        yield runtime


@contextmanager
def _opened(jobs: int | None, *, warm: bool) -> Iterator[Runtime]:
    if warm:
        from plume_app.jobs import fork_server

        fork_server.begin()  # before what follows is imported: both take long
    from plume_app.runtime import open_runtime

    with open_runtime(workers=jobs, warm=warm) as runtime:
        yield runtime
