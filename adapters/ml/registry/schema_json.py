"""A customer schema as plain JSON and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain.dates import DateForm
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit


def schema_to_json(schema: CustomerSchema) -> dict[str, Any]:
    return asdict(schema)


def schema_from_json(stored: dict[str, Any]) -> CustomerSchema:
    """Raises KeyError, TypeError or ValueError for a document that `schema_to_json` did not write."""
    columns = tuple(
        Column(
            **{
                **column,
                "kind": ColumnKind(column["kind"]),
                "levels": tuple(column["levels"]),
                "date_form": DateForm(column["date_form"]) if column.get("date_form") else None,
            }
        )
        for column in stored["columns"]
    )
    unit = stored.get("tenure_unit")
    typed = {
        "columns": columns,
        "tenure_unit": None if unit is None else TenureUnit(unit),
        "further_positive": tuple(stored.get("further_positive", ())),
    }
    return CustomerSchema(**{**stored, **typed})
