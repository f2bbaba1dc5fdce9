from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.detection.text_columns import text_column
from domain.errors import InvalidInput, ValueUnclear
from domain.model import LeftOut
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers, ibm_telco


def detected_in(columns: dict[str, Any], **request: Any) -> Any:
    return detect(a_table(columns), TrainingRequest(**request))


def renamed(**names: str) -> dict[str, Any]:
    return {names.get(name, name): values for name, values in customers().items()}


def why_out(detected: Any, column: str) -> str:
    return next(own.why for own in detected.left_out if own.column == column)


def dates_in(detected: Any) -> list[str]:
    return [own.name for own in detected.attributes if own.kind is ColumnKind.DATE]


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
        ("Churn?", "True.", "False."),
        ("churn", "1.00", "0.00"),
        ("Churn", "1", "-1"),
        ("Churn in next 30 days", "Yes", "No"),
        ("churn_next_month", "1", "0"),
        ("Subscription Status", "Cancelled", "Active"),
        ("Churn", "Verloren", "Stayed"),
    ],
)
def test_the_target_is_found_however_it_is_named_and_coded(name: str, yes: str, no: str) -> None:
    columns = renamed(Churn=name)
    leaving = columns[name] == "Yes"
    columns[name] = np.where(leaving, yes, no)
    detected = detected_in(columns)
    assert (detected.target.column, detected.target.positive, detected.target.negative) == (name, yes, no)
    assert (detected.churned == leaving).all()


def test_several_spellings_of_one_answer_are_one() -> None:
    columns = customers()
    leaving = columns["Churn"] == "Yes"
    spelled = np.where(leaving, ["Yes", "YES", "y", "1"] * 100, ["No", "no", "N", "0"] * 100)
    detected = detected_in(columns | {"Churn": spelled})
    assert (detected.churned == leaving).all()
    assert detected.notes == ()


@pytest.mark.parametrize(
    ("name", "yes", "no"), [("Is Active", "No", "Yes"), ("Retained", "0", "1"), ("Cliente ativo", "Não", "Sim")]
)
def test_inactive_customers_count_as_churned(name: str, yes: str, no: str) -> None:
    columns = renamed(Churn=name)
    leaving = columns[name] == "Yes"
    detected = detected_in(columns | {name: np.where(leaving, yes, no)}, target=name)
    assert (detected.target.positive, detected.target.negative) == (yes, no)
    assert (detected.churned == leaving).all()


def test_a_column_about_earlier_churn_is_not_the_target() -> None:
    columns = renamed(Churn="target")
    before = np.where(np.arange(400) % 3, "No", "Yes")
    detected = detected_in(columns | {"Previous churn": before, "Churn score": np.arange(400) % 2})
    assert detected.target.column == "target"
    assert "Previous churn" in {own.name for own in detected.attributes}


def test_the_values_to_choose_from_go_with_the_question() -> None:
    with pytest.raises(ValueUnclear) as asked:
        detected_in(customers(), target="Internet")
    assert (asked.value.field, asked.value.column) == ("positive", "Internet")
    assert sorted(asked.value.values) == ["DSL", "Fiber", "None"]


def test_rows_with_a_third_status_are_left_out_and_reported() -> None:
    columns = renamed(Churn="Customer Status")
    status = np.where(columns["Customer Status"] == "Yes", "Churned", "Stayed").astype(object)
    status[:30] = "Joined"
    detected = detected_in(columns | {"Customer Status": status})
    assert len(detected.churned) == 370
    assert any("'Joined'" in note and "30" in note for note in detected.notes)


def test_customers_without_a_known_outcome_are_left_out_and_reported() -> None:
    columns = customers()
    outcome = columns["Churn"].astype(object)
    outcome[:7] = None
    detected = detected_in(columns | {"Churn": outcome})
    assert len(detected.churned) == 393
    assert any(note.startswith("7 customers without") for note in detected.notes)


