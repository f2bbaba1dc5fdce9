"""How much work a database is asked to do, counted: unlike time, it is the same on a busy machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

EVERY = 1000
"""SQLite reports its progress after so many steps of its virtual machine."""


@dataclass
class Job:
    """Statements that were sent, and steps that SQLite's virtual machine took, in thousands."""

    statements: list[str] = field(default_factory=list)
    thousands_of_steps: int = 0


@contextmanager
def counted(engine: Engine) -> Iterator[Job]:
    """Counts what connections do that are taken from the engine's pool within the block."""
    work = Job()

    def sent(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        work.statements.append(statement)

    def step() -> int:
        work.thousands_of_steps += 1
        return 0

    def taken(connection: Any, *_rest: object) -> None:
        connection.set_progress_handler(step, EVERY)

    def returned(connection: Any, *_rest: object) -> None:
        if connection is not None:
            connection.set_progress_handler(None, EVERY)

    listeners = {"before_cursor_execute": sent, "checkout": taken, "checkin": returned}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield work
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
