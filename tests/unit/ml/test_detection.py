from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from adapters.ml.detection import detect
from domain.errors import InvalidInput
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers, ibm_telco


def found(columns: dict[str, Any], **request: Any) -> Any:
    return detect(a_table(columns), TrainingRequest(**request))


def renamed(**names: str) -> dict[str, Any]:
    return {names.get(name, name): values for name, values in customers().items()}


def why_out(detected: Any, column: str) -> str:
    return next(own.why for own in detected.left_out if own.column == column)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("Churn", "Yes", "No"),
        ("Exited", "1", "0"),
        ("churn", "yes", "no"),
        ("CHURN FLAG", "TRUE", "FALSE"),
        ("Churn Label", "Churned", "Stayed"),
        ("Attrition_Flag", "Attrited Customer", "Existing Customer"),
        ("left", "1.0", "0.0"),
        ("Customer  Status", "Churned", "Active"),
        ("target", "Y", "N"),
    ],
)
def test_the_target_is_found_however_it_is_named_and_coded(name: str, yes: str, no: str) -> None:
    columns = renamed(Churn=name)
    leaving = columns[name] == "Yes"
    columns[name] = np.where(leaving, yes, no)
    detected = found(columns)
    assert (detected.target.column, detected.target.positive, detected.target.negative) == (name, yes, no)
    assert (detected.churned == leaving).all()


def test_a_third_status_is_set_aside_and_said() -> None:
    columns = renamed(Churn="Customer Status")
    status = np.where(columns["Customer Status"] == "Yes", "Churned", "Stayed").astype(object)
    status[:30] = "Joined"
    detected = found(columns | {"Customer Status": status})
    assert len(detected.churned) == 370
    assert any("'Joined'" in note and "30" in note for note in detected.notes)


def test_customers_without_a_known_outcome_are_set_aside_and_said() -> None:
    columns = customers()
    outcome = columns["Churn"].astype(object)
    outcome[:7] = None
    detected = found(columns | {"Churn": outcome})
    assert len(detected.churned) == 393
    assert any(note.startswith("7 customers without") for note in detected.notes)


@pytest.mark.parametrize(
    ("change", "request_", "says"),
    [
        ({"Churn": None}, {}, "no column that says who left"),
        ({}, {"target": "Gone"}, "no column 'Gone'"),
        ({}, {"target": "tenure"}, "different values"),
        ({}, {"positive": "Maybe"}, "no column that says who left"),
        ({}, {"target": "Churn", "positive": "Maybe"}, "has no value 'Maybe'; it holds"),
        ({}, {"target": "Internet"}, "Which value of 'Internet' means that the customer left"),
        ({"Churn": ["Yes"] * 400}, {"target": "Churn"}, "customers who left and customers who stayed"),
        ({"Churn": ["Yes"] * 5 + ["No"] * 395}, {}, "Only 5 of 400 customers left"),
        ({"Churned": ["Yes", "No"] * 200}, {}, "Both 'Churn' and 'Churned'"),
        ({}, {"id_column": "nobody"}, "no column 'nobody'"),
    ],
)
def test_what_is_unclear_is_told_in_one_sentence(change: dict[str, Any], request_: dict[str, Any], says: str) -> None:
    columns = {name: values for name, values in (customers() | change).items() if values is not None}
    with pytest.raises(InvalidInput, match=says):
        found(columns, **request_)


def test_a_file_of_few_customers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="40 customers"):
        found({name: values[:40] for name, values in customers().items()})


def test_ids_are_found_by_name_and_content_also_numeric_ones() -> None:
    rows = 400
    numbering = {"RowNumber": range(1, rows + 1), "CustomerId": np.random.default_rng(0).permutation(rows) + 15_600_000}
    columns = {name: values for name, values in customers().items() if name != "customerID"} | numbering
    detected = found(columns)
    assert detected.id_column == "CustomerId"
    assert "id" in why_out(detected, "RowNumber")


def test_measurements_that_happen_to_differ_for_everyone_are_no_ids() -> None:
    balance = np.random.default_rng(0).permutation(4_000_000)[:400]
    assert "Balance" in {own.name for own in found(customers() | {"Balance": balance}).attributes}
    messages = np.random.default_rng(0).integers(0, 40, 400)
    assert "number vmail messages" in {
        own.name for own in found(customers() | {"number vmail messages": messages}).attributes
    }


