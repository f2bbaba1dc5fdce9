"""The customer is found by what the rows of a value have in common, whatever the column is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ml.detection.labelled_file import Detected, detect
from adapters.ml.training.folds import assign_folds, group_rows
from domain.training import TrainingRequest
from tests.unit.ml.files import a_table, customers

CUSTOMERS, MONTHS = 200, 6
CODES: dict[str, Callable[[int], object]] = {
    "number": lambda n: 40_017 + 13 * n,
    "text": lambda n: f"K{n * 37 % 9973:05d}",
    "letters": lambda n: "".join("abcdefghij"[int(digit)] for digit in f"{n * 7919 % 100_000:05d}"),
}


def panel(
    name: str, code: str = "number", *, month: str | None = "mes", seed: int = 1, last_month_only: bool = False
) -> dict[str, Any]:
    """Monthly rows whose attributes say nothing about churn, so only a customer's identity can be learned."""
    draw = np.random.default_rng(seed)
    who = np.repeat(np.arange(CUSTOMERS), MONTHS)
    rows = len(who)
    left = (draw.random(CUSTOMERS) < 0.35)[who]
    if last_month_only:
        left &= np.arange(rows) % MONTHS == MONTHS - 1
    columns: dict[str, Any] = {name: [CODES[code](n) for n in who.tolist()]}
    if month is not None:
        columns[month] = [f"2024-0{1 + row % MONTHS}" for row in range(rows)]
    return columns | {
        "gasto": (draw.uniform(10, 90, CUSTOMERS)[who] + draw.normal(0, 0.5, rows)).round(2),
        "edad": draw.integers(18, 80, CUSTOMERS)[who],
        "llamadas": draw.poisson(3, rows),
        "churn": left.astype(int),
    }


def ordered(columns: dict[str, Any], order: str) -> dict[str, Any]:
    rows = np.arange(CUSTOMERS * MONTHS)
    if order == "shuffled":
        rows = np.random.default_rng(3).permutation(rows)
    if order == "by month":
        rows = np.argsort(rows % MONTHS, kind="stable")
    return {name: np.array(values, dtype=object)[rows] for name, values in columns.items()}


def detected_in(columns: dict[str, Any], **request: Any) -> Detected:
    return detect(a_table(columns), TrainingRequest(**request))


def attributes(detected: Detected) -> set[str]:
    return {own.name for own in detected.attributes}


def folds_of(detected: Detected) -> np.ndarray:
    codes = np.random.default_rng(0).normal(size=(len(detected.churned), 2)).astype(np.float32)
    groups = group_rows(codes, detected.churned, *detected.ids)
    return assign_folds(detected.churned, groups.of_row, folds=5, seed=1)


def is_split(folds: np.ndarray, values: Any) -> bool:
    """Whether the rows of one value are in several folds."""
    return any(len(set(folds[np.array(values) == value])) > 1 for value in set(values))


@pytest.mark.parametrize(
    "name",
    [
        "id_cliente",
        "Cliente",
        "Kundennummer",
        "kunden_nr",
        "abonné",
        "N° abonné",
        "numéro de client",
        "客户号",
        "رقم العميل",
        "Mã khách hàng",
        "ID_Pelanggan",
        "müşteri_no",
        "客戶編號",
        "ugyfel_id",
        "ID клієнта",
        "شناسه مشتری",
        "κωδικός πελάτη",
        "namba_ya_mteja",
        "Nhamba Mutengi",
        "x1",
        "col_7",
    ],
)
@pytest.mark.parametrize("code", list(CODES))
def test_the_customer_of_a_panel_is_found_under_any_name(name: str, code: str) -> None:
    detected = detected_in(panel(name, code))
    assert detected.id_column == name
    assert attributes(detected) == {"gasto", "edad", "llamadas"}
    assert not is_split(folds_of(detected), panel(name, code)[name])


