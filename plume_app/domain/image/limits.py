"""How large a file and a picture may be; refused from the header, before any decoder runs."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

from plume_app.domain.image.header import Header
from plume_app.domain.shared.errors import ImageTooLarge

MAX_FILE_BYTES = 100_000_000  # above it a file is refused unread
MAX_DECODED_BYTES = 1_600_000_000  # width x height x channels x bytes a channel x frames


@dataclass(frozen=True, slots=True)
class Limits:
    """Both settable (`PLUME_MAX_FILE_BYTES`, `PLUME_MAX_DECODED_BYTES`); bytes."""

    max_file_bytes: int = MAX_FILE_BYTES
    max_decoded_bytes: int = MAX_DECODED_BYTES

    def check_file(self, size: int) -> None:
        """Raises ImageTooLarge when a file of `size` bytes is over the limit."""
        if size > self.max_file_bytes:
            raise ImageTooLarge(size=size, limit=self.max_file_bytes, what="file")

    def check_header(self, header: Header) -> None:
        """Raises ImageTooLarge when the decoded picture would be over the limit."""
        if header.decoded_bytes > self.max_decoded_bytes:
            raise ImageTooLarge(size=header.decoded_bytes, limit=self.max_decoded_bytes, what="decoded")

    def without_picture(self) -> Limits:
        """The same for the file, and none for its picture: for what happens before it is known that it is decoded."""
        return replace(self, max_decoded_bytes=sys.maxsize)
