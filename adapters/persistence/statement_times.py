"""Measures the duration of every SQL statement."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

_BEGAN = "netone_began"


def time_statements(engine: Engine, note: Callable[[float], None]) -> None:
    """Call `note` with the duration in seconds of every statement of this engine, in the thread that ran it."""

    def began(_connection: Any, _cursor: Any, _sql: Any, _values: Any, context: Any, _many: Any) -> None:
        if context is not None:
            setattr(context, _BEGAN, time.perf_counter())

    def ended(_connection: Any, _cursor: Any, _sql: Any, _values: Any, context: Any, _many: Any) -> None:
        start = getattr(context, _BEGAN, None)
        if start is not None:
            note(time.perf_counter() - start)

    event.listen(engine, "before_cursor_execute", began)
    event.listen(engine, "after_cursor_execute", ended)
