"""The lock on a data directory: services and commands share it, a restore holds it exclusively.

The lock is an flock of the operating system. It is released when the process ends, also after a crash. Systems without
flock have no lock.
"""

from __future__ import annotations

import os
import time
import weakref
from pathlib import Path

from domain.errors import Conflict

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # None means that the system has no flock

LOCK = "service.lock"
IN_USE = (
    "The data directory {folder} is in use by a service or another command. Nothing was changed. "
    "Stop the web server, every worker and other netone commands, then try again."
)
RESTORING = "A restore of the data directory {folder} is under way. Wait until it is done, then try again."
MAX_WAIT = 3.0
"""Seconds to wait for a process that holds the lock for a moment."""
_PAUSE = 0.05


class ServiceLock:
    """Holds the lock until `release`, or until the object is deleted or the process ends."""

    def __init__(self, file: Path) -> None:
        self.descriptor = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
        self._end = weakref.finalize(self, os.close, self.descriptor)

    def release(self) -> None:
        self._end()


def share(folder: Path) -> ServiceLock:
    """Take the shared lock, for services and commands. Raises Conflict while a restore is running."""
    return _locked(folder, exclusive=False, refusal=RESTORING)


def hold_alone(folder: Path, *, max_wait: float | None = None) -> ServiceLock:
    """Take the exclusive lock, for a restore. Raises Conflict while another process uses the folder."""
    return _locked(folder, exclusive=True, refusal=IN_USE, max_wait=max_wait)


def try_lock(descriptor: int) -> bool:
    """Lock an open file for this process until it is closed. Returns False if another process holds the lock."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether a process holds `try_lock` on a file. True if the system has no flock. Raises OSError."""
    if fcntl is None:
        return True
    descriptor = os.open(path, os.O_RDWR)
    try:
        return not try_lock(descriptor)
    finally:
        os.close(descriptor)


def _locked(folder: Path, *, exclusive: bool, refusal: str, max_wait: float | None = None) -> ServiceLock:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = ServiceLock(folder / LOCK)
    if fcntl is None:
        return lock
    until = time.monotonic() + (MAX_WAIT if max_wait is None else max_wait)
    while True:
        try:
            fcntl.flock(lock.descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                lock.release()
                raise Conflict(refusal.format(folder=folder)) from error
            time.sleep(_PAUSE)
        else:
            return lock