@pytest.mark.parametrize(
    ("change", "request_", "says"),
    [
        ({"Churn": None}, {}, "no column that says who left"),
        ({}, {"target": "Gone"}, "no column 'Gone'"),
        ({}, {"target": "tenure"}, "different values"),
        ({}, {"positive": "Maybe"}, "'Churn' has no value 'Maybe'; it holds"),
        ({}, {"target": "Churn", "positive": "Maybe"}, "has no value 'Maybe'; it holds"),
        ({}, {"target": "Internet"}, "Which value of 'Internet' means that the customer left"),
        ({"Churn": ["Yes"] * 400}, {}, "customers who left and customers who stayed"),
        ({"Churn": ["1", "2"] * 200}, {}, "Which value of 'Churn' means that the customer left"),
        (
            {"Churn": None, "Account Status": ["Disconnected", "Terminated", "Active", "Active"] * 100},
            {},
            "Which value of 'Account Status' means that the customer left",
        ),
        ({"Churn": None, "status": [f"S{row}" for row in range(400)]}, {}, "no column that says who left"),
        ({"Churn": ["Yes"] * 5 + ["No"] * 395}, {}, "Only 5 of 400 customers left"),
        ({"Churned": ["Yes", "No"] * 200}, {}, "Both 'Churn' and 'Churned'"),
        ({}, {"id_column": "nobody"}, "no column 'nobody'"),
    ],
)
def test_an_unclear_target_is_reported_in_one_sentence(
    change: dict[str, Any], request_: dict[str, Any], says: str
) -> None:
    columns = {name: values for name, values in (customers() | change).items() if values is not None}
    with pytest.raises(InvalidInput, match=says):
        detected_in(columns, **request_)


def test_a_file_of_few_customers_is_refused() -> None:
    with pytest.raises(InvalidInput, match="40 customers"):
        detected_in({name: values[:40] for name, values in customers().items()})


def test_ids_are_found_by_name_and_content_also_numeric_ones() -> None:
    rows = 400
    numbering = {"RowNumber": range(1, rows + 1), "CustomerId": np.random.default_rng(0).permutation(rows) + 15_600_000}
    columns = {name: values for name, values in customers().items() if name != "customerID"} | numbering
    detected = detected_in(columns)
    assert detected.id_column == "CustomerId"
    assert "id" in why_out(detected, "RowNumber")


def test_measurements_that_differ_for_every_customer_are_not_ids() -> None:
    balance = np.random.default_rng(0).permutation(4_000_000)[:400]
    assert "Balance" in {own.name for own in detected_in(customers() | {"Balance": balance}).attributes}
    income = np.random.default_rng(0).permutation(800_000)[:400] + 150_000
    assert "Annual income" in {own.name for own in detected_in(customers() | {"Annual income": income}).attributes}
    assert "id" in why_out(detected_in(customers() | {"reference": income}), "reference")
    messages = np.random.default_rng(0).integers(0, 40, 400)
    assert "number vmail messages" in {
        own.name for own in detected_in(customers() | {"number vmail messages": messages}).attributes
    }


@pytest.mark.parametrize(
    "name",
    [
        "Loyalty points", "Total steps", "Distance (m)", "Roaming SMS", "Saldo", "Ingresos anuales", "Consumo", "Renda",
        "Faturamento", "Solde", "Chiffre d'aff.", "Guthaben", "Einkommen", "Dochód", "Obrót", "Bakiye",
        "Aylık gelir", "Pendapatan", "Доход", "Баланс", "Сумма покупок", "余额", "年収", "매출액",
    ],
)  # fmt: skip
def test_whole_amounts_that_all_differ_are_not_ids_in_any_language(name: str) -> None:
    amounts = np.random.default_rng(3).permutation(800_000)[:400] + 150_000
    columns = {own: values for own, values in customers().items() if own != "customerID"} | {name: amounts}
    detected = detected_in(columns)
    assert detected.id_column is None
    assert name in {own.name for own in detected.attributes}


def test_double_spaces_in_names_are_kept() -> None:
    detected = detected_in(customers() | {"Call  Failure": np.arange(400) % 17})
    assert "Call  Failure" in {own.name for own in detected.attributes}


def test_columns_get_their_kind_levels_and_role() -> None:
    columns = customers()
    total = columns["tenure"] * columns["MonthlyCharges"]
    text = [" " if value == 0 else f"{value:,.2f}" for value in total]
    detected = detected_in(columns | {"TotalCharges": text, "Auto Pay": np.where(columns["tenure"] % 2, "Yes", "No")})
    kinds = {own.name: own.kind for own in detected.attributes}
    assert kinds["TotalCharges"] is ColumnKind.NUMERIC
    assert kinds["SeniorCitizen"] is kinds["Auto Pay"] is ColumnKind.BOOLEAN
    assert next(own.levels for own in detected.attributes if own.name == "Auto Pay") == ("No", "Yes")
    assert kinds["Contract"] is ColumnKind.CATEGORICAL
    assert next(own.levels for own in detected.attributes if own.name == "Contract")[0] == "Month-to-month"
    assert (detected.tenure_column, detected.revenue_column) == ("tenure", "MonthlyCharges")


