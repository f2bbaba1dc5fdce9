"""The change of a risk in words."""

from __future__ import annotations

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.customer import Value
from domain.risk_split import (
    AttributeSums,
    BaseRisk,
    PartSums,
    RiskSplit,
    SplitSums,
    split_of_base,
    split_of_customer,
)
from domain.risk_split_words import (
    SplitLine,
    Versions,
    base_lines,
    base_sentence,
    columns_note,
    customer_lines,
    customer_sentence,
    points_words,
    sample_note,
    unreadable_note,
)
from domain.schema import Column, ColumnKind, CustomerSchema

DOLLARS = formats_of("USD")
SCHEMA = CustomerSchema(
    (
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "Two year")),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("Joined", ColumnKind.DATE),
    ),
    revenue_column="MonthlyCharges",
)
NOTHING = PartSums()
VERSIONS = Versions.of("v0", "v3")


def part(value: float) -> PartSums:
    return PartSums(value, value**2, value)


def moved(value: float, by: float) -> AttributeSums:
    return AttributeSums(part(value), 1, by, 1)


CONTRACT, PRICE = AttributeSums(part(0.22), 1), moved(0.09, 15.0)
VALUES: dict[str, tuple[Value, Value]] = {
    "Contract": ("Two year", "Month-to-month"),
    "MonthlyCharges": (70.35, 85.35),
    "Joined": (412.0, 442.0),
}


def of_customer(model: float = 0.12, unchanged: float = 0.002, *, same_model: bool = False) -> RiskSplit:
    change = 0.31 + model + unchanged
    attributes = {"Contract": CONTRACT, "MonthlyCharges": PRICE, "Joined": moved(0.0, 30.0)}
    sums = SplitSums(1, part(change), attributes, part(unchanged), part(model))
    return split_of_customer(0.182, 0.182 + change, sums, same_model=same_model)


def test_a_sentence_names_the_strongest_changes_and_the_model() -> None:
    assert customer_sentence(of_customer(), VALUES, (SCHEMA, SCHEMA), DOLLARS) == (
        "18.2% → 61.4%: contract Two year → Month-to-month +22.0, monthly charges up $15.00 +9.0, new model +12.0"
    )


def test_lines_of_a_customer_have_old_and_new_value() -> None:
    assert customer_lines(of_customer(), VALUES, (SCHEMA, SCHEMA), VERSIONS, DOLLARS) == [
        SplitLine("Contract", "Two year → Month-to-month", "+22.0", 220),
        SplitLine("Monthly charges", "$70.35 → $85.35, up $15.00", "+9.0", 90),
        SplitLine("Joined", "412 days ago → 442 days ago", "0", 0),
        SplitLine("Unchanged values", "which weigh differently next to the changed ones", "+0.2", 2),
        SplitLine("New model", "starter model → model v3", "+12.0", 120, is_cause=True),
    ]


def test_nothing_changed_is_a_sentence_too() -> None:
    split = split_of_customer(0.182, 0.182, SplitSums(1, NOTHING, {}, NOTHING, NOTHING), same_model=True)
    assert customer_sentence(split, {}, (SCHEMA, SCHEMA), DOLLARS) == "18.2% → 18.2%: nothing changed"
    assert customer_lines(split, {}, (SCHEMA, SCHEMA), VERSIONS, DOLLARS) == []


def test_what_cannot_be_separated_is_one_line() -> None:
    split = split_of_customer(0.2, 0.5, None, same_model=False)
    assert customer_sentence(split, {}, (SCHEMA, SCHEMA), DOLLARS) == "20.0% → 50.0%"
    assert customer_lines(split, {}, (SCHEMA, SCHEMA), VERSIONS, DOLLARS) == [
        SplitLine("Values and model", "cannot be separated here", "+30.0", 300, is_cause=True)
    ]


def of_base(base: BaseRisk) -> RiskSplit:
    own = {"MonthlyCharges": AttributeSums(PartSums(0.12, 0.0072, 0.0144), 2, 10.0, 2)}
    sums = SplitSums(3, PartSums(0.24, 0.0192, 0.0192), own, NOTHING, PartSums(0.12, 0.0048, 0.0096))
    return split_of_base(base, sums, same_model=False)


def test_lines_of_a_base_are_causes_followed_by_their_parts() -> None:
    base = BaseRisk(3, 4, 3, 0.20, 0.27, 0.20, 0.28)
    split = of_base(base)
    assert base_sentence(split, DOLLARS) == (
        "The mean risk rose from 20.00% to 27.00%: other customers −1.00, their values +4.00, new model +4.00"
    )
    assert base_lines(split, base, SCHEMA, VERSIONS, DOLLARS) == [
        SplitLine("Other customers", "who joined, and who are no longer in the file", "−1.00", -100, is_cause=True),
        SplitLine("Joined", "1 customer only in the later prediction", "−1.00", -100),
        SplitLine("Their values", "customers in both whose attributes changed", "+4.00", 400, is_cause=True),
        SplitLine("Monthly charges", "changed for 66.7%, on average up $5.00", "+4.00", 400),
        SplitLine("New model", "starter model → model v3", "+4.00", 400, is_cause=True),
    ]


def test_estimates_have_a_standard_error_in_points() -> None:
    base = BaseRisk(30, 30, 30, 0.20, 0.28, 0.20, 0.28)
    errors = [line.error for line in base_lines(of_base(base), base, SCHEMA, VERSIONS, DOLLARS)]
    # price: Σy² − (Σy)²/n = 0.0072 − 0.0048, less b·S_yd = 0.0048²/…: d does not vary, so √(0.0024 · (1 − 3/30) / 3)
    assert errors == ["", "±0.00", "±2.68", "±0.00"]


def test_points_have_a_sign_and_zero_has_neither_sign_nor_decimals() -> None:
    assert [points_words(units, 1, DOLLARS) for units in (221, -3, 0)] == ["+22.1", "−0.3", "0"]


@pytest.mark.parametrize(
    ("only_old", "only_new", "said"),
    [
        (
            ("TechSupport",),
            ("Visits", "Calls"),
            "Tech support (only the earlier model); Visits, Calls (only the later model)",
        ),
        (
            tuple("abcdefg"),
            (),
            "a, b, c, d, e and 2 more (only the earlier model)",
        ),
    ],
)
def test_columns_of_one_model_are_named(only_old: tuple[str, ...], only_new: tuple[str, ...], said: str) -> None:
    note = f"Columns that the models do not share count as the new model: {said}."
    assert columns_note(only_old, only_new).casefold() == note.casefold()


def test_without_such_columns_there_is_no_note() -> None:
    assert columns_note((), ()) == ""


def test_notes_on_samples_and_models() -> None:
    assert sample_note(10_000, BaseRisk(1, 1, 812_345, 0.1, 0.1), DOLLARS) == (
        "The total and the part of other customers are exact. What has ± is estimated from a random sample of "
        "10,000 of the 812,345 customers in both; ± is one standard error, in percentage points."
    )
    assert unreadable_note("v3") == (
        "Model v3 cannot be read any more, so the effects of other values and of another model cannot be separated."
    )