@pytest.mark.parametrize("order", ["by customer", "by month", "shuffled"])
@pytest.mark.parametrize("month", ["mes", "snapshot_month", None])
@pytest.mark.parametrize("last_month_only", [True, False])
def test_the_customer_is_found_in_any_order_with_or_without_months(
    order: str, month: str | None, last_month_only: bool
) -> None:
    detected = detected_in(ordered(panel("x1", "text", month=month, last_month_only=last_month_only), order))
    assert detected.id_column == "x1"
    assert detected.month_column == month
    assert attributes(detected) == {"gasto", "edad", "llamadas"}


@pytest.mark.parametrize("name", ["Unnamed: 0", "index", "row", "id", "x0"])
def test_a_row_number_is_not_the_customer_where_there_is_one(name: str) -> None:
    detected = detected_in({name: range(1, CUSTOMERS * MONTHS + 1)} | panel("x1", "number"))
    assert detected.id_column == "x1"
    assert attributes(detected) == {"gasto", "edad", "llamadas"}
    assert [own.why for own in detected.left_out if own.column == name] == [
        "looks like an id, but counts the rows of the file"
    ]


def test_rows_that_share_an_account_or_a_line_stay_in_one_fold() -> None:
    columns = panel("line", "number")
    lines = np.repeat(np.arange(CUSTOMERS), MONTHS)
    columns["account_id"] = [f"A{line // 2:04d}" for line in lines.tolist()]
    detected = detected_in(columns)
    assert detected.id_column == "account_id"
    assert len(detected.ids) == 2
    assert not is_split(folds_of(detected), columns["account_id"])


def test_a_placeholder_links_no_customers() -> None:
    columns = panel("id_cliente") | {"msisdn": [f"2637{n // MONTHS:06d}" for n in range(CUSTOMERS * MONTHS)]}
    columns["msisdn"][: CUSTOMERS * MONTHS // 4] = ["0"] * (CUSTOMERS * MONTHS // 4)
    assert len(set(folds_of(detected_in(columns))[: CUSTOMERS * MONTHS // 4])) == 5


def test_a_customer_code_that_knows_the_answer_is_an_id_and_no_leak() -> None:
    detected = detected_in(panel("x1", "text"))
    assert [own.why for own in detected.left_out if own.column == "x1"] == ["names the customer"]


@pytest.mark.parametrize("name", ["zip", "Postleitzahl", "plan", "tower_id", "dealer code", "código postal"])
def test_groups_of_customers_are_no_customers(name: str) -> None:
    draw = np.random.default_rng(2)
    place = draw.integers(0, 60, 400)
    columns = customers() | {name: 10_000 + 7 * place, "lat": np.sqrt(place), "lon": np.cos(place), "region": place % 5}
    del columns["customerID"]
    detected = detected_in(columns)
    assert detected.id_column is None
    assert name in attributes(detected)


def test_whole_numbers_of_single_rows_are_no_customers() -> None:
    draw = np.random.default_rng(4)
    columns = customers() | {"units": draw.integers(0, 150, 400), "calls": draw.poisson(80, 400)}
    del columns["customerID"]
    assert detected_in(columns).id_column is None
    assert {"units", "calls"} <= attributes(detected_in(columns))


def test_a_file_whose_rows_are_all_repeated_has_no_customer_by_content() -> None:
    columns = {name: list(values) * 3 for name, values in customers(300).items() if name != "customerID"}
    columns["units"] = np.random.default_rng(5).integers(0, 4000, 300).tolist() * 3
    assert detected_in(columns).id_column is None


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(["x1", "cliente", "kunde", "客户", "q"]),
    st.sampled_from(list(CODES)),
    st.sampled_from(["by customer", "by month", "shuffled"]),
    st.sampled_from(["mes", None]),
    st.integers(0, 10_000),
)
def test_a_random_panel_never_learns_who_the_customer_is(
    name: str, code: str, order: str, month: str | None, seed: int
) -> None:
    columns = ordered(panel(name, code, month=month, seed=seed), order)
    detected = detected_in(columns)
    assert detected.id_column == name
    assert name not in attributes(detected)
    assert not is_split(folds_of(detected), columns[name])
