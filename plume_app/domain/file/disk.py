"""What a file takes on its disk, which is not its size."""

from __future__ import annotations

import os
from pathlib import Path

_BLOCK_BYTES = 512  # the unit of st_blocks, whatever the file system's own blocks are (stat(2))


def disk_bytes(file: Path | int) -> int | None:
    """Bytes that the file occupies, as `du` counts them; None where the system does not tell."""
    try:
        found = os.fstat(file) if isinstance(file, int) else os.lstat(file)
    except OSError:
        return None
    blocks = getattr(found, "st_blocks", None)
    return None if blocks is None else int(blocks) * _BLOCK_BYTES
