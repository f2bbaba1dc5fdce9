"""Matching a file's header to what a model knows, and names in plain words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.schema import (
    Column,
    ColumnKind,
    CustomerSchema,
    MatchKind,
    match_header,
    normalise,
    plain_words,
)

SCHEMA = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, importance=0.5),
        Column("tenure", ColumnKind.NUMERIC, importance=0.3),
        Column("MonthlyCharges", ColumnKind.NUMERIC, importance=0.2),
    ),
    id_column="customerID",
    target_column="Churn",
    month_column="SnapshotMonth",
)


def test_a_file_with_the_same_header_matches_exactly_in_any_order() -> None:
    match = match_header(SCHEMA, ["Churn", "tenure", "customerID", "MonthlyCharges", "Contract"])
    assert {found.kind for found in match.matches} == {MatchKind.EXACT}
    assert (match.missing, match.missing_importance, match.extra) == ((), 0.0, ())
    assert match.position_of("Contract") == 4
    assert match.position_of("SnapshotMonth") is None


def test_case_spaces_and_underscores_do_not_matter() -> None:
    match = match_header(SCHEMA, [" contract ", "TENURE", "monthly_charges"])
    assert match.missing == ()
    assert match.matches[2].kind is MatchKind.NORMALISED


def test_an_exact_name_is_taken_before_a_like_one() -> None:
    assert match_header(SCHEMA, ["TENURE", "tenure"]).position_of("tenure") == 1


def test_a_name_that_stands_twice_is_ambiguous_until_confirmed() -> None:
    header = ["Contract", "tenure", "tenure", "MonthlyCharges"]
    match = match_header(SCHEMA, header)
    assert match.ambiguous == ("tenure",)
    assert match.position_of("tenure") is None
    confirmed = match.with_confirmed(SCHEMA, header, {"tenure": 2})
    assert confirmed.position_of("tenure") == 2
    assert confirmed.ambiguous == ()


def test_a_like_name_is_suggested_and_never_taken_unasked() -> None:
    match = match_header(SCHEMA, ["Contract", "tenure", "MonthlyCharge"])
    assert match.missing == ("MonthlyCharges",)
    assert match.missing_importance == pytest.approx(0.2)
    assert [(found.column, found.position) for found in match.suggestions] == [("MonthlyCharges", 2)]


def test_what_the_model_does_not_know_is_extra() -> None:
    assert match_header(SCHEMA, ["Contract", "tenure", "MonthlyCharges", "Postcode"]).extra == ("Postcode",)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_no_header_makes_it_fail_and_no_position_is_taken_twice(header: list[str]) -> None:
    match = match_header(SCHEMA, header)
    positions = [found.position for found in match.matches]
    assert len(set(positions)) == len(positions)
    assert len(positions) + len(match.extra) == len(header)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PaperlessBilling", "Paperless billing"),
        ("MonthlyCharges", "Monthly charges"),
        ("StreamingTV", "Streaming TV"),
        ("tenure", "Tenure"),
        ("total_day_minutes", "Total day minutes"),
        ("customerID", "Customer ID"),
        ("___", "___"),
    ],
)
def test_a_column_name_reads_as_words(name: str, words: str) -> None:
    assert plain_words(name) == words


def test_normalising_puts_case_and_punctuation_aside() -> None:
    assert normalise("Monthly_Charges ($)") == "monthlycharges"


def test_a_schema_names_each_column_once() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        CustomerSchema((Column("a", ColumnKind.NUMERIC), Column("a", ColumnKind.NUMERIC)))


def test_a_column_is_found_by_its_name_alone() -> None:
    assert SCHEMA.column("tenure").kind is ColumnKind.NUMERIC
    with pytest.raises(KeyError):
        SCHEMA.column("Tenure")
