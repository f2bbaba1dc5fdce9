"""Schemas of customers and recognitions of files."""

from __future__ import annotations

from typing import Any

from domain.curve_demand import CurveDemand, Direction
from domain.file_format import FileFormat
from domain.header_matching import ColumnMatch, HeaderMatch, MatchKind
from domain.model import LeftOut
from domain.recognition import ColumnRecognition, FileRecognition, Recognised
from domain.remembered_matches import RememberedUnit
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.tenure import TenureUnit
from tests.builders.moments import at


def a_file_format() -> FileFormat:
    units, sheets = ((5, "GB", "MB"),), ("March", "April")
    return FileFormat(
        *("cp1252", ";", "'", ",", True, True, "day-first", ((4, ","),), True, units, "zip", True, "March", sheets)
    )


def a_schema(**given: Any) -> CustomerSchema:
    filled: dict[str, Any] = {
        "columns": (
            Column("tenure", ColumnKind.NUMERIC, (), 0.0, 72.0, 0.01, 0.3, "29"),
            Column("MonthlyCharges", ColumnKind.NUMERIC, (), 18.25, 118.75, 0.1 + 0.2, 0.2, "70.35"),
            Column("PaperlessBilling", ColumnKind.BOOLEAN, ("No", "Yes"), None, None, 0.0, 0.1, "Yes"),
            Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year"), importance=0.4),
        ),
        "id_column": "customerID",
        "target_column": "Churn",
        "positive_value": "Yes",
        "negative_value": "No",
        "tenure_column": "tenure",
        "revenue_column": "MonthlyCharges",
        "month_column": "SnapshotMonth",
        "tenure_unit": TenureUnit.MONTHS,
        "reference_date": "2026-11-28",
    }
    return CustomerSchema(**(filled | given))


def a_recognition(**given: Any) -> FileRecognition:
    match = HeaderMatch(
        matches=(
            ColumnMatch("Contract", "Contract", 0, MatchKind.EXACT),
            ColumnMatch("MonthlyCharges", "monthly_charges", 3, MatchKind.NORMALISED),
            ColumnMatch("tenure", "Länge", 4, MatchKind.CONFIRMED),
            ColumnMatch("Support", "Note", 5, MatchKind.REMEMBERED, at(minutes=-60), "october.csv"),
        ),
        suggestions=(ColumnMatch("customerID", "custno", 1, MatchKind.SUGGESTED),),
        missing=("PaperlessBilling",),
        missing_importance=0.1 + 0.2,
        extra=("Note", "Postcode"),
        ambiguous=("Churn",),
        repeated=("Note",),
        doubts=("“Notiz” was used as Contract in october.csv.",),
        left_out=("PaperlessBilling",),
    )
    filled: dict[str, Any] = {
        "sha256": "5e" * 32,
        "header": ("Contract", "custno", "Note", "monthly_charges", "Länge", "Note", "Churn", "Churn"),
        "format": a_file_format(),
        "above": 2,
        "rows": 7043,
        "columns": ColumnRecognition(
            "v3",
            match,
            "SnapshotMonth",
            ("No", "Yes"),
            "customerID",
            (1, 2),
            (3,),
            (RememberedUnit("Länge", "GB", at(minutes=-60), "october.csv"),),
        ),
        "labelled": Recognised(
            target="Churn",
            positive="Yes",
            negative="No",
            id_column="custno",
            month_column="SnapshotMonth",
            attributes=("Contract", "Länge"),
            left_out=(LeftOut("Note", "is empty"),),
            rows=7043,
            churned=1869,
            values=("Yes", "No", "Cancelled"),
            further_positive=("Cancelled",),
            tenure_column="Länge",
            tenure_unit=TenureUnit.MONTHS,
            numbers=("Länge",),
            demands=(CurveDemand("Länge", Direction.NEVER_RAISES),),
        ),
    }
    return FileRecognition(**(filled | given))
