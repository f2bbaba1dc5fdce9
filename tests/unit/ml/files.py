"""Small labelled files for tests: frames of text as the intake hands them over."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from adapters.ml.detection.text_columns import TextColumn, text_column
from application.ports.intake import TrainingTable
from tests.real_data import ibm_telco as ibm_telco_file


def a_table(columns: dict[str, Any] | pd.DataFrame) -> TrainingTable:
    frame = pd.DataFrame(columns)
    frame = frame.astype(object).where(frame.notna(), None)
    frame = frame.map(lambda cell: None if cell is None else str(cell)).astype("str")
    return TrainingTable(tuple(frame.columns), len(frame), 0, frame)


def text_columns(table: TrainingTable) -> list[TextColumn]:
    """The columns of a table as detection takes them."""
    return [text_column(name, table.data[name]) for name in table.header]


def customers(rows: int = 400, *, seed: int = 5) -> dict[str, Any]:
    """Customers whose contract, tenure and bill decide; about a third leave."""
    draw = np.random.default_rng(seed)
    tenure = draw.integers(0, 73, rows)
    bill = draw.uniform(20, 120, rows).round(2)
    contract = draw.choice(["Month-to-month", "One year", "Two year"], rows, p=[0.55, 0.25, 0.2])
    internet = draw.choice(["Fiber", "DSL", "None"], rows)
    log_odds = 1.5 * (contract == "Month-to-month") - 0.04 * tenure + 0.02 * bill - 1.2 + 0.8 * (internet == "Fiber")
    return {
        "customerID": [f"C-{row:05d}" for row in range(rows)],
        "SeniorCitizen": (draw.random(rows) < 0.2).astype(int),
        "tenure": tenure,
        "Contract": contract,
        "Internet": internet,
        "MonthlyCharges": bill,
        "Churn": np.where(draw.random(rows) < 1 / (1 + np.exp(-log_odds)), "Yes", "No"),
    }


def monthly_customers(each: int = 120, months: int = 4) -> dict[str, Any]:
    """The same customers in each of the months, with other values and outcomes."""
    columns = customers(each * months)
    columns["customerID"] = [f"C-{row % each:04d}" for row in range(each * months)]
    columns["SnapshotMonth"] = [f"2026-{1 + row // each:02d}" for row in range(each * months)]
    return columns


def ibm_telco() -> pd.DataFrame:
    """IBM's sample telecom customers, or the test is skipped."""
    return pd.read_csv(ibm_telco_file(), dtype=str, keep_default_na=False)
