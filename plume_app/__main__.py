"""`python -m plume_app` and the console script `plume`. Spawned workers import this file: keep it light."""

from __future__ import annotations

import multiprocessing
import sys


def main() -> int:
    """Run the command line; the exit status is that of the contract."""
    multiprocessing.freeze_support()
    from plume_app import cli

    return int(cli.main(prog_name="plume") or 0)


if __name__ == "__main__":
    sys.exit(main())
