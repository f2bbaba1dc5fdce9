"""How unusual a reason is among customers of similar risk."""

from __future__ import annotations

import pytest

from domain.customer import CustomerId, Value
from domain.prediction import Prediction, Reason, RiskBand
from domain.reason_rarity import MISSING, ReasonCounts, rarest_first, typical_numbers, value_kind
from domain.schema import Column, ColumnKind
from tests.builders import a_schema

CONTRACT, TENURE, BILL = (
    Reason("Contract", "Month-to-month", 0.9),
    Reason("tenure", 1.0, 0.7),
    Reason("MonthlyCharges", 150.0, 0.2),
)
COUNTS = ReasonCounts(
    customers={RiskBand.CRITICAL: 200, RiskBand.LOW: 40},
    reasons={
        (RiskBand.CRITICAL, True, "Contract", "Month-to-month"): 198,
        (RiskBand.CRITICAL, True, "tenure", 0): 150,
        (RiskBand.CRITICAL, True, "MonthlyCharges", 3): 10,
        (RiskBand.LOW, False, "tenure", 3): 10,
    },
    typical={"tenure": 30.0, "MonthlyCharges": 70.0},
)


def a_prediction(*raises: Reason, lowers: tuple[Reason, ...] = (), likely: bool = True) -> Prediction:
    return Prediction(CustomerId("1"), 1, 0.8, likely, RiskBand.CRITICAL, raises, lowers)


def test_the_rarest_reason_comes_first() -> None:
    assert rarest_first(a_prediction(CONTRACT, TENURE, BILL), COUNTS) == (BILL, TENURE, CONTRACT)


def test_of_equally_rare_reasons_the_stronger_comes_first() -> None:
    weak, strong = Reason("Partner", "No", 0.1), Reason("Dependents", "No", 0.3)
    assert rarest_first(a_prediction(weak, strong, CONTRACT), COUNTS) == (strong, weak, CONTRACT)


def test_those_who_stay_are_list_phrase_by_what_keeps_them() -> None:
    kept = Reason("tenure", 70.0, -0.5)
    assert rarest_first(a_prediction(CONTRACT, lowers=(kept,), likely=False), COUNTS) == (kept,)


@pytest.mark.parametrize(
    ("reason", "band", "share"),
    [
        (CONTRACT, RiskBand.CRITICAL, 0.99),
        (TENURE, RiskBand.CRITICAL, 0.75),
        (Reason("tenure", 14.9, 0.1), RiskBand.CRITICAL, 0.75),
        (Reason("tenure", 15.0, 0.1), RiskBand.CRITICAL, 0.0),
        (Reason("MonthlyCharges", 140.0, 0.1), RiskBand.CRITICAL, 0.05),
        (Reason("MonthlyCharges", 139.9, 0.1), RiskBand.CRITICAL, 0.0),
        (Reason("tenure", 60.0, -0.1), RiskBand.LOW, 0.25),
        (Reason("tenure", 60.0, 0.1), RiskBand.LOW, 0.0),
        (CONTRACT, RiskBand.HIGH, 0.0),
    ],
)
def test_a_share_is_of_the_customers_of_the_band(reason: Reason, band: RiskBand, share: float) -> None:
    assert COUNTS.share(reason, band) == share


@pytest.mark.parametrize(
    ("value", "typical", "kind"),
    [
        ("Yes", None, "Yes"),
        (None, 30.0, MISSING),
        (float("nan"), 30.0, MISSING),
        (14.0, 30.0, 0),
        (15.0, 30.0, 1),
        (30.0, 30.0, 2),
        (60.0, 30.0, 3),
        (-1.0, 0.0, 0),
        (0.0, 0.0, 1),
        (3.0, None, 0),
    ],
)
def test_numbers_on_the_same_side_of_the_typical_one_are_one_kind(
    value: Value, typical: float | None, kind: str | int
) -> None:
    assert value_kind(value, typical) == kind


def test_typical_numbers_are_those_of_number_columns() -> None:
    schema = a_schema(
        columns=(
            Column("tenure", ColumnKind.NUMERIC, typical="29"),
            Column("Contract", ColumnKind.CATEGORICAL, ("a",), typical="a"),
            Column("Age", ColumnKind.NUMERIC),
        )
    )
    assert typical_numbers(schema) == {"tenure": 29.0}
