"""`python -m plume_app` and the console script `plume`. Spawned workers import this file: keep it light."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; the exit status is that of the contract."""
    from plume_app import cli_signals, cli_streams

    cli_signals.end_at_once()  # before the imports that take time: Ctrl+C in the middle of one would be a traceback
    cli_streams.complete()  # before anything opens a file, which would get the number of a closed one
    import multiprocessing

    multiprocessing.freeze_support()
    if sys.argv[1:2] == ["compress"] and "--help" not in sys.argv:
        from plume_app.jobs import fork_server

        fork_server.begin()  # what loads longest begins first: a first result comes 60 ms earlier
    from plume_app import cli

    return int(cli.main(prog_name="plume") or 0)


if __name__ == "__main__":
    sys.exit(main())
