"""Nothing waits for the disk: files need not survive a power failure of the machine that tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

AS_INSTALLED = "PRAGMA synchronous = NORMAL"


@contextmanager
def no_waiting_for_the_disk() -> Iterator[None]:
    """Neither `fsync` nor SQLite waits. What a killed process leaves is the same: the system keeps what was written."""
    from adapters.persistence import engine  # only here: collecting tests needs no database

    assert AS_INSTALLED in engine._PRAGMAS
    pragmas = tuple(pragma.replace("NORMAL", "OFF") for pragma in engine._PRAGMAS)
    with mock.patch.object(os, "fsync", return_value=None), mock.patch.object(engine, "_PRAGMAS", pragmas):
        yield


@contextmanager
def waiting_for_the_disk() -> Iterator[None]:
    """Within the other: SQLite is set up as in an installation."""
    from adapters.persistence import engine

    pragmas = tuple(pragma.replace("synchronous = OFF", "synchronous = NORMAL") for pragma in engine._PRAGMAS)
    with mock.patch.object(engine, "_PRAGMAS", pragmas):
        yield
