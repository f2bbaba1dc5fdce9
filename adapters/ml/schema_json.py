"""A customer schema as plain JSON and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain.schema import Column, ColumnKind, CustomerSchema


def schema_to_json(schema: CustomerSchema) -> dict[str, Any]:
    return asdict(schema)


def schema_from_json(stored: dict[str, Any]) -> CustomerSchema:
    """Raises KeyError, TypeError or ValueError for anything that `schema_to_json` didn't write."""
    columns = tuple(
        Column(**{**column, "kind": ColumnKind(column["kind"]), "levels": tuple(column["levels"])})
        for column in stored["columns"]
    )
    return CustomerSchema(**{**stored, "columns": columns})
