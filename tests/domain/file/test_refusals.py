from __future__ import annotations

import errno
from pathlib import Path

import pytest

from plume_app.domain.file.refusals import refusal, unreadable


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EACCES, "target_unwritable"),
        (errno.EPERM, "target_unwritable"),
        (errno.EROFS, "target_unwritable"),
        (errno.ENOENT, "target_unwritable"),
        (errno.ENAMETOOLONG, "target_unwritable"),
        (errno.EFBIG, "target_unwritable"),
        (errno.EIO, "target_unwritable"),
    ],
)
def test_each_refusal_to_write_has_its_code_and_names_the_folder(number: int, code: str) -> None:
    told = refusal(OSError(number, "x"), Path("/out"))

    assert told.code == code
    assert told.facts["folder"] == "/out"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOENT, "source_missing"),
        (errno.ENOTDIR, "source_missing"),
        (errno.EACCES, "source_unreadable"),
        (errno.EIO, "source_unreadable"),
        (None, "source_unreadable"),
    ],
)
def test_each_refusal_to_read_has_its_code(number: int | None, code: str) -> None:
    assert unreadable(OSError(number, "x") if number else OSError("x")).code == code
