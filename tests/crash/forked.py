"""Functions run in a child of this process: libraries are loaded once, and a child may be killed."""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds after which a child counts as hanging."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: with an answer, killed by a signal, or failed with words."""

    answer: Any = None
    killed: bool = False
    failure: str = ""


def in_child(act: Callable[[], Any], *, log: Path | None = None) -> Ended:
    """Run `act` in a fork of this process; what it prints goes to `log`."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_the_child(act, writing, log)
    os.close(writing)
    answer = _read(reading, until=time.monotonic() + PATIENCE)
    os.close(reading)
    if answer is None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return Ended(failure=f"hangs for more than {PATIENCE:.0f} s")
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return Ended(killed=True, failure=f"ended by signal {os.WTERMSIG(status)}")
    kind, content = pickle.loads(answer) if answer else ("failed", "ended without an answer")  # noqa: S301 (our own child)
    return Ended(answer=content) if kind == "done" else Ended(failure=content)


def _be_the_child(act: Callable[[], Any], writing: int, log: Path | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(target, 1)
    os.dup2(target, 2)
    try:
        answer = ("done", act())
    except BaseException:  # noqa: BLE001 (the parent hears of it)
        answer = ("failed", traceback.format_exc())
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(pickle.dumps(answer))
    os._exit(0)


def _read(reading: int, *, until: float) -> bytes | None:
    """Everything until the other end closes; None when that takes too long."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(reading, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
