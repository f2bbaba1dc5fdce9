"""Matching a file's header to what a model knows, and names in plain words."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import MatchesUnclear
from domain.header_matching import MatchKind, match_header
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.vocabulary.spelling import normalise, plain_words

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
    assert {own.kind for own in match.matches} == {MatchKind.EXACT}
    assert (match.missing, match.missing_importance, match.extra) == ((), 0.0, ())
    assert match.position_of("Contract") == 4
    assert match.position_of("SnapshotMonth") is None


def test_case_spaces_and_underscores_do_not_matter() -> None:
    match = match_header(SCHEMA, [" contract ", "TENURE", "monthly_charges"])
    assert match.missing == ()
    assert match.matches[2].kind is MatchKind.NORMALISED


def test_an_exact_name_is_matched_before_a_similar_one() -> None:
    assert match_header(SCHEMA, ["TENURE", "tenure"]).position_of("tenure") == 1


def test_a_repeated_name_is_ambiguous_until_confirmed() -> None:
    header = ["Contract", "tenure", "tenure", "MonthlyCharges"]
    match = match_header(SCHEMA, header)
    assert match.ambiguous == ("tenure",)
    assert match.position_of("tenure") is None
    confirmed = match_header(SCHEMA, header, confirmed={"tenure": 2})
    assert confirmed.position_of("tenure") == 2
    assert confirmed.ambiguous == ()


def test_a_similar_name_is_suggested_and_used_only_when_confirmed() -> None:
    match = match_header(SCHEMA, ["Contract", "tenure", "MonthlyCharge"])
    assert match.missing == ("MonthlyCharges",)
    assert match.missing_importance == pytest.approx(0.2)
    assert [(guess.column, guess.position) for guess in match.suggestions] == [("MonthlyCharges", 2)]


def test_a_suggestion_waits_until_it_is_used_or_left_out() -> None:
    header = ["Contract", "MonthlyCharge"]
    match = match_header(SCHEMA, header)
    assert [(own.header, own.column) for own in match.waiting] == [("MonthlyCharge", "MonthlyCharges")]
    assert match.unmatched.absent == ("tenure",)
    with pytest.raises(
        MatchesUnclear, match="1 match waits for your answer: “MonthlyCharge” looks like Monthly charges"
    ):
        match.must_be_decided()
    left_out = match_header(SCHEMA, header, left_out={"MonthlyCharges"})
    left_out.must_be_decided()
    assert (left_out.left_out, left_out.unmatched.absent) == (("MonthlyCharges",), ("tenure",))
    used = match_header(SCHEMA, header, confirmed={"MonthlyCharges": 1})
    used.must_be_decided()
    assert (used.left_out, used.unmatched.absent) == ((), ("tenure",))


@pytest.mark.parametrize(
    ("header", "suggested"),
    [("Monthly ch. no.", ["MonthlyCharges"]), ("Monthly child", []), ("Monthly payments", [])],
    ids=["72 % alike", "69 % alike", "69 % alike, longer"],
)
def test_a_name_is_suggested_from_a_similarity_of_72_percent_on(header: str, suggested: list[str]) -> None:
    match = match_header(SCHEMA, ["Contract", "tenure", header])
    assert [guess.column for guess in match.suggestions] == suggested


def test_columns_unknown_to_the_model_are_extra() -> None:
    assert match_header(SCHEMA, ["Contract", "tenure", "MonthlyCharges", "Postcode"]).extra == ("Postcode",)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_matching_accepts_any_header_and_uses_each_position_once(header: list[str]) -> None:
    match = match_header(SCHEMA, header)
    positions = [own.position for own in match.matches]
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


def test_normalising_ignores_case_and_punctuation() -> None:
    assert normalise("Monthly_Charges ($)") == "monthlycharges"


def test_a_schema_names_each_column_once() -> None:
    with pytest.raises(ValueError, match="occurs twice"):
        CustomerSchema((Column("a", ColumnKind.NUMERIC), Column("a", ColumnKind.NUMERIC)))


def test_a_column_is_looked_up_by_name() -> None:
    assert SCHEMA.column("tenure").kind is ColumnKind.NUMERIC
    with pytest.raises(KeyError):
        SCHEMA.column("Tenure")


# --- guesses by content -------------------------------------------------------------------------------------------

TELECOM = CustomerSchema(
    columns=(
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "One year", "Two year"), importance=0.4),
        Column("PaymentMethod", ColumnKind.CATEGORICAL, ("Electronic check", "Mailed check"), importance=0.2),
        Column("OnlineSecurity", ColumnKind.CATEGORICAL, ("No", "Yes", "No internet service"), importance=0.1),
        Column("OnlineBackup", ColumnKind.CATEGORICAL, ("No", "Yes", "No internet service"), importance=0.05),
        Column("Partner", ColumnKind.BOOLEAN, ("No", "Yes"), importance=0.05),
        Column("MonthlyCharges", ColumnKind.NUMERIC, minimum=18.0, maximum=119.0, importance=0.2),
    ),
    id_column="customerID",
)


def guessed(header: list[str], *rows: list[str]) -> dict[str, str]:
    match = match_header(TELECOM, header, sample=rows)
    return {guess.column: guess.header for guess in match.suggestions}


def test_a_column_with_the_same_characteristic_levels_is_suggested() -> None:
    assert guessed(["Bindung", "x"], ["One year", "1"], ["month-to-month", "2"]) == {"Contract": "Bindung"}


def test_levels_that_several_columns_share_suggest_nothing_by_themselves() -> None:
    assert guessed(["Bindung", "Zusatz"], ["Yes", "No"], ["No", "No internet service"]) == {}


def test_a_similar_name_is_not_suggested_for_a_column_of_other_content() -> None:
    assert guessed(["PaymentMeth"], ["Electronic check"]) == {"PaymentMethod": "PaymentMeth"}
    assert guessed(["PaymentMonth"], ["2026-11"]) == {}


def test_a_vaguely_similar_name_is_suggested_if_its_numbers_are_in_range() -> None:
    assert guessed(["monthly_amount_charged"], ["$ 70.35"], ["29.85"]) == {"MonthlyCharges": "monthly_amount_charged"}
    assert guessed(["monthly_amount_charged"], ["none of it"], ["all of it"]) == {}


def test_a_column_called_like_an_id_is_suggested_as_the_id_when_its_values_differ() -> None:
    assert guessed(["Account No."], ["17"], ["18"]) == {"customerID": "Account No."}
    assert guessed(["Account No."], ["17"], ["17"]) == {}


@pytest.mark.parametrize(("columns", "compared"), [(5_000, 30_000), (50_000, 100_000)])
def test_thousands_of_unknown_column_names_are_not_compared_in_full(
    monkeypatch: pytest.MonkeyPatch, columns: int, compared: int
) -> None:
    """A comparison in full takes a hundred times as long as a glance at two names."""
    made: Counter[str] = Counter()

    class Counting(SequenceMatcher[str]):
        def real_quick_ratio(self) -> float:
            made["glances"] += 1
            return super().real_quick_ratio()

        def ratio(self) -> float:
            made["in full"] += 1
            return super().ratio()

    monkeypatch.setattr("domain.column_matching.SequenceMatcher", Counting)
    match_header(
        TELECOM,
        [f"measure_{place}_of_month" for place in range(columns)],
        sample=[[str(place % 90) for place in range(columns)]] * 2,
    )

    assert 0 < made["glances"] <= compared, "six columns of the model, and at most 100,000 pairs"
    assert made["in full"] <= 100


def test_a_repeated_name_that_is_not_needed_is_reported() -> None:
    match = match_header(SCHEMA, ["Contract", "tenure", "MonthlyCharges", "Note", "Note", "", ""])
    assert (match.repeated, match.ambiguous) == (("Note",), ())


def test_a_table_prefix_on_every_column_is_ignored() -> None:
    header_match = match_header(SCHEMA, ["crm.customer_id", "crm.contract", "crm.tenure"])
    assert {match.column: match.kind for match in header_match.matches} == {
        "customerID": MatchKind.NORMALISED,
        "Contract": MatchKind.NORMALISED,
        "tenure": MatchKind.NORMALISED,
    }
    assert match_header(SCHEMA, ["a.contract", "b.tenure"]).matches == ()
