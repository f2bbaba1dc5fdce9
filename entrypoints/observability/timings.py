"""Measures the time of SQL and rendering in a request or job, per thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Timings:
    """Accumulated seconds and counts."""

    sql_seconds: float = 0.0
    sql_count: int = 0
    render_seconds: float = 0.0


_current: ContextVar[Timings | None] = ContextVar("timings", default=None)


def begin() -> Timings:
    """Collect the timings of this thread until `end`."""
    timings = Timings()
    _current.set(timings)
    return timings


def end() -> None:
    _current.set(None)


def note_sql(seconds: float) -> None:
    """Add one statement, including the wait for the write lock."""
    timings = _current.get()
    if timings is not None:
        timings.sql_seconds += seconds
        timings.sql_count += 1


@contextmanager
def rendering() -> Iterator[None]:
    """Count the time inside the context as rendering."""
    timings, began = _current.get(), time.perf_counter()
    try:
        yield
    finally:
        if timings is not None:
            timings.render_seconds += time.perf_counter() - began
