"""One window for each data folder: a later start hands its paths to the first one and ends.

Whoever holds the lock on `instance.lock` is the first. It listens on the loopback interface and writes port and token
beside its process number into that file, which only its owner can read. Both ends prove that they know the token
before a path is sent (a challenge each way), so neither a foreign process on the port nor one that calls it learns
or does anything. The system lets go of the lock when the process ends, however it ends.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from plume_app.domain.shared.errors import InvalidRequest, TargetUnwritable

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"
_CHALLENGE_BYTES = 32
_MAC_BYTES = 32
_MAX_MESSAGE_BYTES = 64_000_000  # a hundred thousand long paths
_MAX_CALLERS = 32  # at once; more are strangers, who may not use up what the window needs
_TALK_S = 3.0  # what one conversation may wait for the other end
PATIENCE_S = 5.0  # how long a second start waits for the first to be ready to listen
_LOCK_AT = 1 << 30  # Windows locks bytes, and a locked byte cannot be read: far behind what is written

Receive = Callable[[tuple[Path, ...]], None]


@dataclass(slots=True)
class Instance:
    """The first window of its data folder. `listen` once it can take paths; close it."""

    _file: BinaryIO
    _socket: socket.socket | None = None

    def listen(self, receive: Receive) -> None:
        """Call `receive(paths)` in a thread whenever a later start hands over; no paths: it only wants to be seen."""
        token = secrets.token_bytes(_MAC_BYTES)
        self._socket = socket.create_server((_HOST, 0), backlog=8)
        note = {"pid": os.getpid(), "port": self._socket.getsockname()[1], "token": token.hex()}
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(note).encode("ascii"))
        self._file.flush()
        threading.Thread(
            target=_listen, args=(self._socket, token, receive), name="plume-instance", daemon=True
        ).start()

    def close(self) -> None:
        """Let a later start be the first."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # closing alone does not wake a thread that accepts
            self._socket.close()
            self._socket = None
        if not self._file.closed:
            self._file.seek(0)
            self._file.truncate()
            self._file.close()  # the lock goes with it


def claim(lock: Path, paths: Sequence[Path], *, patience_s: float = PATIENCE_S) -> Instance | None:
    """Be the first window, or give `paths` to the one that is and return None.

    Raises TargetUnwritable when the data folder refuses the lock file, InvalidRequest when the first window does
    not answer within `patience_s`.
    """
    until = time.monotonic() + patience_s
    while True:
        file = _open(lock)
        if _try_lock(file):
            return Instance(file)
        file.close()
        if _hand_over(lock, paths):
            return None
        if time.monotonic() > until:
            raise InvalidRequest(problem="Another window of Plume is open and does not answer.")
        time.sleep(0.1)  # it may be starting, or ending


def _open(lock: Path) -> BinaryIO:
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        return os.fdopen(os.open(lock, flags, 0o600), "r+b")
    except OSError as error:
        raise TargetUnwritable(folder=str(lock.parent), problem=error.strerror or "", what="data_folder") from error


def _try_lock(file: BinaryIO) -> bool:
    if sys.platform == "win32":  # not run
        import msvcrt

        file.seek(_LOCK_AT)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hand_over(lock: Path, paths: Sequence[Path]) -> bool:
    """Give `paths` to the window that holds the lock; False when it cannot take them (yet)."""
    try:
        note = json.loads(lock.read_bytes())
        token = bytes.fromhex(note["token"])
        with socket.create_connection((_HOST, note["port"]), timeout=_TALK_S) as connection:
            mine = secrets.token_bytes(_CHALLENGE_BYTES)
            connection.sendall(mine)
            theirs, proof = _read(connection, _CHALLENGE_BYTES), _read(connection, _MAC_BYTES)
            if not hmac.compare_digest(proof, _mac(token, b"first", mine, theirs)):
                return False
            message = json.dumps([str(path) for path in paths]).encode("ascii")  # other names: surrogate escapes
            connection.sendall(_mac(token, b"second", theirs, mine) + len(message).to_bytes(4, "big") + message)
            return _read(connection, 1) == b"y"
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _listen(listener: socket.socket, token: bytes, receive: Receive) -> None:
    free = threading.BoundedSemaphore(_MAX_CALLERS)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            if listener.fileno() < 0:
                return  # closed
            time.sleep(0.1)  # no descriptor is left, or the caller has gone: the next one may be ours
            continue
        if free.acquire(blocking=False):
            talk = (connection, token, receive, free)
            threading.Thread(target=_serve, args=talk, name="plume-hand-over", daemon=True).start()
        else:
            connection.close()


def _serve(connection: socket.socket, token: bytes, receive: Receive, free: threading.BoundedSemaphore) -> None:
    try:
        _talk(connection, token, receive)
    finally:
        free.release()


def _talk(connection: socket.socket, token: bytes, receive: Receive) -> None:
    try:
        with connection:
            connection.settimeout(_TALK_S)
            theirs = _read(connection, _CHALLENGE_BYTES)
            mine = secrets.token_bytes(_CHALLENGE_BYTES)
            connection.sendall(mine + _mac(token, b"first", theirs, mine))
            if not hmac.compare_digest(_read(connection, _MAC_BYTES), _mac(token, b"second", mine, theirs)):
                return
            size = int.from_bytes(_read(connection, 4), "big")
            receive(tuple(Path(path) for path in json.loads(_read(connection, min(size, _MAX_MESSAGE_BYTES)))))
            connection.sendall(b"y")
    except (OSError, ValueError):
        log.debug("a hand-over broke off", exc_info=True)


def _read(connection: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes. Raises OSError when the other end stops before."""
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 16))
        if not part:
            raise ConnectionError("the other end closed")
        parts += part
    return bytes(parts)


def _mac(token: bytes, *parts: bytes) -> bytes:
    return hmac.digest(token, b"".join(parts), "sha256")
