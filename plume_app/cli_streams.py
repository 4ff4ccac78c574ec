"""Standard input, output and error are there, also where whoever started Plume had closed them.

Standard library only.
"""

from __future__ import annotations

import errno
import os
import sys

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))  # by the number of their file descriptor
# Of writing to standard output or error. Everything else that is read or written has an error of its own by then.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def complete() -> None:
    """Give a closed standard stream the null device, as a service manager does.

    The first pipe to a worker would get its number otherwise: the worker, which uses that for its own output, would
    die, and what is told would go to the worker.
    """
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