def test_unusable_columns_are_left_out_and_named() -> None:
    rows = 400
    detected = detected_in(
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
    assert dates_in(detected) == ["Joined on"]


def test_the_snapshot_month_is_recognised_and_never_an_attribute() -> None:
    columns = customers()
    months = [f"2026-0{1 + row % 4}" for row in range(400)]
    columns["customerID"] = [f"C-{row // 4}" for row in range(400)]
    detected = detected_in(columns | {"SnapshotMonth": months})
    assert detected.month_column == "SnapshotMonth"
    assert list(detected.months[:5]) == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-01"]
    assert detected.id_column == "customerID"
    assert "SnapshotMonth" not in {own.name for own in detected.attributes}


@pytest.mark.parametrize(
    ("name", "of_customer"),
    [("MSISDN", "26377{:07d}"), ("Phone Number", "077-{:07d}"), ("account_no", "{}"), ("subscriber", "S{:05d}")],
)
@pytest.mark.parametrize("with_month", [True, False])
def test_a_customer_with_several_rows_is_named_however_the_column_is_called(
    name: str, of_customer: str, with_month: bool
) -> None:
    columns = customers() | {name: [of_customer.format(1000 + row // 4) for row in range(400)]}
    del columns["customerID"]
    if with_month:
        columns["Report date"] = [f"{28}/0{1 + row % 4}/2026" for row in range(400)]
    detected = detected_in(columns)
    assert detected.id_column == name
    assert detected.month_column == ("Report date" if with_month else None)


def test_a_column_of_groups_is_not_an_id() -> None:
    months = [f"2026-0{1 + row % 4}" for row in range(400)]
    towers = [f"T{(row * 7) % 60}" for row in range(400)]
    columns = {"SnapshotMonth": months, "tower id": towers, "plan code": np.arange(400) % 30}
    attributes = {own.name for own in detected_in(customers() | columns).attributes}
    assert attributes >= {"tower id", "plan code"}


@pytest.mark.parametrize("name", ["contract_start_month", "Last payment date", "signup date", "Date of last call"])
def test_when_something_happened_to_a_customer_is_not_the_snapshot_month(name: str) -> None:
    for months in ([f"2026-0{1 + row % 7}" for row in range(400)], [f"20260{1 + row % 7}28" for row in range(400)]):
        detected = detected_in(customers() | {name: months})
        assert detected.month_column is None
        assert dates_in(detected) == [name]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("quarter", ["2025Q3", "2025Q4", "2026Q1", "2026Q2"]),
        ("month", ["1", "2", "3", "4"]),
        ("Week no", ["9", "10", "11", "12"]),
    ],
)
def test_a_period_in_which_every_customer_occurs_once_is_not_an_attribute(name: str, values: list[str]) -> None:
    columns = customers() | {name: [values[row % 4] for row in range(400)]}
    columns["customerID"] = [f"C-{row // 4}" for row in range(400)]
    columns["tenure month"] = [row // 4 % 60 + row % 4 for row in range(400)]
    columns["service"] = [["Mobile", "TV", "Line", "Cloud"][row % 4] for row in range(400)]
    detected = detected_in(columns)
    assert why_out(detected, name) == "says when the row was taken, not who"
    assert {"tenure month", "service"} <= {own.name for own in detected.attributes}


def test_compact_dates_that_all_differ_are_dates_and_not_ids() -> None:
    days = pd.date_range("2024-01-01", periods=400).strftime("%Y%m%d")
    assert dates_in(detected_in(customers() | {"joined": days})) == ["joined"]


def test_a_month_of_any_name_in_which_every_customer_comes_once_is_the_snapshot_month() -> None:
    columns = customers() | {"kpi month": [f"2026-0{1 + row % 4}" for row in range(400)]}
    columns["customerID"] = [f"C-{row // 4}" for row in range(400)]
    assert detected_in(columns).month_column == "kpi month"


def test_a_level_is_learned_from_five_customers_on() -> None:
    plans = ["four"] * 4 + ["five"] * 5 + ["usual"] * 391
    detected = detected_in(customers() | {"plan": plans})
    assert next(own.levels for own in detected.attributes if own.name == "plan") == ("usual", "five")


@pytest.mark.parametrize(("texts", "numeric"), [(10, True), (11, False)])
def test_a_column_is_numeric_when_99_percent_of_its_cells_are_numbers(texts: int, numeric: bool) -> None:
    cells = ["unknown"] * texts + [str(row % 300) for row in range(1000 - texts)]
    assert text_column("usage", pd.Series(cells, dtype="str")).is_numeric == numeric


def with_leaks() -> dict[str, Any]:
    columns = customers(1000)
    draw = np.random.default_rng(3)
    left = columns["Churn"] == "Yes"
    flipped = left ^ (draw.random(1000) < 0.02)
    reason = np.where(left & (draw.random(1000) < 0.7), draw.choice(["Price", "Coverage"], 1000), None)
    return columns | {"closing code": np.where(flipped, 7, 3), "why": reason}


def test_leakage_columns_are_left_out_and_named() -> None:
    detected = detected_in(with_leaks())
    assert "gives the answer away" in why_out(detected, "closing code")
    assert "only filled for customers who left" in why_out(detected, "why")


def test_a_column_filled_only_for_stayers_is_leakage() -> None:
    columns = customers(1000)
    stayed, draw = columns["Churn"] == "No", np.random.default_rng(4)
    bonus = np.where(stayed & (draw.random(1000) < 0.6), draw.integers(5, 30, 1000), None)
    loyal = np.where((columns["tenure"] > 50) & (draw.random(1000) < 0.9), "gold", None)
    detected = detected_in(columns | {"renewal bonus": bonus, "loyalty": loyal})
    assert "only filled for customers who stayed" in why_out(detected, "renewal bonus")
    assert "loyalty" in {own.name for own in detected.attributes}, "some of them left"


def test_a_fee_that_only_leavers_pay_is_leakage_and_small_fees_are_not() -> None:
    columns = customers(2000)
    left = (columns["Churn"] == "Yes") & (np.arange(2000) % 5 == 0)
    fee = np.where(left, np.random.default_rng(5).uniform(0, 100, 2000).round(2), 0)
    detected = detected_in(columns | {"Churn": np.where(left, "Yes", "No"), "fee": fee})
    assert "almost perfectly" in why_out(detected, "fee")


def test_the_score_of_another_model_is_recognised_by_its_name() -> None:
    columns, draw = customers(1000), np.random.default_rng(6)
    score = np.where(columns["Churn"] == "Yes", draw.integers(65, 101, 1000), draw.integers(5, 81, 1000))
    more = {"Churn Score": score, "Usage": score, "Churned lines": draw.poisson(0.5, 1000)}
    detected = detected_in(columns | more, known_before=("Usage",))
    assert "name suggests leaving" in why_out(detected, "Churn Score")
    assert {own.name for own in detected.attributes} >= {"Usage", "Churned lines"}


def test_a_person_may_keep_a_suspected_leak() -> None:
    detected = detected_in(with_leaks(), keep=("closing code",))
    assert "closing code" in {own.name for own in detected.attributes}
    assert "why" not in {own.name for own in detected.attributes}


def test_another_spelling_of_the_target_is_a_leak() -> None:
    columns = customers()
    detected = detected_in(columns | {"Churn Value": (columns["Churn"] == "Yes").astype(int)})
    assert detected.target.column == "Churn"
    assert "gives the answer away" in why_out(detected, "Churn Value")


def test_the_real_telecom_file_needs_no_questions() -> None:
    frame = ibm_telco()
    seen = detect(a_table(frame), TrainingRequest()).recognised()
    assert (seen.target, seen.positive, seen.negative, seen.id_column) == ("Churn", "Yes", "No", "customerID")
    assert (seen.rows, seen.churned, len(seen.attributes)) == (7043, 1869, 19)


def test_known_facts_of_a_file_are_not_computed_again() -> None:
    table, request = (
        a_table(customers() | {"Leaver": customers()["Churn"], "empty": ""}),
        TrainingRequest(target="Churn"),
    )
    seen = detect(table, request).recognised()
    assert [left.column for left in seen.left_out] == ["customerID", "Leaver", "empty"]
    again = detect(table, request, seen)
    assert again.recognised() == seen
    other = replace(seen, left_out=(*seen.left_out, LeftOut("tenure", "was left out before")))
    assert why_out(detect(table, request, other), "tenure") == "was left out before"


@pytest.mark.parametrize("table", ["customers", "c", "crm_export"])
def test_a_tables_name_before_every_column_does_not_hide_roles(table: str) -> None:
    columns = {f"{table}.{name}": cells for name, cells in customers(400).items()}
    roles_found = detect(a_table(columns), TrainingRequest(target=f"{table}.Churn", positive="Yes"))
    roles = (roles_found.id_column, roles_found.target.column, roles_found.tenure_column, roles_found.revenue_column)
    assert roles == tuple(f"{table}.{name}" for name in ("customerID", "Churn", "tenure", "MonthlyCharges"))


def test_a_column_with_amounts_in_two_currencies_is_left_out() -> None:
    columns = customers()
    rows = len(next(iter(columns.values())))
    detected = detected_in(columns | {"Roaming": [f"{'$' if n % 2 else '€'}{20 + n * 37 % 90}" for n in range(rows)]})
    assert why_out(detected, "Roaming") == (
        "has amounts in different currencies, such as €20 and $57, which cannot be compared"
    )
