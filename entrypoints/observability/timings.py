"""Where a request's or job's time goes: SQL and rendering, counted in the thread that does the work."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Timings:
    """Seconds and counts so far."""

    sql_seconds: float = 0.0
    sql_count: int = 0
    render_seconds: float = 0.0


_current: ContextVar[Timings | None] = ContextVar("timings", default=None)


def begin() -> Timings:
    """Collect the timings of everything that this thread does until `end`."""
    timings = Timings()
    _current.set(timings)
    return timings


def end() -> None:
    _current.set(None)


def note_sql(seconds: float) -> None:
    """Add one statement, the wait for the write lock included."""
    timings = _current.get()
    if timings is not None:
        timings.sql_seconds += seconds
        timings.sql_count += 1


@contextmanager
def rendering() -> Iterator[None]:
    """Add the time inside as rendering."""
    timings, began = _current.get(), time.perf_counter()
    try:
        yield
    finally:
        if timings is not None:
            timings.render_seconds += time.perf_counter() - began
