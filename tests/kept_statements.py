"""SQL statements that are compiled once for every database of the test run: each test opens a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

KEPT = 4_000
"""Statements. A process that runs a whole installation needs some hundreds."""


class _Shared:
    """The attribute of an engine in which it keeps what it compiled."""

    def __init__(self) -> None:
        self.kept: LRUCache[Any, Any] = LRUCache(KEPT)

    def __get__(self, engine: Engine | None, owner: type[Engine]) -> Any:
        if engine is not None and type(engine.dialect) is SQLiteDialect_pysqlite:
            return self.kept
        return self if engine is None else vars(engine)["_compiled_cache"]

    def __set__(self, engine: Engine, value: Any) -> None:
        vars(engine)["_compiled_cache"] = value


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """Engines for SQLite share what they compiled, as one engine does for all requests of a server.

    The key of a compiled statement holds the engine's dialect, so the dialects of all engines count as equal.
    """
    with (
        mock.patch.object(Engine, "_compiled_cache", _Shared(), create=True),
        mock.patch.object(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other)),
        mock.patch.object(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one))),
    ):
        yield
