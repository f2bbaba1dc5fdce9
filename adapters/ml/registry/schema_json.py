"""A customer schema as plain JSON and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from domain.dates import DateForm
from domain.history_kind import HistoryKind, HistoryOf
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit


def schema_to_json(schema: CustomerSchema) -> dict[str, Any]:
    return asdict(schema)


def _history(stored: dict[str, Any] | None) -> HistoryOf | None:
    """Versions of earlier releases have none."""
    return None if stored is None else HistoryOf(HistoryKind(stored["kind"]), stored["source"])


def schema_from_json(stored: dict[str, Any]) -> CustomerSchema:
    """Raises KeyError, TypeError or ValueError for a document that `schema_to_json` did not write."""
    columns = tuple(
        Column(
            **{
                **column,
                "kind": ColumnKind(column["kind"]),
                "levels": tuple(column["levels"]),
                "date_form": DateForm(column["date_form"]) if column.get("date_form") else None,
                "history": _history(column.get("history")),
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
