"""Reads a table as the separate process does, within this one."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from adapters.intake.tables.convert import converted
from adapters.intake.tables.kinds import TableKind


class Read(NamedTuple):
    lines: list[str]
    described: dict[str, Any]
    remarks: list[str]


def read(content: bytes, kind: TableKind = TableKind.XLSX, sheet: str | None = None) -> Read:
    described, chunks, remarks = converted(io.BytesIO(content), kind, sheet)
    text = b"".join(chunks).decode()
    return Read(text.splitlines(), described, remarks())
