"""A data directory's state without its ids and times, so that equal states need not be checked twice."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

_CHANGING = re.compile(r"[0-9a-f]{4,}|\d+")
"""Ids, times, hashes and counts; the number of rows and the sizes of files are kept."""
_SQLITE = (".db", ".db-wal", ".db-shm", ".db-journal")


def fingerprint(world: Path) -> str:
    """Equal for two states that differ in ids and times alone."""
    lines = []
    for path in sorted(world.rglob("*")):
        name = _plain(str(path.relative_to(world)))
        if path.is_dir():
            lines.append(f"{name}/")
        elif path.suffix == ".db" and path.stat().st_size:
            lines += [f"{name} {row}" for row in _rows(path)]
        elif not name.endswith(_SQLITE):
            lines.append(f"{name} {path.stat().st_size}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _plain(text: str) -> str:
    return _CHANGING.sub("#", text)


def _rows(database: Path) -> list[str]:
    with closing(sqlite3.connect(database, timeout=20)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            f"{table} {_plain(repr(row))}"
            for table in tables
            for row in connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (the schema's own names)
        ]