def test_double_spaces_in_names_are_kept() -> None:
    detected = found(customers() | {"Call  Failure": np.arange(400) % 17})
    assert "Call  Failure" in {own.name for own in detected.attributes}


def test_kinds_levels_and_roles() -> None:
    columns = customers()
    total = columns["tenure"] * columns["MonthlyCharges"]
    text = [" " if value == 0 else f"{value:,.2f}" for value in total]
    detected = found(columns | {"TotalCharges": text, "Auto Pay": np.where(columns["tenure"] % 2, "Yes", "No")})
    kinds = {own.name: own.kind for own in detected.attributes}
    assert kinds["TotalCharges"] is ColumnKind.NUMERIC
    assert kinds["SeniorCitizen"] is kinds["Auto Pay"] is ColumnKind.BOOLEAN
    assert next(own.levels for own in detected.attributes if own.name == "Auto Pay") == ("No", "Yes")
    assert kinds["Contract"] is ColumnKind.CATEGORICAL
    assert next(own.levels for own in detected.attributes if own.name == "Contract")[0] == "Month-to-month"
    assert (detected.tenure_column, detected.revenue_column) == ("tenure", "MonthlyCharges")


def test_what_cannot_be_learned_from_is_left_out_and_named() -> None:
    rows = 400
    detected = found(
        customers()
        | {
            "Country": ["ZW"] * rows,
            "Nothing": [None] * rows,
            "Remark": [f"called about {row % 300} and {row}" for row in range(rows)],
            "Joined on": [f"20{10 + row % 9}-0{1 + row % 8}-1{row % 7}" for row in range(rows)],
        }
    )
    assert "always the same" in why_out(detected, "Country")
    assert "empty" in why_out(detected, "Nothing")
    assert why_out(detected, "Remark")
    assert "dates" in why_out(detected, "Joined on")


def test_the_snapshot_month_is_recognised_and_never_an_attribute() -> None:
    columns = customers()
    months = [f"2026-0{1 + row % 4}" for row in range(400)]
    columns["customerID"] = [f"C-{row // 4}" for row in range(400)]
    detected = found(columns | {"SnapshotMonth": months})
    assert detected.month_column == "SnapshotMonth"
    assert list(detected.months[:5]) == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-01"]
    assert detected.id_column == "customerID"
    assert "SnapshotMonth" not in {own.name for own in detected.attributes}


def with_leaks() -> dict[str, Any]:
    columns = customers(1000)
    draw = np.random.default_rng(3)
    left = columns["Churn"] == "Yes"
    flipped = left ^ (draw.random(1000) < 0.02)
    reason = np.where(left & (draw.random(1000) < 0.7), draw.choice(["Price", "Coverage"], 1000), None)
    return columns | {"closing code": np.where(flipped, 7, 3), "why": reason}


def test_columns_that_give_the_answer_away_are_left_out_and_named() -> None:
    detected = found(with_leaks())
    assert "gives the answer away" in why_out(detected, "closing code")
    assert "only filled for customers who left" in why_out(detected, "why")


def test_a_person_may_keep_a_suspected_leak() -> None:
    detected = found(with_leaks(), keep=("closing code",))
    assert "closing code" in {own.name for own in detected.attributes}
    assert "why" not in {own.name for own in detected.attributes}


def test_another_spelling_of_the_target_is_a_leak() -> None:
    columns = customers()
    detected = found(columns | {"Churn Value": (columns["Churn"] == "Yes").astype(int)})
    assert detected.target.column == "Churn"
    assert "gives the answer away" in why_out(detected, "Churn Value")


def test_the_real_telecom_file_needs_no_questions() -> None:
    frame = ibm_telco()
    seen = detect(a_table(frame), TrainingRequest()).recognised()
    assert (seen.target, seen.positive, seen.negative, seen.id_column) == ("Churn", "Yes", "No", "customerID")
    assert (seen.rows, seen.churned, len(seen.attributes)) == (7043, 1869, 19)
